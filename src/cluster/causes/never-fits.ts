import { amountOf } from '../objects/pod-resources.ts';
import { SCALING, type Sign } from './symptoms.ts';

/**
 * Whether a quota's own words show that a pod asks for more than the quota has in all, so that no pod that ends makes room:
 * `exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0` (apiserver's
 * plugin/resourcequota/controller.go of kubernetes/kubernetes).
 */
export function neverFitsQuota(words: string): boolean {
  const [, requested = '', limited = ''] = /requested: (\S+), used: \S+, limited: ([^\s.]\S*)/.exec(words) ?? [];
  const limits = quantitiesIn(limited);
  return [...quantitiesIn(requested)].some(([name, amount]) => amount > (limits.get(name) ?? Number.NaN));
}

/** Of `cpu=1,memory=2Gi`. */
function quantitiesIn(list: string): Map<string, number> {
  const entries = list.split(',').map((one): [string, number] => {
    const [name = '', quantity = ''] = one.split('=');
    return [name, amountOf(quantity)];
  });
  return new Map(entries);
}

/** What the scheduler says of nodes, and the end of a pod does not change (pkg/scheduler/framework/plugins). */
const LASTING = [
  /^Insufficient \S+$/,
  /^node\(s\) didn't match Pod's node affinity\/selector$/,
  /^node\(s\) had (untolerated )?taint \{(?<taint>[^}]*)\}(, that the pod didn't tolerate)?$/,
];

/** Taints of nodes that are on their way up or down. */
const PASSING_TAINT =
  /^node\.kubernetes\.io\/|^node\.cloudprovider\.kubernetes\.io\/|^karpenter\.sh\/|not-ready|initializ|startup|autoscaler|upgrad/i;

/**
 * Whether the scheduler's own words show that none of the nodes takes a pod, even an empty one: preemption helps on none, for a
 * reason that lasts (pkg/scheduler/framework/preemption of kubernetes/kubernetes). Not where an autoscaler adds a node.
 */
export function neverFitsNodes(words: string, signs: readonly Sign[]): boolean {
  const {
    nodes = '',
    reasons = '',
    helpless,
  } = /\b0\/(?<nodes>\d+) nodes are available: (?<reasons>.*?)\. .*preemption: 0\/\d+ nodes are available: (?<helpless>\d+) Preemption is not helpful for scheduling/.exec(
    words,
  )?.groups ?? {};
  return (
    helpless === nodes &&
    reasons.split(/, (?=\d+ )/).every((reason) => isLasting(reason.replace(/^\d+ /, ''))) &&
    !signs.some(({ reason }) => SCALING.test(reason))
  );
}

function isLasting(reason: string): boolean {
  return LASTING.some((pattern) => {
    const found = pattern.exec(reason);
    return found !== null && !PASSING_TAINT.test(found.groups?.taint ?? '');
  });
}
