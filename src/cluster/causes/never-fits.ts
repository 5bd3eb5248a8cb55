import { amountOf } from '../objects/pod-resources.ts';
import { SCALING, type Sign } from './symptoms.ts';

/**
 * 0 where a quota's own words show that a pod asks for more than the quota has in all, so that no pod that ends makes room:
 * `exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0` (plugin/resourcequota of kubernetes/apiserver).
 */
export function neverFitsQuota(words: string): 0 | undefined {
  const [, requested = '', limited = ''] = /requested: (\S+), used: \S+, limited: (\S+)/.exec(words) ?? [];
  const limits = quantitiesIn(limited.replace(/\.$/, ''));
  const isMore = [...quantitiesIn(requested)].some(([name, amount]) => amount > (limits.get(name) ?? Number.NaN));
  return isMore ? 0 : undefined;
}

/** Of `cpu=1,memory=2Gi`. */
function quantitiesIn(list: string): Map<string, number> {
  const entries = list.split(',').map((one): [string, number] => {
    const [name = '', quantity = ''] = one.split('=');
    return [name, amountOf(quantity)];
  });
  return new Map(entries);
}

/** In which an autoscaler says that it adds a node: it looks every 10 s. */
const SCALE_UP_MS = 60_000;
/** In which a node that starts loses the taint of one that is not ready. */
const NODE_READY_MS = 180_000;

/** What the scheduler says of nodes, and the end of a pod does not change (pkg/scheduler/framework/plugins). */
const LASTING = [
  /^Insufficient \S+$/,
  /^node\(s\) didn't match Pod's node affinity\/selector$/,
  /^node\(s\) had (untolerated )?taint \{(?<taint>[^}]*)\}(, that the pod didn't tolerate)?$/,
];

/** Newer schedulers do not name the taints, which may be those of a node on its way. */
const UNNAMED_TAINT = /^node\(s\) had untolerated taint\(s\)$/;

/** Taints of nodes that are on their way up or down. */
const PASSING_TAINT =
  /^node\.kubernetes\.io\/|^node\.cloudprovider\.kubernetes\.io\/|^karpenter\.sh\/|not-ready|initializ|startup|autoscaler|upgrad/i;

/**
 * Milliseconds, where the scheduler's own words show that none of the nodes takes a pod, even an empty one: preemption helps
 * on none, for a reason that lasts (pkg/scheduler/framework/preemption of kubernetes/kubernetes). Undefined where a pod that
 * ends may make room, or an autoscaler adds a node.
 */
export function neverFitsNodes(words: string, signs: readonly Sign[]): number | undefined {
  // `0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 Preemption is not helpful …`
  const [start = '', found = '', preemption = ''] = words.split(' nodes are available: ');
  const nodes = /\b0\/(\d+)$/.exec(start)?.[1];
  const helpless = /^(\d+) Preemption is not helpful for scheduling/.exec(preemption)?.[1];
  if (nodes === undefined || nodes !== helpless) return undefined;
  if (signs.some(({ reason }) => SCALING.test(reason))) return undefined;
  const [list = ''] = found.split('. ', 1);
  const reasons = list.split(/, (?=\d+ )/).map((reason) => reason.replace(/^\d+ /, ''));
  const others = reasons.filter((reason) => !isLasting(reason));
  if (!others.every((reason) => UNNAMED_TAINT.test(reason))) return undefined;
  return others.length > 0 ? NODE_READY_MS : SCALE_UP_MS;
}

function isLasting(reason: string): boolean {
  return LASTING.some((pattern) => {
    const found = pattern.exec(reason);
    return found !== null && !PASSING_TAINT.test(found.groups?.taint ?? '');
  });
}
