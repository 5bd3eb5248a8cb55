/**
 * The story of provisioning: from an instance's name to its Argo CD Application. Read it from top to bottom; every step
 * leaves behind what a later run can pick up from.
 */
import { awaitSync, type Provisioned } from './await-sync.ts';
import { applyApplication } from './cluster/application.ts';
import { deleteTemporaryObjects, endEarlierRuns } from './cluster/cleanup.ts';
import type { Cluster } from './cluster/client.ts';
import { acquireLease, type HeldLease } from './cluster/lease.ts';
import { ARGOCD_NAMESPACE, type Kind, leaseName } from './cluster/names.ts';
import { applyNamespace } from './cluster/namespace.ts';
import { deletePasswordSecret, verifiedPassword } from './cluster/password-secret.ts';
import { prepareNamespace } from './cluster/prepare.ts';
import { requiredAccess } from './cluster/required-access.ts';
import { deleteSeed, storedSeed, storeSeed } from './cluster/seed-secret.ts';
import { type Submission, type SubmittedWorkflow, submitWorkflows } from './cluster/submit.ts';
import { awaitSuccess, type FinishedWorkflow } from './cluster/success.ts';
import { unfinishedRun } from './earlier-run.ts';
import { endRun } from './end-run.ts';
import { together } from './errors.ts';
import type { Application } from './instance/application.ts';
import { commitMessage, type FilesToWrite, filesByPath, filesToWrite, keysToSet } from './instance/changes.ts';
import { instanceApplication, instancePaths, type Plan, planInstance } from './instance/plan.ts';
import { Seed } from './instance/seed.ts';
import { describePlan, describePush, expectedResources, reportOf } from './narration.ts';
import { preflight, type Reading, type Run, readPlan } from './preflight.ts';
import type { Progress } from './progress.ts';
import type { ProvisionReport } from './report.ts';
import type { PushResult } from './repository/cluster-repository.ts';
import { newOnly, readInstanceFiles } from './repository/instance-files.ts';
import type { Tip } from './repository/tip.ts';
import type { ProvisionRequest } from './request.ts';
import { preparationOf, submissionOf } from './run-objects.ts';
import { startedNow } from './run-record.ts';
import type { Surroundings } from './surroundings.ts';
import { takeStock } from './take-stock.ts';
import { unheardIfCancelled } from './unheard.ts';

/**
 * Provisions one instance. However it ends, no pod of its own runs and no temporary Secret of its own is left
 * afterwards, unless the process is killed or another run has taken over: then the next run sees to that.
 *
 * @param surroundings what this run shares with those of other instances
 * @param signal cancels the run
 * @throws LaunchpadError, or an AggregateError of several
 */
export async function provision(
  request: ProvisionRequest,
  surroundings: Surroundings,
  progress: Progress,
  signal: AbortSignal,
): Promise<ProvisionReport> {
  const { cluster } = surroundings;
  const checks = requiredAccess(request.instance, request);
  const { run } = await progress.phase('Check the instance', () =>
    preflight({ ...surroundings, cluster: cluster.until(signal) }, request, { checks, progress, signal }),
  );
  request.onStarted?.();
  const provisioned = await underLease(run, cluster, signal);
  const sync = await awaitSync(run, provisioned, signal);
  return { ...provisioned.report, sync };
}

/** Steps 2 to 8. What keeps the Lease and cleans up goes on when the run is cancelled, all else stops. */
async function underLease(run: Run, cluster: Cluster, signal: AbortSignal): Promise<Provisioned> {
  const { request, progress } = run;
  const lease = await progress.phase('Take the lease', () => takeLease({ ...run, cluster }, signal));
  try {
    const stop = AbortSignal.any([signal, lease.signal]);
    return await provisionInstance({ ...run, cluster: cluster.until(stop) }, stop);
  } finally {
    if (!lease.signal.aborted) await endRun(cluster, request, progress);
    await lease.release();
    await takeStock(cluster, request, progress);
  }
}

async function provisionInstance(run: Run, signal: AbortSignal): Promise<Provisioned> {
  const { progress } = run;
  const reading = await progress.phase('Read the instance', () => readUnderLease(run, signal));
  const started = await progress.phase('Prepare the namespace and start the workflows', () => start(run, reading));
  const finished = await progress.phase('Wait for the workflows', () => waitForSuccess(run, started, signal));
  const recorded = await progress.phase('Record the instance', () => record(run, started, finished, signal));
  const application = await progress.phase('Create the Application', () => createApplication(run, recorded, signal));
  return { report: reportOf(run.request.settings, started.plan, { finished, ...recorded }), application };
}

