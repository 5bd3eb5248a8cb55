/**
 * The story of provisioning, from an instance's name to its Argo CD Application. Read it from top to bottom; a later run
 * can continue after every step.
 */

import { requiredAccess } from '../cluster/api/required-access.ts';
import { applyApplication } from '../cluster/argocd/application.ts';
import { waitForApplicationDeletion } from '../cluster/argocd/application-deletion.ts';
import type { ApplicationObject } from '../cluster/argocd/application-status.ts';
import { applyNamespace } from '../cluster/namespace/namespace.ts';
import {
  deleteSeed,
  hasSeed,
  listSecrets,
  storedSeed,
  storeSeed,
  verifiedPassword,
} from '../cluster/namespace/secrets.ts';
import { traceOf } from '../cluster/objects/trace.ts';
import type { FinishedWorkflow } from '../cluster/workflows/success.ts';
import { unfinishedRun } from '../cluster/workflows/workflow-records.ts';
import { settleAll } from '../core/concurrency.ts';
import type { Kind } from '../core/kinds.ts';
import { type Progress, recordEffect } from '../core/progress.ts';
import type { ProvisionReport, ResourceState } from '../core/report.ts';
import type { Application } from '../instance/application/application.ts';
import {
  commitBody,
  commitMessage,
  type FilesToWrite,
  filesByPath,
  filesToWrite,
  foundWarning,
  keysToSet,
  needsPush,
} from '../instance/changes.ts';
import { resourceNames } from '../instance/instance.ts';
import { Seed } from '../instance/new/seed.ts';
import { applicationName, instanceApplication, instancePaths, type Plan, planInstance } from '../instance/plan.ts';
import type { BranchHead } from '../repository/branch-head.ts';
import type { PushResult } from '../repository/cluster-repository.ts';
import { newOnly, readInstanceFiles } from '../repository/instance-files.ts';
import { awaitSync, type Provisioned } from './await-sync.ts';
import {
  describeDropped,
  describePlan,
  describePush,
  describeResource,
  describeStarted,
  describeStates,
} from './describe.ts';
import { type Run, waitOptions } from './preflight.ts';
import {
  checkForProvision,
  type ProvisionReading,
  readForProvision,
  requirePrivateRepository,
} from './provision-reading.ts';
import { recordPush } from './record-push.ts';
import { expectedResources, provisionReport } from './reports.ts';
import type { ProvisionRequest } from './request.ts';
import type { Session } from './session.ts';
import { endOthers, withLease } from './with-lease.ts';
import {
  deleteSecrets,
  describeFinished,
  forgetCredentials,
  recordResults,
  type Started,
  startWorkflows,
  waitForSuccess,
} from './workflows.ts';

/**
 * Provisions one instance. However it ends, it leaves no running pod and no temporary Secret, unless the process is killed
 * or another run has taken over: then the next run cleans up.
 *
 * @param session what the runs of this process share
 * @param signal cancels the run
 * @throws LaunchpadError, or an AggregateError of several
 */
export async function provision(
  request: ProvisionRequest,
  session: Session,
  progress: Progress,
  signal: AbortSignal,
): Promise<ProvisionReport> {
  const { cluster } = session;
  const checks = requiredAccess(request.instance, request);
  const run = await progress.phase('Check the instance', async () => {
    const reading = { ...session, cluster: cluster.until(signal) };
    const checked = await checkForProvision(reading, request, { checks, progress, signal });
    await requirePrivateRepository(checked.run, checked.reading.plan);
    return checked.run;
  });
  request.onStarted?.();
  const provisioned = await withLease(run, cluster, signal, provisionInstance);
  const sync = await awaitSync(run, provisioned, signal);
  return { ...provisioned.report, sync };
}

