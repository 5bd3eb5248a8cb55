/**
 * The story of deprovisioning, to read from top to bottom. The files, which name all the rest, go last: a run that stops
 * anywhere can be followed by one that finishes. No step fails on what does not exist any more.
 */

import { deprovisionAccess } from '../cluster/api/required-access.ts';
import { deleteApplications } from '../cluster/argocd/application-deletion.ts';
import { applyNamespace, readyNamespace } from '../cluster/namespace/namespace.ts';
import { deleteNamespace } from '../cluster/namespace/namespace-deletion.ts';
import { storeSeed } from '../cluster/namespace/secrets.ts';
import { namespaceRef } from '../cluster/objects/namespace-objects.ts';
import { traceOf } from '../cluster/objects/trace.ts';
import type { FinishedWorkflow } from '../cluster/workflows/success.ts';
import { unfinishedRun } from '../cluster/workflows/workflow-records.ts';
import { settleAll } from '../core/concurrency.ts';
import { type Progress, recordEffect } from '../core/progress.ts';
import type { DeprovisionReport, Kept, ResourceState } from '../core/report.ts';
import { commitBody, deprovisionMessage, requireUnchanged } from '../instance/changes.ts';
import { resourceNames } from '../instance/instance.ts';
import { instancePaths } from '../instance/plan.ts';
import type { BranchHead } from '../repository/branch-head.ts';
import type { PushResult } from '../repository/cluster-repository.ts';
import {
  type DeprovisionReading,
  isBucketKnown,
  readForDeprovision,
  requireOwnNamespace,
  shownBucket,
} from './deprovision-reading.ts';
import {
  deprovisionWarnings,
  describeDeleted,
  describeDeprovision,
  describeDeprovisionPush,
  describeNotFound,
  describeResource,
  describeResources,
  describeRestore,
  describeStarted,
  describeStates,
} from './describe.ts';
import { check, type Run, waitOptions } from './preflight.ts';
import { recordPush } from './record-push.ts';
import { expectedResources, keptResources, reportNames, workflowReports } from './reports.ts';
import type { ProvisionRequest } from './request.ts';
import type { Session } from './session.ts';
import { endOthers, withLease } from './with-lease.ts';
import { forgetCredentials, recordResults, type Started, startWorkflows, waitForSuccess } from './workflows.ts';

/**
 * Deletes one instance: its Application with the workloads, its databases, users and bucket unless they are to be kept,
 * its namespace, and its directory in the cluster repository. However it ends, it leaves no running pod and no temporary Secret, unless the
 * process is killed or another run has taken over: then the next run cleans up.
 *
 * @param session what the runs of this process share
 * @param signal cancels the run
 * @throws LaunchpadError, or an AggregateError of several
 */
export async function deprovision(
  request: ProvisionRequest,
  session: Session,
  progress: Progress,
  signal: AbortSignal,
): Promise<DeprovisionReport> {
  const { cluster } = session;
  const checks = deprovisionAccess(request.instance, request);
  const { run, reading } = await progress.phase('Check the instance', () =>
    check({ ...session, cluster: cluster.until(signal) }, request, { checks, progress, read: readForDeprovision }),
  );
  request.onStarted?.();
  return await withLease(run, cluster, signal, (leased, stop) => deprovisionInstance(leased, reading, stop));
}

