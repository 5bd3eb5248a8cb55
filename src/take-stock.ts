import type { Cluster } from './cluster/api/client.ts';
import { readPodReport } from './cluster/workflows/pod-report.ts';
import { workflowsOfRun } from './cluster/workflows/workflow-records.ts';
import { messageOf } from './core/errors.ts';
import type { Progress } from './core/progress.ts';
import type { ResourceState } from './core/report.ts';

/** Milliseconds for the first question: a cluster that does not answer has been waited for already. */
const PATIENCE_MS = 10_000;

/**
 * Finds out what the run's workflows came to and made, for the record of the run: however it ended, the cluster knows.
 * It never throws, as what it is called after is the news.
 *
 * @returns what the workflows that succeeded tell of, as far as it can be read
 */
export async function takeStock(
  cluster: Cluster,
  { instance, run }: { readonly instance: string; readonly run: { readonly id: string } },
  progress: Progress,
): Promise<ResourceState[]> {
  try {
    const workflows = await workflowsOfRun(cluster, instance, run.id, AbortSignal.timeout(PATIENCE_MS));
    progress.reached({ workflows });
    const succeeded = workflows.filter(({ phase }) => phase === 'Succeeded');
    // The logs of a workflow may be gone: its resources are there all the same.
    const reports = await Promise.allSettled(succeeded.map(({ name }) => readPodReport(cluster, instance, name)));
    const resources = reports.flatMap((report) => (report.status === 'fulfilled' ? report.value.resources : []));
    progress.reached({ resources });
    return resources;
  } catch (error) {
    progress.debug(`What the workflows came to could not be read: ${messageOf(error)}`);
    return [];
  }
}
