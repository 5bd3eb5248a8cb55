/**
 * The story of provisioning: from an instance's name to its Argo CD Application. Read it from top to bottom; every step
 * leaves behind what a later run can pick up from.
 */
import { preflightAccess } from './cluster/access.ts';
import { applyApplication, repositoryUrlsInUse } from './cluster/application.ts';
import { deleteTemporaryObjects, endEarlierRuns } from './cluster/cleanup.ts';
import { Cluster } from './cluster/client.ts';
import { acquireLease, type HeldLease } from './cluster/lease.ts';
import { ARGOCD_NAMESPACE, type Kind, leaseName } from './cluster/names.ts';
import { applyNamespace, readyNamespace } from './cluster/namespace.ts';
import { deletePasswordSecret, verifiedPassword } from './cluster/password-secret.ts';
import { prepareNamespace } from './cluster/prepare.ts';
import { REQUIRED_KINDS, requiredAccess } from './cluster/required-access.ts';
import { deleteSeed, storedSeed, storeSeed } from './cluster/seed-secret.ts';
import { type SubmittedWorkflow, submitWorkflows } from './cluster/submit.ts';
import { awaitSuccess, type FinishedWorkflow, readResources } from './cluster/success.ts';
import { workOf } from './cluster/work.ts';
import { endRun } from './end-run.ts';
import { together } from './errors.ts';
import { repositoryUrl } from './instance/application.ts';
import { commitMessage, type FilesToWrite, filesByPath, filesToWrite, keysToSet } from './instance/changes.ts';
import { secretsOf } from './instance/complete.ts';
import { instanceApplication, instancePaths, type Plan, type PlanContext, planInstance } from './instance/plan.ts';
import { Seed } from './instance/seed.ts';
import { describePlan, describePush, reportOf } from './narration.ts';
import type { Progress } from './progress.ts';
import type { ProvisionReport } from './report.ts';
import { Blueprints } from './repository/blueprints.ts';
import { ClusterRepository, type PushResult } from './repository/cluster-repository.ts';
import { newOnly, readInstanceFiles, withMissing } from './repository/instance-files.ts';
import type { Tip } from './repository/tip.ts';
import type { ProvisionRequest } from './request.ts';

/** What every step after the preflight works with. */
interface Run {
  readonly request: ProvisionRequest;
  readonly progress: Progress;
  readonly cluster: Cluster;
  readonly repository: ClusterRepository;
  readonly context: PlanContext;
  /** What a new instance's files are made from. */
  readonly blueprints: Blueprints;
  /** The seed of this run, where none is stored: 32 bytes. */
  readonly freshSeed: Uint8Array;
}

/**
 * Provisions one instance. However it ends, no pod of its own runs and no temporary Secret of its own is left
 * afterwards, unless the process is killed or another run has taken over: then the next run sees to that.
 *
 * @param signal cancels the run
 * @throws LaunchpadError, or an AggregateError of several
 */
export async function provision(
  request: ProvisionRequest,
  progress: Progress,
  signal: AbortSignal,
): Promise<ProvisionReport> {
  const cluster = await Cluster.connect(request.cluster, {
    onRequest: (line) => progress.debug(line),
    onRetry: (line) => progress.info(line),
  });
  try {
    const run = await progress.phase('Check cluster and repository', () =>
      preflight(cluster, request, progress, signal),
    );
    request.onStarted?.();
    const lease = await progress.phase('Take the lease', () => takeLease(run, signal));
    try {
      return await provisionUnderLease(run, AbortSignal.any([signal, lease.signal]));
    } finally {
      if (!lease.signal.aborted) await endRun(cluster, request, progress);
      await lease.release();
    }
  } finally {
    await cluster.close();
  }
}

async function provisionUnderLease(run: Run, signal: AbortSignal): Promise<ProvisionReport> {
  const { progress } = run;
  const reading = await progress.phase('Read the instance', () => readUnderLease(run, signal));
  const started = await progress.phase('Prepare the namespace and start the workflows', () =>
    start(run, reading, signal),
  );
  const finished = await progress.phase('Wait for the workflows', () => waitForSuccess(run, started, signal));
  const recorded = await progress.phase('Record the instance', () => record(run, started, finished, signal));
  await progress.phase('Create the Application', () => createApplication(run, recorded, signal));
  const resources = await readResources(run.cluster, run.request.instance, finished);
  return reportOf(run.request.settings, started.plan, { finished, resources, ...recorded });
}