/** Steps 2 to 8, under the Lease: no other run works on the instance meanwhile. */
async function provisionInstance(run: Run, signal: AbortSignal): Promise<Provisioned> {
  const { progress } = run;
  const reading = await progress.phase('Read the instance', () => readUnderLease(run, signal));
  const started = await progress.phase(
    'Prepare the namespace and start the workflows',
    () => start(run, reading),
    describeStarted,
  );
  const finished = await progress.phase(
    'Wait for the workflows',
    () => waitForSuccess(run, started, signal),
    describeFinished,
  );
  const recorded = await progress.phase(
    'Commit the files',
    () => record(run, started, finished, signal),
    ({ push }) => (push.kind === 'pushed' ? `pushed ${push.commit.slice(0, 7)}` : 'no changes'),
  );
  const create = progress.phase(
    'Create the Application',
    () => beside(forgetValues(run, started, reading), createApplication(run, recorded, reading.application)),
    ({ applied }) => describeStates([applied]),
  );
  const { application } = await beside(recordResults(run, finished), create);
  return { report: provisionReport(run.request, started.plan, { finished, ...recorded }), application };
}

/** The result of the work. What does not depend on it is done at the same time, and has ended then too. */
async function beside<T>(other: Promise<unknown>, work: Promise<T>): Promise<T> {
  const [, result] = await settleAll([other, work]);
  return result;
}

/** What a run finds under its Lease. */
interface LeasedReading extends ProvisionReading {
  /** The instance's Application if it exists. */
  readonly application: ApplicationObject | undefined;
}

/** Step 2: ends what previous runs left, and reads the instance again: another run may have changed or deleted it since. */
async function readUnderLease(run: Run, signal: AbortSignal): Promise<LeasedReading> {
  const { request, progress, cluster, repository } = run;
  const application = applicationName(request.instance, request.settings);
  const [heads, { namespaces, existing }] = await settleAll([
    repository.fetchHeads(),
    (async () => {
      // A deprovision run that was killed may have begun to delete it.
      const existing = await waitForApplicationDeletion(cluster, application, waitOptions(run, signal));
      return { existing, namespaces: await run.namespaces.current(cluster, request.instance) };
    })(),
  ]);
  // Not before: what a run that has lost its Lease had under way should be in the list.
  const secrets = namespaces.own === undefined ? [] : await listSecrets(cluster, request.instance);
  const [reading, workflows] = await settleAll([
    readForProvision(run, heads, namespaces, { isLeased: true, hasSeed: hasSeed(secrets), signal }),
    namespaces.own === undefined ? [] : endOthers(run, signal, secrets),
  ]);
  // A preview keeps its seed: it is taken up where a force-push has dropped the values from it.
  const isSeedNeeded = reading.isSeedStored && (!request.isPreview || reading.seed.used);
  const previous = unfinishedRun(workflows, isSeedNeeded);
  progress.info(describePlan(reading.plan, previous));
  if (request.isPreview && previous?.workflows.every(({ phase }) => phase === 'Succeeded') === true)
    progress.info(describeDropped(reading.plan));
  progress.record({ previous, expected: expectedResources(reading.plan) });
  return { ...reading, application: existing };
}

/** Step 3: creates the namespace and what is in it; the seed of generated values is stored before anything uses them. */
async function start(run: Run, reading: ProvisionReading): Promise<Started> {
  const { request, progress, cluster } = run;
  const { resource } = await recordEffect(progress, 'namespace', () =>
    applyNamespace(
      cluster,
      request.instance,
      reading.namespace,
      request.conventions,
      resourceNames(reading.plan.instance),
      traceOf(request.run),
    ),
  );
  progress.record({ resources: [resource] });
  progress.info(describeResource(resource));
  const plan = await keepSeed(run, reading);
  if (plan !== reading.plan) {
    const names = resourceNames(plan.instance);
    await applyNamespace(
      cluster,
      request.instance,
      reading.namespace,
      request.conventions,
      names,
      traceOf(request.run),
    );
  }
  progress.record({ seedKept: reading.isSeedStored || reading.seed.used });
  return await startWorkflows(run, plan, 'provision', resource);
}