/** All that happens under the Lease; each step begins only after the one before has succeeded. */
async function deprovisionInstance(
  run: Run,
  before: DeprovisionReading | undefined,
  signal: AbortSignal,
): Promise<DeprovisionReport> {
  const { progress, request, repository } = run;
  const reading = await progress.phase('Read the instance', () => readUnderLease(run, before, signal));
  if (reading === undefined) {
    progress.info(describeNotFound(request.instance));
    // A re-run of a job has checked out its old commit, which may have the files.
    const { directory } = instancePaths(request.settings, request.instance);
    if (!request.isPreview) await repository.removeFromTree(directory);
    return { ...reportNames(request), commitSha: '', bucket: '', changed: false, workflows: {} };
  }
  const hadApplication = await progress.phase(
    'Delete the Application',
    () => removeApplication(run, reading, signal),
    describeDeleted,
  );
  const started = await progress.phase(
    'Prepare the namespace and start the workflows',
    () => start(run, reading, signal),
    describeStarted,
  );
  const finished = await progress.phase(
    'Wait for the workflows',
    () => waitForDeprovision(run, started, signal),
    ({ resources }) => describeStates(resources),
  );
  const hadNamespace = await progress.phase(
    'Delete the namespace',
    () => removeNamespace(run, started, reading, signal),
    describeDeleted,
  );
  const push = await progress.phase(
    'Remove the files',
    () => removeFiles(run, reading, signal),
    (pushed) => (pushed?.kind === 'pushed' ? `pushed ${pushed.commit.slice(0, 7)}` : 'no changes'),
  );
  const kept = keptOf(run, reading, push);
  if (kept !== undefined) progress.info(`Kept: ${describeResources(kept.resources)}. ${kept.restore}`);
  const isRemoved = finished.resources.some(({ state }) => state === 'deleted');
  const isChanged = hadApplication || isRemoved || hadNamespace || push?.kind === 'pushed';
  return {
    ...reportNames(request),
    commitSha: push?.commit ?? '',
    bucket: isBucketKnown(reading) ? reading.plan.instance.storage.name : '',
    unknownBucket: unknownBucket(reading),
    changed: isChanged,
    ...(kept === undefined ? {} : { kept }),
    workflows: workflowReports(request, finished.workflows),
  };
}

/** Ends what previous runs left, and reads the instance again: another run may have changed or deleted it since. */
async function readUnderLease(
  run: Run,
  before: DeprovisionReading | undefined,
  signal: AbortSignal,
): Promise<DeprovisionReading | undefined> {
  const { request, progress, repository } = run;
  const [reading, workflows] = await settleAll([
    repository.fetchHeads().then((heads) => readForDeprovision(run, heads, before)),
    endOthers(run, signal),
  ]);
  if (reading === undefined) return undefined;
  const previous = unfinishedRun(workflows, false);
  progress.info(describeDeprovision(reading, previous));
  for (const warning of deprovisionWarnings(reading)) progress.warning(warning);
  progress.record({
    previous,
    expected: expectedResources(reading.plan),
    resources: [
      ...applicationNames(reading).map((name) => ({ kind: 'Application', name, state: 'unchanged' }) as const),
      { kind: 'Namespace', name: request.instance, state: reading.namespace === 'absent' ? 'absent' : 'unchanged' },
      ...keptResources(request, reading).map((resource) => ({ ...resource, state: 'kept' }) as const),
    ],
    seedKept: reading.isSeedKnown,
    unknownBucket: unknownBucket(reading),
  });
  return reading;
}

/** Pattern of the bucket's name, where it is not known. */
function unknownBucket(reading: DeprovisionReading): string | undefined {
  return isBucketKnown(reading) ? undefined : shownBucket(reading);
}

/** What stays, and how to use it again; undefined if all goes. */
function keptOf({ request }: Run, reading: DeprovisionReading, push: PushResult | undefined): Kept | undefined {
  const resources = keptResources(request, reading);
  const commit = push?.kind === 'pushed' ? push.commit : undefined;
  return resources.length === 0 ? undefined : { resources, restore: describeRestore(request, commit) };
}

function applicationNames({ applications }: DeprovisionReading): string[] {
  return applications.map(({ metadata }) => metadata?.name ?? '');
}

/** The workloads go first: they use the databases, and Argo CD would create the namespace again. True: there was an Application. */
async function removeApplication(
  run: Run,
  { applications }: DeprovisionReading,
  signal: AbortSignal,
): Promise<boolean> {
  const { request, progress, cluster } = run;
  const { instance } = request;
  if (applications.length === 0) {
    const absent = { kind: 'Application', name: reportNames(request).application, state: 'absent' } as const;
    progress.record({ resources: [absent] });
    return false;
  }
  const deleted = await recordEffect(progress, 'application', () =>
    deleteApplications(cluster, instance, applications, waitOptions(run, signal)),
  );
  progress.record({ resources: deleted });
  return true;
}

