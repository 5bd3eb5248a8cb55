/** Provisioning and deprovisioning share this: only one run works on an instance at a time. */

import type { Cluster } from '../cluster/api/client.ts';
import { type HeldLease, isTakenByAnother } from '../cluster/namespace/held-lease.ts';
import { acquireLease } from '../cluster/namespace/lease.ts';
import { leaseStore } from '../cluster/namespace/lease-store.ts';
import { leaseName } from '../cluster/objects/names.ts';
import type { KubeObject } from '../cluster/objects/objects.ts';
import type { WorkflowObject } from '../cluster/objects/workflow-objects.ts';
import { cleanUpRun, endPreviousRuns } from '../cluster/workflows/cleanup.ts';
import { collectResults } from '../cluster/workflows/workflow-records.ts';
import type { Run } from './preflight.ts';

/** What of a run is bound to its Lease. */
interface LeasedRun extends Pick<Run, 'progress' | 'cluster'> {
  readonly request: Pick<Run['request'], 'instance' | 'run' | 'timeoutMs'>;
  readonly repository: Pick<Run['repository'], 'until'>;
}

/**
 * Does the work while this run holds the instance's Lease, and cleans up after it. A cancelled run keeps its Lease until it
 * has cleaned up; one that could not renew it cleans up without it, as it deletes only objects of its own name. The Lease is
 * in Argo CD's namespace, because the instance's own namespace may not exist.
 *
 * @param cluster a client that the run's signal does not cancel
 * @param work gets a run, and a signal, that end when the run is cancelled or the Lease is lost
 */
export async function withLease<T, R extends LeasedRun>(
  run: R,
  cluster: Cluster,
  signal: AbortSignal,
  work: (run: R, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { request, progress } = run;
  let isDone = false;
  const lease = await progress.phase('Lock the instance', () => acquire({ ...run, cluster }, signal));
  try {
    const stop = AbortSignal.any([signal, lease.signal]);
    const beforeChange = () => {
      stop.throwIfAborted();
      lease.check();
    };
    const leased = {
      cluster: cluster.until(stop, beforeChange),
      repository: run.repository.until(stop, beforeChange),
    };
    const result = await work({ ...run, ...leased }, stop);
    isDone = true;
    return result;
  } catch (error) {
    // Work that succeeds leaves nothing: its Workflows have ended, and their Secrets are deleted.
    if (!isTakenByAnother(lease.signal.reason)) await cleanUpRun(cluster, request, progress);
    throw error;
  } finally {
    await lease.release();
    // Work that succeeds has recorded them.
    if (!isDone) await collectResults(cluster, request, progress);
  }
}

async function acquire({ request, progress, cluster }: LeasedRun, signal: AbortSignal): Promise<HeldLease> {
  const { instance, run, timeoutMs } = request;
  const store = leaseStore(cluster, { name: leaseName(instance), namespace: cluster.argocdNamespace });
  return await acquireLease(store, {
    holder: run.id,
    description: run.url ?? run.description ?? run.id,
    waitMs: timeoutMs,
    onWaiting: (line) => {
      progress.info(line);
      progress.record({ problems: [{ what: line.replace(/\.$/, '') }] });
    },
    onWarning: (line, cause) => progress.warning(line, cause),
    signal,
    clock: cluster.clock,
  });
}

/**
 * Ends what previous runs of the instance left running: only this run's workflows touch its databases.
 *
 * @param secrets the instance's Secrets as they are under the Lease, if they are known
 * @returns the Workflows that they left
 */
export async function endOthers(
  { request, progress, cluster }: Run,
  signal: AbortSignal,
  secrets?: readonly KubeObject[],
): Promise<readonly WorkflowObject[]> {
  const { instance, run, timeoutMs } = request;
  const onLine = (line: string) => progress.info(line);
  return await endPreviousRuns(cluster, instance, run.id, {
    limitMs: timeoutMs,
    signal,
    onLine,
    ...(secrets === undefined ? {} : { secrets }),
  });
}
