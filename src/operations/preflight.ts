/** Step 1 of every run and dry run: all that can be found out, and found wrong, before the run touches anything. */

import type { AccessCheck } from '../cluster/api/access.ts';
import type { Cluster } from '../cluster/api/client.ts';
import { readApplication } from '../cluster/argocd/application.ts';
import type { Namespaces } from '../cluster/namespace/namespaces.ts';
import type { StepWatches } from '../cluster/workflows/step-watches.ts';
import { settleAll } from '../core/concurrency.ts';
import type { Progress } from '../core/progress.ts';
import { repositoryUrl } from '../instance/application/application.ts';
import { type Neighbour, readNeighbours } from '../instance/guards/neighbour-guards.ts';
import { requireOwnPreview } from '../instance/guards/preview.ts';
import { keysOfValues } from '../instance/new/options.ts';
import { Seed } from '../instance/new/seed.ts';
import type { OtherInstances } from '../instance/other-instances.ts';
import { applicationName, type InstanceFiles, instancePaths, type PlanContext } from '../instance/plan.ts';
import type { BranchHeads, ClusterRepository } from '../repository/cluster-repository.ts';
import type { TemplateSources } from '../repository/template-sources.ts';
import type { ProvisionRequest } from './request.ts';
import type { Session } from './session.ts';

/** What every step after the preflight works with. */
export interface Run {
  readonly request: ProvisionRequest;
  readonly progress: Progress;
  readonly cluster: Cluster;
  readonly namespaces: Namespaces;
  readonly watches: StepWatches;
  readonly repository: ClusterRepository;
  readonly context: PlanContext;
  /** What a new instance's files are made from. */
  readonly templateSources: TemplateSources;
  /** The other instances of this run. */
  readonly otherInstances: OtherInstances;
  /** The seed of this run if none is stored: 32 bytes. */
  readonly freshSeed: Uint8Array;
}

interface CheckOptions<T> {
  /** What the user of the kubeconfig must be allowed to do. */
  readonly checks: readonly AccessCheck[];
  readonly progress: Progress;
  /** Reads the instance; it does the same again under the Lease. */
  readonly read: (run: Run, heads: BranchHeads) => Promise<T>;
}

/**
 * Checks the permissions, that the caller's tree holds no change of the instance that would be lost, and the instance
 * itself. Touches nothing.
 *
 * @returns what the following steps work with, and what `read` found
 * @throws LaunchpadError, or an AggregateError of several
 */
export async function check<T>(
  session: Session,
  asked: ProvisionRequest,
  { checks, progress, read }: CheckOptions<T>,
): Promise<{ run: Run; reading: T }> {
  const { cluster, namespaces, watches, repository, templateSources, otherInstances, permissions, heads, argo } =
    session;
  const request = { ...asked, conventions: { ...asked.conventions, argo } };
  const { config, application } = instancePaths(request.settings, request.instance);
  await settleAll([
    permissions.require(cluster, checks),
    repository.requireCommitted([config, application], heads.head),
  ]);
  const context = await planContext(request, session);
  const freshSeed = Seed.random().bytes;
  const shared = { cluster, namespaces, watches, repository, templateSources, otherInstances };
  const run = { ...shared, request, progress, context, freshSeed };
  return { run, reading: await read(run, heads) };
}

/** Those of the cluster's instances that the repository does not have. */
export function onlyInCluster(
  inCluster: readonly string[] | undefined,
  { others }: Pick<InstanceFiles, 'others'>,
  instance: string,
): Neighbour[] {
  const known = new Set([instance, ...others.map(({ name }) => name)]);
  const unknown = (inCluster ?? []).filter((name) => !known.has(name));
  return readNeighbours(unknown.map((name) => ({ name, bytes: undefined, isInCluster: true })));
}

/** The options of a wait: up to the run's time limit, with its lines in the log. */
export function waitOptions({ request, progress }: Run, signal: AbortSignal) {
  return { waitMs: request.timeoutMs, signal, onLine: (line: string) => progress.info(line) };
}

async function planContext(
  request: ProvisionRequest,
  { cluster, repository, urlsInUse, heads }: Session,
): Promise<PlanContext> {
  const { instance, settings, hosted, assets } = request;
  // An application.yml that exists has its URL; the other Applications are read only for a new one.
  const isNew =
    request.repositoryUrl === undefined && !(await heads.head.exists(instancePaths(settings, instance).application));
  const others = isNew ? await urlsInUse() : [];
  const context: PlanContext = {
    name: instance,
    settings,
    branch: repository.target,
    preview: request.isPreview ? { branch: repository.branch, project: request.previewProject } : undefined,
    templates: assets.instance,
    ...wishesOf(request),
    argocdNamespace: request.conventions.argocdNamespace,
    hosted,
    repositoryUrl: request.repositoryUrl ?? repositoryUrl({ ...hosted, others }),
  };
  await requireFreeName(cluster, context);
  return context;
}

/** How a new instance's files are created, or what is changed in those of an existing one. */
function wishesOf({ operation, newInstance }: ProvisionRequest): Pick<PlanContext, 'newInstance' | 'changes'> {
  if (operation !== 'configure') return { newInstance };
  return { changes: new Map([...keysOfValues(newInstance.values), ...newInstance.config]) };
}

/** A preview must not change or delete an Application of the same name that is in use, even if the base branch lacks it. */
async function requireFreeName(
  cluster: Cluster,
  { name, settings, preview, repositoryUrl }: PlanContext,
): Promise<void> {
  if (preview === undefined) return;
  const existing = await readApplication(cluster, applicationName(name, settings));
  if (existing !== undefined) requireOwnPreview(name, existing.spec, preview, repositoryUrl);
}
