import type { Cluster } from './cluster/api/client.ts';
import { awaitEnd, deleteTemporaryObjects, terminateWorkflows } from './cluster/workflows/cleanup.ts';
import { messageOf } from './core/errors.ts';
import type { ProgressLog } from './core/progress.ts';

/** Milliseconds that the end of a run waits for its terminated pods: their grace period and Argo's own pace. */
const PODS_MS = 60_000;

/**
 * Ends what a run may have left under way, and nothing that is another's: its Workflows are terminated at once, and when
 * none of them can start a pod any more its temporary Secrets and ConfigMaps are deleted. Where all has ended already it
 * changes nothing. It never throws, as what it is called after is the news; what it could not end is said.
 */
export async function endRun(
  cluster: Cluster,
  { instance, run }: { readonly instance: string; readonly run: { readonly id: string } },
  progress: ProgressLog,
): Promise<void> {
  const ours = { only: run.id };
  try {
    const terminated = await terminateWorkflows(cluster, instance, ours);
    if (terminated.length > 0) progress.info(`Terminating ${terminated.join(', ')}`);
    const running = await awaitEnd(cluster, instance, terminated, PODS_MS);
    if (running.length > 0) {
      progress.warning(
        `Still not at their end: ${running.join(', ')}. Their Secrets stay until the next run of ${instance}.`,
      );
      return;
    }
    await deleteTemporaryObjects(cluster, instance, ours);
  } catch (error) {
    progress.warning(
      `The clean-up of ${instance} did not end: ${messageOf(error)} What is left goes with its Workflow after a day, or with the next run.`,
    );
  }
}
