import { Memo, mapConcurrently } from '../../core/concurrency.ts';
import { LaunchpadError } from '../../core/errors.ts';
import type { KubeObject } from '../objects/objects.ts';
import type { Cluster } from './client.ts';
import { ClusterError } from './errors.ts';

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

/** Reviews at the same time. */
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
 * The permissions of the user of the kubeconfig, for all runs of one process. What is granted in all namespaces is listed
 * once. Each other permission is asked for once: first in all namespaces, then, if it is not granted there, in the one
 * namespace.
 */
export class Permissions {
  readonly #answers = new Memo<boolean>();
  readonly #rules = new Memo<readonly Rule[]>();

  /** Lists what is granted in all namespaces, so that the first run need not wait for it. */
  async list(cluster: Cluster): Promise<void> {
    await this.#rulesEverywhere(cluster);
  }

  /**
   * Asks the cluster whether it allows everything that a run needs; changes nothing.
   *
   * @throws LaunchpadError `access-denied` with every permission that is missing
   */
  async require(cluster: Cluster, checks: readonly AccessCheck[]): Promise<void> {
    const rules = await this.#rulesEverywhere(cluster);
    const answers = await mapConcurrently(
      checks,
      PARALLEL,
      async (check) => rules.some((rule) => grants(rule, check)) || (await this.#isAllowed(cluster, check)),
    );
    const denied = checks.filter((_, index) => answers[index] !== true);
    if (denied.length === 0) return;
    const user = await userName(cluster);
    const who = user === undefined ? 'The user of the kubeconfig' : `User ${user}`;
    throw new LaunchpadError(
      'access-denied',
      [`${who} is not allowed to:`, ...inWords(denied).map((line) => `  - ${line}`)].join('\n'),
      { remedy: `Grant the ClusterRole with all of it: ${grantingCommands(user ?? 'USER')}` },
    );
  }

  async #rulesEverywhere(cluster: Cluster): Promise<readonly Rule[]> {
    return await this.#rules.get('', () => rulesEverywhere(cluster));
  }

  async #isAllowed(cluster: Cluster, check: AccessCheck): Promise<boolean> {
    const { namespace: _, name: __, ...everywhere } = check;
    return (await this.#ask(cluster, everywhere)) || (await this.#ask(cluster, check));
  }

  /** Asks each question once, and again only if no answer came. */
  async #ask(cluster: Cluster, check: AccessCheck): Promise<boolean> {
    const key = JSON.stringify(check, Object.keys(check).sort());
    return await this.#answers.get(key, () => isAllowed(cluster, check));
  }
}

/** docs/rbac.yml, as kubectl reads it. */
const RBAC_URL = 'https://raw.githubusercontent.com/org/launchpad-provision/v1/docs/rbac.yml';

interface SelfReview extends KubeObject {
  readonly status?: { readonly userInfo?: { readonly username?: string } };
}

/**
 * Who the kubeconfig is to the cluster; undefined where it does not say, as before Kubernetes 1.28
 * (https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/self-subject-review-v1/).
 */
async function userName(cluster: Cluster): Promise<string | undefined> {
  const question = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const review = await cluster.ask<SelfReview>(question).catch(() => undefined);
  return review?.status?.userInfo?.username;
}

function grantingCommands(user: string): string {
  const [, account] = /^system:serviceaccount:([^:]+:[^:]+)$/.exec(user) ?? [];
  const subject = account === undefined ? `--user='${user}'` : `--serviceaccount=${account}`;
  return `kubectl apply -f ${RBAC_URL} && kubectl create clusterrolebinding launchpad-provision --clusterrole=launchpad-provision ${subject}`;
}

async function missingKinds(cluster: Cluster, required: readonly RequiredKind[]): Promise<RequiredKind[]> {
  const versions = [...new Set(required.map(({ apiVersion }) => apiVersion))];
  const served = new Map(
    await Promise.all(versions.map(async (version) => [version, await cluster.kinds(version)] as const)),
  );
  return required.filter(({ apiVersion, kind }) => served.get(apiVersion)?.has(kind) !== true);
}

/**
 * https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access; a review without a namespace
 * is for all of them, and one without a name for all names
 * (https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/).
 */
async function isAllowed(cluster: Cluster, check: AccessCheck): Promise<boolean> {
  const review = await cluster.ask<AccessReview>({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: check },
  });
  return review.status.allowed;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-rules-review-v1/ */
interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

interface RulesReview extends KubeObject {
  readonly status?: { readonly incomplete?: boolean; readonly resourceRules?: readonly Rule[] };
}

/** No namespace has a name with an underscore, so that in this one nothing is granted but what is granted in all. */
const NO_NAMESPACE = 'launchpad_provision';

/** What is granted in all namespaces; nothing where the cluster does not know all of it, as with a webhook that decides. */
async function rulesEverywhere(cluster: Cluster): Promise<readonly Rule[]> {
  const question = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectRulesReview',
    spec: { namespace: NO_NAMESPACE },
  };
  try {
    const { status } = await cluster.ask<RulesReview>(question);
    return status?.incomplete === false ? (status.resourceRules ?? []) : [];
  } catch (error) {
    if (error instanceof ClusterError && [400, 403, 404, 405, 422].includes(error.status)) return [];
    throw error;
  }
}

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources; rules of some names do not count. */
function grants(rule: Rule, { verb, group, resource, subresource }: AccessCheck): boolean {
  const { verbs, apiGroups = [], resources = [], resourceNames = [] } = rule;
  const has = (listed: readonly string[], one: string) => listed.includes('*') || listed.includes(one);
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  return has(verbs, verb) && has(apiGroups, group) && has(resources, what) && resourceNames.length === 0;
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