/** The workflows of a run, and the namespace that they run in. */
interface StartedDeprovision extends Started {
  readonly namespaceUid: string;
}

/**
 * The workflows need a namespace: waits until one that is being deleted is absent, and creates it again if it is absent,
 * because databases may be left. It stores the seed again first: nothing else has the bucket's name.
 */
async function start(run: Run, reading: DeprovisionReading, signal: AbortSignal): Promise<StartedDeprovision> {
  const { request, progress, cluster } = run;
  const { instance } = request;
  const { plan, seed, isSeedKnown, isRecorded } = reading;
  const before = await readyNamespace(cluster, instance, await cluster.read(namespaceRef(instance)), {
    isRecorded,
    ...waitOptions(run, signal),
  });
  const names = isBucketKnown(reading) ? resourceNames(plan.instance) : undefined;
  const { uid, resource } = await recordEffect(progress, 'namespace', () =>
    applyNamespace(cluster, instance, before, request.conventions, names, traceOf(request.run)),
  );
  progress.record({ resources: [{ ...resource, state: 'unchanged' }] });
  progress.info(describeResource(resource));
  if (isSeedKnown && seed.used) await storeSeed(cluster, instance, seed.bytes);
  return { ...(await startWorkflows(run, plan, 'deprovision', resource)), namespaceUid: uid };
}

interface RemovedByWorkflows {
  readonly workflows: readonly FinishedWorkflow[];
  readonly resources: readonly ResourceState[];
}

/** The namespace takes the pods with it: their results are read before. */
async function waitForDeprovision(run: Run, started: Started, signal: AbortSignal): Promise<RemovedByWorkflows> {
  const workflows = await waitForSuccess(run, started, signal);
  await forgetCredentials(run, started);
  const resources = await recordResults(run, workflows);
  return { workflows, resources };
}

/** True: it existed before this run. */
async function removeNamespace(
  run: Run,
  { namespaceUid }: StartedDeprovision,
  { namespace, applications }: DeprovisionReading,
  signal: AbortSignal,
): Promise<boolean> {
  const { request, progress, cluster } = run;
  // Others may have come since the reading.
  await requireOwnNamespace(run, applications);
  await recordEffect(progress, 'namespace', () =>
    deleteNamespace(cluster, request.instance, namespaceUid, waitOptions(run, signal)),
  );
  const wasThere = namespace === 'active';
  const deleted = { kind: 'Namespace', name: request.instance, state: wasThere ? 'deleted' : 'absent' } as const;
  progress.record({ resources: [deleted], seedKept: false });
  return wasThere;
}

/** The files go last: by them a later run knows what exists. The files of a preview are not on a branch that is in use. */
async function removeFiles(
  run: Run,
  reading: DeprovisionReading,
  signal: AbortSignal,
): Promise<PushResult | undefined> {
  const { request, progress, repository } = run;
  const { instance, settings, isPreview } = request;
  const { directory } = instancePaths(settings, instance);
  if (isPreview) {
    progress.info(`${directory} is not on an active branch: nothing to commit.`);
    return undefined;
  }
  const build = async (head: BranchHead) => {
    signal.throwIfAborted();
    requireUnchanged(reading.plan, await head.read(`${directory}/config.yml`), reading.context);
    return new Map((await head.paths(directory)).map((path) => [path, undefined]));
  };
  const push = await recordPush(run, { message: deprovisionMessage(instance, commitBody(request.run)), build });
  const isRemoved = push.kind === 'pushed';
  progress.info(describeDeprovisionPush(push, repository.branch, directory));
  progress.record({
    commit: { sha: push.commit, pushed: isRemoved, keys: [] },
    resources: [{ kind: 'Directory', name: directory, state: isRemoved ? 'deleted' : 'absent' }],
  });
  await repository.removeFromTree(directory);
  return push;
}
