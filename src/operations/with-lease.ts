/** Provisioning and deprovisioning share this: only one run works on an instance at a time. */

import type { Cluster } from '../cluster/api/client.ts';
import { acquireLease, type HeldLease } from '../cluster/namespace/lease.ts';
import { ARGOCD_NAMESPACE, leaseName } from '../cluster/objects/names.ts';
import { cleanUpRun, endPreviousRuns } from '../cluster/workflows/cleanup.ts';
import { collectResults } from '../cluster/workflows/workflow-records.ts';
import type { Run } from './preflight.ts';

/**
 * Does the work while this run holds the instance's Lease, and cleans up after it. A cancelled run keeps its Lease until it
 * has cleaned up. The Lease is in Argo CD's namespace, because the instance's own namespace may not exist.
 *
 * @param cluster a client that the run's signal does not cancel
 * @param work gets a run, and a signal, that end when the run is cancelled or the Lease is lost
 */
export async function withLease<T>(
  run: Run,
  cluster: Cluster,
  signal: AbortSignal,
  work: (run: Run, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { request, progress } = run;
  const lease = await progress.phase('Take the lease', () => acquire({ ...run, cluster }, signal));
  try {
    const stop = AbortSignal.any([signal, lease.signal]);
    return await work({ ...run, cluster: cluster.until(stop) }, stop);
  } catch (error) {
    // Work that succeeds leaves nothing: its Workflows have ended, and their Secrets are deleted.
    if (!lease.signal.aborted) await cleanUpRun(cluster, request, progress);
    throw error;
  } finally {
    await lease.release();
    await collectResults(cluster, request, progress);
  }
}

async function acquire({ request, progress, cluster }: Run, signal: AbortSignal): Promise<HeldLease> {
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

/** Ends what previous runs of the instance left running: only this run's workflows touch its databases. */
export async function endOthers({ request, progress, cluster }: Run, signal: AbortSignal): Promise<void> {
  const { instance, run, timeoutMs } = request;
  const onLine = (line: string) => progress.info(line);
  await endPreviousRuns(cluster, instance, run.id, { limitMs: timeoutMs, signal, onLine });
}
