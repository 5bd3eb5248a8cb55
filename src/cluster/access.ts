import { LaunchpadError } from '../errors.ts';
import type { Cluster } from './client.ts';
import type { KubeObject } from './objects.ts';

/** Something that the run must be allowed to do, in the terms of an access review. */
export interface AccessCheck {
  readonly verb: string;
  /** API group; empty for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** A kind that must be served, and what to do where it is not. */
export interface RequiredKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly remedy: string;
}

interface AccessReview extends KubeObject {
  readonly status: { readonly allowed: boolean };
}

/** Reviews under way at one time. */
const PARALLEL = 12;

/**
 * Asks the cluster whether it serves every kind that the run needs; changes nothing.
 *
 * @throws LaunchpadError `cluster-not-ready` with every kind that is missing
 */
export async function requireKinds(cluster: Cluster, kinds: readonly RequiredKind[]): Promise<void> {
  const missing = await missingKinds(cluster, kinds);
  if (missing.length === 0) return;
  const names = missing.map(({ kind, apiVersion }) => `${kind} (${apiVersion})`);
  throw new LaunchpadError('cluster-not-ready', `The cluster ${cluster.server} does not serve ${names.join(', ')}.`, {
    remedy: [...new Set(missing.map(({ remedy }) => remedy))].join(' '),
  });
}

/**
 * Asks the cluster whether it allows everything that the run needs; changes nothing.
 *
 * @throws LaunchpadError `access-denied` with every permission that is missing
 */
export async function requireAccess(cluster: Cluster, checks: readonly AccessCheck[]): Promise<void> {
  const denied = await deniedChecks(cluster, checks);
  if (denied.length === 0) return;
  throw new LaunchpadError(
    'access-denied',
    ['The user of the kubeconfig is not allowed to:', ...inWords(denied).map((line) => `  - ${line}`)].join('\n'),
    {
      remedy: 'Grant these permissions to that user; docs/rbac.yml of the action has a ClusterRole with all of them.',
    },
  );
}

async function missingKinds(cluster: Cluster, required: readonly RequiredKind[]): Promise<RequiredKind[]> {
  const versions = [...new Set(required.map(({ apiVersion }) => apiVersion))];
  const served = new Map(
    await Promise.all(versions.map(async (version) => [version, await cluster.kinds(version)] as const)),
  );
  return required.filter(({ apiVersion, kind }) => served.get(apiVersion)?.has(kind) !== true);
}

async function deniedChecks(cluster: Cluster, checks: readonly AccessCheck[]): Promise<AccessCheck[]> {
  const queue = [...checks];
  const denied: AccessCheck[] = [];
  const work = async () => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      if (!(await isAllowed(cluster, check))) denied.push(check);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return checks.filter((check) => denied.includes(check));
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access */
async function isAllowed(cluster: Cluster, check: AccessCheck): Promise<boolean> {
  const review = await cluster.ask<AccessReview>({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: check },
  });
  return review.status.allowed;
}

/** One line for each resource, with its verbs. */
function inWords(denied: readonly AccessCheck[]): string[] {
  const verbs = new Map<string, string[]>();
  for (const { verb, group, resource, subresource, namespace } of denied) {
    const what = `${resource}${subresource === undefined ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`;
    const where = namespace === undefined ? 'in the cluster' : `in namespace ${namespace}`;
    const key = `${what} ${where}`;
    verbs.set(key, [...(verbs.get(key) ?? []), verb]);
  }
  return [...verbs].map(([what, names]) => `${names.join(', ')} ${what}`);
}
