/**
 * Step 1 of a run, and all that a dry run needs before it: everything of one instance that can be found out, and found
 * wrong, before anything is touched.
 */
import type { AccessCheck } from '../cluster/api/access.ts';
import type { Cluster } from '../cluster/api/client.ts';
import { readApplication } from '../cluster/argocd/application.ts';
import { readyNamespace } from '../cluster/namespace/namespace.ts';
import { storedSeed } from '../cluster/namespace/seed-secret.ts';
import { together } from '../core/concurrency.ts';
import type { Progress } from '../core/progress.ts';
import { parseApplication, repositoryUrl } from '../instance/application/application.ts';
import type { Companions } from '../instance/companions.ts';
import { secretsOf } from '../instance/complete.ts';
import { requireOwnSandbox, strayRevision } from '../instance/guards/preview.ts';
import { Seed } from '../instance/new/seed.ts';
import { applicationName, instancePaths, type Plan, type PlanContext, planInstance } from '../instance/plan.ts';
import type { Blueprints } from '../repository/blueprints.ts';
import type { ClusterRepository, Tips } from '../repository/cluster-repository.ts';
import { readInstanceFiles, withMissing } from '../repository/instance-files.ts';
import type { ProvisionRequest } from './request.ts';
import type { Surroundings } from './session.ts';

/** What every step after the preflight works with. */
export interface Run {
  readonly request: ProvisionRequest;
  readonly progress: Progress;
  readonly cluster: Cluster;
  readonly repository: ClusterRepository;
  readonly context: PlanContext;
  /** What a new instance's files are made from. */
  readonly blueprints: Blueprints;
  /** The other instances that the process works on. */
  readonly companions: Companions;
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
  surroundings: Surroundings,
  request: ProvisionRequest,
  { checks, progress, signal }: PreflightOptions,
): Promise<{ run: Run; reading: Reading }> {
  const { cluster, tips } = surroundings;
  await requireFit(surroundings, request, checks);
  await awaitNamespace({ cluster, request, progress }, tips, signal);
  const run = await runOf(surroundings, request, progress);
  const reading = await readPlan(run, tips);
  warnOfStrayRevision(reading.plan, run.context, progress);
  return { run, reading };
}

/** The permissions, and that the caller's tree holds no change of the instance that would be lost. */
export async function requireFit(
  { cluster, repository, permissions, tips }: Surroundings,
  { instance, settings }: ProvisionRequest,
  checks: readonly AccessCheck[],
): Promise<void> {
  const { config, application } = instancePaths(settings, instance);
  await together([permissions.require(cluster, checks), repository.requireCommitted([config, application], tips.tip)]);
}

/** Requires that the namespace is the instance's to use, or waits until one that is being deleted is gone. */
export async function awaitNamespace(
  { cluster, request, progress }: Pick<Run, 'cluster' | 'request' | 'progress'>,
  { base }: Tips,
  signal: AbortSignal,
): Promise<void> {
  const { instance, settings, timeoutMs } = request;
  const isRecorded = await base.exists(instancePaths(settings, instance).directory);
  const onLine = (line: string) => progress.info(line);
  await readyNamespace(cluster, instance, { isRecorded, waitMs: timeoutMs, signal, onLine });
}

/** What the steps that follow work with. */
export async function runOf(surroundings: Surroundings, request: ProvisionRequest, progress: Progress): Promise<Run> {
  const { cluster, repository, blueprints, companions } = surroundings;
  const context = await planContext(request, surroundings);
  return { request, progress, cluster, repository, context, blueprints, companions, freshSeed: Seed.random().bytes };
}

function warnOfStrayRevision({ application }: Plan, context: PlanContext, progress: Progress): void {
  const { name, settings, sandbox, branch } = context;
  if (sandbox === undefined) return;
  const written = parseApplication(application, instancePaths(settings, name).application);
  const stray = strayRevision(written, sandbox, branch);
  if (stray !== undefined) progress.warning(stray);
}

async function planContext(
  request: ProvisionRequest,
  { cluster, repository, urlsInUse, tips }: Pick<Surroundings, 'cluster' | 'repository' | 'urlsInUse' | 'tips'>,
): Promise<PlanContext> {
  const { instance, settings, hosted, assets, creation } = request;
  // An application.yml that is there has its URL; the others are asked only where one is to be made.
  const isNew =
    request.repositoryUrl === undefined && !(await tips.tip.exists(instancePaths(settings, instance).application));
  const others = isNew ? await urlsInUse() : [];
  const context: PlanContext = {
    name: instance,
    settings,
    branch: repository.target,
    sandbox: request.isSandbox ? { branch: repository.branch } : undefined,
    templates: assets.instance,
    creation,
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
  { name, settings, sandbox, repositoryUrl }: PlanContext,
): Promise<void> {
  if (sandbox === undefined) return;
  const existing = await readApplication(cluster, applicationName(name, settings));
  if (existing !== undefined) requireOwnSandbox(name, existing.spec, sandbox, repositoryUrl);
}

/** A plan and what it was made from; `stored` tells whether the seed lies in the cluster already. */
export interface Reading {
  readonly plan: Plan;
  readonly seed: Seed;
  readonly stored: boolean;
}

/** Plans what is to be done from the files of these commits and the stored seed, if there is one; changes nothing. */
export async function readPlan(run: Run, tips: Tips): Promise<Reading> {
  const { request, progress, cluster, context, blueprints, companions, freshSeed } = run;
  const { instance, settings } = request;
  const [files, bytes] = await together([
    readInstanceFiles(tips, settings.instancesDirectory, instance).then((found) =>
      withMissing(found, blueprints, tips.tip),
    ),
    storedSeed(cluster, instance),
  ]);
  const seed = Seed.from(bytes ?? freshSeed);
  const others = [...files.others, ...companions.othersThan(instance)];
  const plan = planInstance({ ...files, others }, seed, context);
  companions.add(plan);
  for (const secret of [...secretsOf(plan.instance), ...seed.passwords]) progress.secret(secret);
  return { plan, seed, stored: bytes !== undefined };
}
