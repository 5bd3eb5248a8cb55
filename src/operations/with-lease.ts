/** What provisioning an instance and taking it down have in common: only one run works on an instance at a time. */

import type { Cluster } from '../cluster/api/client.ts';
import { acquireLease, type HeldLease } from '../cluster/namespace/lease.ts';
import { ARGOCD_NAMESPACE, leaseName } from '../cluster/objects/names.ts';
import { cleanUpRun, endPreviousRuns } from '../cluster/workflows/cleanup.ts';
import { collectResults } from '../cluster/workflows/workflow-records.ts';
import type { Run } from './preflight.ts';

/**
 * Does the work while this run holds the instance's Lease, which lies where the instance's namespace does not matter, and
 * cleans up after it. What keeps the Lease and cleans up goes on when the run is cancelled, all else stops.
 *
 * @param cluster one that is not cancelled
 * @param work gets a run, and a signal, that end when the run is cancelled or the Lease is lost
 */
export async function withLease<T>(
  run: Run,
  cluster: Cluster,
  signal: AbortSignal,
  work: (run: Run, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { request, progress } = run;
  const lease = await progress.phase('Take the lease', () => takeLease({ ...run, cluster }, signal));
  try {
    const stop = AbortSignal.any([signal, lease.signal]);
    return await work({ ...run, cluster: cluster.until(stop) }, stop);
  } catch (error) {
    // One that has come to its end has left nothing: its Workflows have ended, and their Secrets are deleted.
    if (!lease.signal.aborted) await cleanUpRun(cluster, request, progress);
    throw error;
  } finally {
    await lease.release();
    await collectResults(cluster, request, progress);
  }
}

/** From here on no other run works on this instance. */
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

/** Ends what earlier runs of the instance left under way, so that only this run's workflows touch its databases. */
export async function endOthers({ request, progress, cluster }: Run, signal: AbortSignal): Promise<void> {
  const { instance, run, timeoutMs } = request;
  const onLine = (line: string) => progress.info(line);
  await endPreviousRuns(cluster, instance, run.id, { limitMs: timeoutMs, signal, onLine });
}
