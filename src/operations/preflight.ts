/**
 * Step 1 of a run, and all that a dry run needs before it: everything of one instance that can be found out, and found
 * wrong, before anything is touched.
 */
import type { AccessCheck } from '../cluster/api/access.ts';
import type { Cluster } from '../cluster/api/client.ts';
import { readApplication } from '../cluster/argocd/application.ts';
import { readyNamespace } from '../cluster/namespace/namespace.ts';
import { storedSeed } from '../cluster/namespace/seed-secret.ts';
import { settleAll } from '../core/concurrency.ts';
import type { Progress } from '../core/progress.ts';
import { parseApplication, repositoryUrl } from '../instance/application/application.ts';
import { secretsOf } from '../instance/complete.ts';
import { requireOwnPreview, strayRevision } from '../instance/guards/preview.ts';
import { Seed } from '../instance/new/seed.ts';
import type { OtherInstances } from '../instance/other-instances.ts';
import { applicationName, instancePaths, type Plan, type PlanContext, planInstance } from '../instance/plan.ts';
import type { BranchHeads, ClusterRepository } from '../repository/cluster-repository.ts';
import { readInstanceFiles, withMissing } from '../repository/instance-files.ts';
import type { TemplateSources } from '../repository/template-sources.ts';
import type { ProvisionRequest } from './request.ts';
import type { Session } from './session.ts';

/** What every step after the preflight works with. */
export interface Run {
  readonly request: ProvisionRequest;
  readonly progress: Progress;
  readonly cluster: Cluster;
  readonly repository: ClusterRepository;
  readonly context: PlanContext;
  /** What a new instance's files are made from. */
  readonly templateSources: TemplateSources;
  /** The other instances that the process works on. */
  readonly otherInstances: OtherInstances;
  /** The seed of this run, where none is stored: 32 bytes. */
  readonly freshSeed: Uint8Array;
}

export interface PreflightOptions {
  /** What the user of the kubeconfig must be allowed to do. */
  readonly checks: readonly AccessCheck[];
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Looks at the permissions, the namespace and the instance's files. Touches nothing.
 *
 * @throws LaunchpadError, or an AggregateError of several
 */
export async function preflight(
  session: Session,
  request: ProvisionRequest,
  { checks, progress, signal }: PreflightOptions,
): Promise<{ run: Run; reading: Reading }> {
  const { cluster, heads } = session;
  await requireFit(session, request, checks);
  await awaitNamespace({ cluster, request, progress }, heads, signal);
  const run = await runOf(session, request, progress);
  const reading = await readPlan(run, heads);
  warnOfStrayRevision(reading.plan, run.context, progress);
  return { run, reading };
}

/** The permissions, and that the caller's tree holds no change of the instance that would be lost. */
export async function requireFit(
  { cluster, repository, permissions, heads }: Session,
  { instance, settings }: ProvisionRequest,
  checks: readonly AccessCheck[],
): Promise<void> {
  const { config, application } = instancePaths(settings, instance);
  await settleAll([
    permissions.require(cluster, checks),
    repository.requireCommitted([config, application], heads.head),
  ]);
}

/** Requires that the namespace is the instance's to use, or waits until one that is being deleted is gone. */
export async function awaitNamespace(
  { cluster, request, progress }: Pick<Run, 'cluster' | 'request' | 'progress'>,
  { base }: BranchHeads,
  signal: AbortSignal,
): Promise<void> {
  const { instance, settings, timeoutMs } = request;
  const isRecorded = await base.exists(instancePaths(settings, instance).directory);
  const onLine = (line: string) => progress.info(line);
  await readyNamespace(cluster, instance, { isRecorded, waitMs: timeoutMs, signal, onLine });
}

/** What the steps that follow work with. */
export async function runOf(session: Session, request: ProvisionRequest, progress: Progress): Promise<Run> {
  const { cluster, repository, templateSources, otherInstances } = session;
  const context = await planContext(request, session);
  return {
    request,
    progress,
    cluster,
    repository,
    context,
    templateSources,
    otherInstances,
    freshSeed: Seed.random().bytes,
  };
}

function warnOfStrayRevision({ application }: Plan, context: PlanContext, progress: Progress): void {
  const { name, settings, preview, branch } = context;
  if (preview === undefined) return;
  const written = parseApplication(application, instancePaths(settings, name).application);
  const stray = strayRevision(written, preview, branch);
  if (stray !== undefined) progress.warning(stray);
}

async function planContext(
  request: ProvisionRequest,
  { cluster, repository, urlsInUse, heads }: Pick<Session, 'cluster' | 'repository' | 'urlsInUse' | 'heads'>,
): Promise<PlanContext> {
  const { instance, settings, hosted, assets, newInstance } = request;
  // An application.yml that is there has its URL; the others are asked only where one is to be made.
  const isNew =
    request.repositoryUrl === undefined && !(await heads.head.exists(instancePaths(settings, instance).application));
  const others = isNew ? await urlsInUse() : [];
  const context: PlanContext = {
    name: instance,
    settings,
    branch: repository.target,
    preview: request.isPreview ? { branch: repository.branch } : undefined,
    templates: assets.instance,
    newInstance,
    hosted,
    repositoryUrl: request.repositoryUrl ?? repositoryUrl({ ...hosted, others }),
  };
  await requireFreeName(cluster, context);
  return context;
}

/**
 * A sandbox may have the name of something that is in use, though not from the pull request's base branch: neither is that
 * one changed for it, nor is it taken down with it.
 */
async function requireFreeName(
  cluster: Cluster,
  { name, settings, preview, repositoryUrl }: PlanContext,
): Promise<void> {
  if (preview === undefined) return;
  const existing = await readApplication(cluster, applicationName(name, settings));
  if (existing !== undefined) requireOwnPreview(name, existing.spec, preview, repositoryUrl);
}

/** A plan and what it was made from; `stored` tells whether the seed lies in the cluster already. */
export interface Reading {
  readonly plan: Plan;
  readonly seed: Seed;
  readonly stored: boolean;
}

/** Plans what is to be done from the files of these commits and the stored seed, if there is one; changes nothing. */
export async function readPlan(run: Run, heads: BranchHeads): Promise<Reading> {
  const { request, progress, cluster, context, templateSources, otherInstances, freshSeed } = run;
  const { instance, settings } = request;
  const [files, bytes] = await settleAll([
    readInstanceFiles(heads, settings.instancesDirectory, instance).then((found) =>
      withMissing(found, templateSources, heads.head),
    ),
    storedSeed(cluster, instance),
  ]);
  const seed = Seed.from(bytes ?? freshSeed);
  const others = [...files.others, ...otherInstances.othersThan(instance)];
  const plan = planInstance({ ...files, others }, seed, context);
  otherInstances.add(plan);
  for (const secret of [...secretsOf(plan.instance), ...seed.passwords]) progress.secret(secret);
  return { plan, seed, stored: bytes !== undefined };
}