/** Step 1: everything that can be found out, and found wrong, before anything is touched. */
async function preflight(
  cluster: Cluster,
  request: ProvisionRequest,
  progress: Progress,
  signal: AbortSignal,
): Promise<Run> {
  const { instance, settings, timeoutMs } = request;
  progress.info(`Cluster: ${cluster.server}`);
  const [, { repository, tip }] = await together([
    preflightAccess(cluster, { kinds: REQUIRED_KINDS, checks: requiredAccess(instance) }),
    openRepository(request, progress),
  ]);
  signal.throwIfAborted();
  const isRecorded = await tip.exists(instancePaths(settings, instance).directory);
  const onLine = (line: string) => progress.info(line);
  await readyNamespace(cluster, instance, { isRecorded, waitMs: timeoutMs, signal, onLine });
  const context = await planContext(request, cluster, tip);
  const blueprints = new Blueprints(request.creation.source, {
    instancesDirectory: settings.instancesDirectory,
    environment: request.repository.environment,
  });
  const run = { request, progress, cluster, repository, context, blueprints, freshSeed: Seed.random().bytes };
  await readPlan(run, tip);
  return run;
}

async function openRepository({ instance, settings, repository: options }: ProvisionRequest, progress: Progress) {
  const repository = await ClusterRepository.open({ ...options, onLine: (line) => progress.info(line) });
  const tip = await repository.fetchTip();
  progress.info(`Cluster repository: ${repository.remoteUrl}, branch ${options.branch} at ${tip.commit.slice(0, 7)}`);
  const paths = instancePaths(settings, instance);
  await together([repository.requireCommitted([paths.config, paths.application], tip), repository.checkPush(tip)]);
  return { repository, tip };
}

async function planContext(request: ProvisionRequest, cluster: Cluster, tip: Tip): Promise<PlanContext> {
  const { instance, settings, repository, hosted, assets, creation } = request;
  // An application.yml that is there has its URL; the others are asked only where one is to be made.
  const isNew =
    request.repositoryUrl === undefined && !(await tip.exists(instancePaths(settings, instance).application));
  const others = isNew ? await repositoryUrlsInUse(cluster) : [];
  return {
    name: instance,
    settings,
    branch: repository.branch,
    templates: assets.instance,
    creation,
    hosted,
    repositoryUrl: request.repositoryUrl ?? repositoryUrl({ ...hosted, others }),
  };
}

/** A plan and what it was made from; `stored` tells whether the seed lies in the cluster already. */
interface Reading {
  readonly plan: Plan;
  readonly seed: Seed;
  readonly stored: boolean;
}

/** Plans what is to be done from the files of one commit and the stored seed, if there is one; changes nothing. */
async function readPlan(run: Run, tip: Tip): Promise<Reading> {
  const { request, progress, cluster, context, blueprints, freshSeed } = run;
  const { instance, settings } = request;
  const [files, bytes] = await together([
    readInstanceFiles(tip, settings.instancesDirectory, instance).then((found) => withMissing(found, blueprints, tip)),
    storedSeed(cluster, instance),
  ]);
  const seed = Seed.from(bytes ?? freshSeed);
  const plan = planInstance(files, seed, context);
  for (const secret of secretsOf(plan.instance)) progress.secret(secret);
  return { plan, seed, stored: bytes !== undefined };
}

/** Step 2: from here on no other run works on this instance. */
async function takeLease({ request, progress, cluster }: Run, signal: AbortSignal): Promise<HeldLease> {
  const { instance, run, timeoutMs } = request;
  return await acquireLease(cluster, {
    name: leaseName(instance),
    namespace: ARGOCD_NAMESPACE,
    holder: run.id,
    description: run.url ?? run.id,
    waitMs: timeoutMs,
    onWaiting: (line) => progress.info(line),
    signal,
  });
}

/** Still step 2: what earlier runs left is ended, and the instance is read once more, as it may have changed since. */
async function readUnderLease(run: Run, signal: AbortSignal): Promise<Reading> {
  const { request, progress, cluster, repository } = run;
  const { instance, timeoutMs } = request;
  const [reading] = await together([
    repository.fetchTip().then((tip) => readPlan(run, tip)),
    endEarlierRuns(cluster, instance, request.run.id, {
      limitMs: timeoutMs,
      signal,
      onLine: (line) => progress.info(line),
    }),
  ]);
  signal.throwIfAborted();
  progress.info(describePlan(reading.plan));
  return reading;
}