/** Stores the seed if a value came from it. If another one is stored already, that one counts: plans again with it. */
async function keepSeed(run: Run, reading: ProvisionReading): Promise<Plan> {
  const { plan, seed, isSeedStored } = reading;
  const { instance } = run.request;
  if (isSeedStored || !seed.used || (await storeSeed(run.cluster, instance, seed.bytes))) return plan;
  const bytes = await storedSeed(run.cluster, instance);
  if (bytes === undefined) return await keepSeed(run, reading);
  return planInstance(plan.files, Seed.from(bytes), run.context);
}

/** The push, and the files as the cluster repository has them now. */
interface Recorded {
  readonly push: PushResult;
  readonly files: FilesToWrite;
}

/** Step 6: pushes the files. */
async function record(
  run: Run,
  started: Started,
  finished: readonly FinishedWorkflow[],
  signal: AbortSignal,
): Promise<Recorded> {
  const { request, progress, cluster, repository, context } = run;
  const { instance, settings } = request;
  const { plan } = started;
  const paths = instancePaths(settings, instance);
  const mongodb = finished.find(({ kind }) => kind === 'mongodb');
  const password = await verifiedPassword(cluster, instance, mongodb?.uid ?? '');
  progress.secret(password);
  const connectionOf = (kind: Kind) => finished.find((workflow) => workflow.kind === kind)?.connection;
  const found = {
    mongodbPassword: password,
    mysql: connectionOf('mysql'),
    mongodb: connectionOf('mongodb'),
    mongodbServer: mongodb?.server,
  };
  let files: FilesToWrite = { config: plan.config.bytes, application: plan.application, others: new Map() };
  let written: ReadonlyMap<string, Uint8Array> = new Map();
  // The admin's credentials do not wait for a push; without one they go with the password.
  if (needsPush(filesToWrite(plan, plan.files, found, context), plan.files)) await forgetCredentials(run, started);
  const build = async (head: BranchHead) => {
    signal.throwIfAborted();
    const newest = await readInstanceFiles({ head, base: head }, settings.instancesDirectory, instance);
    files = filesToWrite(plan, newest, found, context);
    written = new Map([...filesByPath(files, paths), ...(await newOnly(files.others, paths.directory, head))]);
    return written;
  };
  const push = await recordPush(run, { message: commitMessage(plan, commitBody(request.run)), build });
  const keys = push.kind === 'pushed' ? keysToSet(plan, found) : [];
  progress.info(describePush(push, repository.branch, keys));
  progress.record({ commit: { sha: push.commit, pushed: push.kind === 'pushed', keys } });
  const warning = foundWarning(plan, found);
  if (warning !== undefined) progress.warning(warning);
  await repository.copyToTree(written);
  return { push, files };
}

/**
 * Step 7: deletes the Secrets of the run, as what they kept is pushed by now. The seed of a preview stays until that is
 * deprovisioned: its author may drop the run's commit by a force-push.
 */
async function forgetValues(run: Run, started: Started, { isSeedStored, seed }: ProvisionReading): Promise<void> {
  const { instance, isPreview } = run.request;
  const isSeedDone = (isSeedStored || seed.used) && !isPreview;
  await settleAll([deleteSecrets(run, started), isSeedDone ? deleteSeed(run.cluster, instance) : undefined]);
}

/** Step 8: the commit is there before Argo CD looks for it. */
async function createApplication(
  run: Run,
  { files }: Recorded,
  existing: ApplicationObject | undefined,
): Promise<{ readonly application: Application; readonly applied: ResourceState }> {
  const { request, progress, cluster, context } = run;
  const application = instanceApplication(files.application, context);
  const applied = await recordEffect(progress, 'application', () =>
    applyApplication(cluster, request.instance, application, existing, traceOf(request.run)),
  );
  progress.record({ resources: [applied] });
  progress.info(`${describeResource(applied)} (namespace ${cluster.argocdNamespace})`);
  return { application, applied };
}