/** Step 2: from here on no other run works on this instance. */
async function takeLease({ request, progress, cluster }: Run, signal: AbortSignal): Promise<HeldLease> {
  const { instance, run, timeoutMs } = request;
  return await acquireLease(cluster, {
    name: leaseName(instance),
    namespace: ARGOCD_NAMESPACE,
    holder: run.id,
    description: run.url ?? run.description ?? run.id,
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
    repository.fetchTips().then((tips) => readPlan(run, tips)),
    endEarlierRuns(cluster, instance, request.run.id, {
      limitMs: timeoutMs,
      signal,
      onLine: (line) => progress.info(line),
    }),
  ]);
  const earlier = await unfinishedRun(cluster, instance, request.run.id, reading.stored);
  progress.info(describePlan(reading.plan, earlier));
  progress.reached({ earlier, expected: expectedResources(reading.plan) });
  return reading;
}

/** The Workflows of a run, and the plan whose values they were given. */
interface Started {
  readonly plan: Plan;
  readonly submission: Submission;
  readonly workflows: readonly SubmittedWorkflow[];
}

/** Step 3: the namespace and all that stands in it; made-up values are stored before anything is given them. */
async function start(run: Run, reading: Reading): Promise<Started> {
  const { request, progress, cluster } = run;
  progress.reached({ resources: [await applyNamespace(cluster, request.instance)] });
  const plan = await keepSeed(run, reading);
  progress.reached({ seedKept: reading.stored || reading.seed.used });
  await prepareNamespace(cluster, preparationOf(request));
  const submission = submissionOf(request, plan);
  const workflows = await submitWorkflows(cluster, submission);
  for (const { kind, name } of workflows) progress.info(`Workflow ${name} started (${kind})`);
  progress.reached({ workflows: workflows.map(startedNow) });
  return { plan, submission, workflows };
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
  const finished = await awaitSuccess(cluster, started.submission, started.workflows, {
    instance,
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
}

/** Steps 6 and 7: the files are pushed; only then what they were kept in is deleted. */
async function record(
  run: Run,
  { plan }: Started,
  finished: readonly FinishedWorkflow[],
  signal: AbortSignal,
): Promise<Recorded> {
  const { request, progress, cluster, repository, context } = run;
  const { instance, settings } = request;
  const paths = instancePaths(settings, instance);
  const mongodb = finished.find(({ kind }) => kind === 'mongodb');
  const password = await verifiedPassword(cluster, instance, mongodb?.uid ?? '');
  progress.secret(password);
  const connectionOf = (kind: Kind) => finished.find((workflow) => workflow.kind === kind)?.connection;
  const found = { mongodbPassword: password, mysql: connectionOf('mysql'), mongodb: connectionOf('mongodb') };
  let files: FilesToWrite = { config: plan.config.bytes, application: plan.application, others: new Map() };
  let written: ReadonlyMap<string, Uint8Array> = new Map();
  const build = async (tip: Tip) => {
    signal.throwIfAborted();
    const newest = await readInstanceFiles({ tip, base: tip }, settings.instancesDirectory, instance);
    files = filesToWrite(plan, newest, found, context);
    written = new Map([...filesByPath(files, paths), ...(await newOnly(files.others, paths.directory, tip))]);
    return written;
  };
  const push = await unheardIfCancelled(progress, 'commit', signal, () =>
    repository.push({ message: commitMessage(plan, request.run.url), build }),
  );
  const keys = push.kind === 'pushed' ? keysToSet(plan, found) : [];
  progress.info(describePush(push, repository.branch, keys));
  progress.reached({ commit: { sha: push.commit, pushed: push.kind === 'pushed', keys } });
  await repository.copyToTree(written);
  await together([deletePasswordSecret(cluster, instance), deleteSeed(cluster, instance)]);
  return { push, files };
}

/** Step 8: Argo CD finds the commit when it looks. */
async function createApplication(run: Run, { files }: Recorded, signal: AbortSignal): Promise<Application> {
  const { request, progress, cluster, context } = run;
  const application = instanceApplication(files.application, context);
  const applied = await unheardIfCancelled(progress, 'application', signal, () =>
    applyApplication(cluster, request.instance, application),
  );
  progress.reached({ resources: [applied] });
  progress.info(`Application ${application.metadata.name} applied in namespace ${ARGOCD_NAMESPACE}`);
  return application;
}