/** The Workflows of a run, and the plan whose values they were given. */
interface Started {
  readonly plan: Plan;
  readonly workflows: readonly SubmittedWorkflow[];
}

/** Step 3: the namespace and all that stands in it; made-up values are stored before anything is given them. */
async function start(run: Run, reading: Reading, signal: AbortSignal): Promise<Started> {
  const { request, progress, cluster } = run;
  const { instance, settings, assets, timeoutMs } = request;
  await applyNamespace(cluster, instance);
  const plan = await keepSeed(run, reading);
  await prepareNamespace(cluster, {
    instance,
    registry: settings.registry,
    manifests: [assets.rbac, ...Object.values(assets.workflowTemplates)],
  });
  signal.throwIfAborted();
  const works = workOf(plan.instance, settings, request.run.id, assets.provisioners);
  const workflows = await submitWorkflows(cluster, works, settings.provisionerImage, Math.ceil(timeoutMs / 1000));
  for (const { kind, name } of workflows) progress.info(`Workflow ${name} started (${kind})`);
  return { plan, workflows };
}

/** Stores the seed if a value came from it. If there is one after all, that one counts and the plan is made again. */
async function keepSeed(run: Run, { plan, seed, stored }: Reading): Promise<Plan> {
  const { instance } = run.request;
  if (stored || !seed.used || (await storeSeed(run.cluster, instance, seed.bytes))) return plan;
  const bytes = await storedSeed(run.cluster, instance);
  if (bytes === undefined) return await keepSeed(run, { plan, seed, stored });
  return planInstance(plan.files, Seed.from(bytes), run.context);
}

/** Step 4, and step 5 where one of them fails: what went wrong is explained, and nothing is committed. */
async function waitForSuccess({ request, progress, cluster }: Run, started: Started, signal: AbortSignal) {
  const { instance, timeoutMs } = request;
  const finished = await awaitSuccess(cluster, instance, started.workflows, {
    run: request.run.id,
    timeoutMs,
    signal,
    progress,
  });
  await deleteTemporaryObjects(cluster, instance, { only: request.run.id });
  return finished;
}

/** What the cluster repository holds now. */
interface Recorded {
  readonly push: PushResult;
  readonly files: FilesToWrite;
  /** Keys of config.yml that were set. */
  readonly keys: readonly string[];
}

/** Steps 6 and 7: the files are pushed; only then what they were kept in is deleted. */
async function record(
  run: Run,
  { plan, workflows }: Started,
  finished: readonly FinishedWorkflow[],
  signal: AbortSignal,
): Promise<Recorded> {
  const { request, progress, cluster, repository, context } = run;
  const { instance, settings } = request;
  const paths = instancePaths(settings, instance);
  const mongodb = workflows.find(({ kind }) => kind === 'mongodb');
  const password = await verifiedPassword(cluster, instance, mongodb?.uid ?? '');
  progress.secret(password);
  const connectionOf = (kind: Kind) => finished.find((workflow) => workflow.kind === kind)?.connection;
  const found = { mongodbPassword: password, mysql: connectionOf('mysql'), mongodb: connectionOf('mongodb') };
  signal.throwIfAborted();
  let files: FilesToWrite = { config: plan.config.bytes, application: plan.application, others: new Map() };
  let written: ReadonlyMap<string, Uint8Array> = new Map();
  const push = await repository.push({
    message: commitMessage(plan, request.run.url),
    build: async (tip) => {
      signal.throwIfAborted();
      const newest = await readInstanceFiles(tip, settings.instancesDirectory, instance);
      files = filesToWrite(plan, newest, found, context);
      written = new Map([...filesByPath(files, paths), ...(await newOnly(files.others, paths.directory, tip))]);
      return written;
    },
  });
  const keys = push.kind === 'pushed' ? keysToSet(plan, found) : [];
  progress.info(describePush(push, request.repository.branch, keys));
  await repository.copyToTree(written);
  await together([deletePasswordSecret(cluster, instance), deleteSeed(cluster, instance)]);
  return { push, files, keys };
}

/** Step 8: Argo CD finds the commit when it looks. */
async function createApplication(run: Run, { files }: Recorded, signal: AbortSignal): Promise<void> {
  const { request, progress, cluster, context } = run;
  signal.throwIfAborted();
  const application = instanceApplication(files.application, context);
  await applyApplication(cluster, request.instance, application);
  progress.info(`Application ${application.metadata.name} applied in namespace ${ARGOCD_NAMESPACE}`);
}
