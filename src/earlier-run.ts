import type { Cluster } from './cluster/api/client.ts';
import { newestOtherRun } from './cluster/workflows/workflow-records.ts';
import type { EarlierRun } from './core/run-record.ts';

/**
 * The earlier run of the instance that did not come to its end, by what it left: a seed whose values are not pushed yet,
 * or workflows that did not succeed.
 *
 * @returns undefined where the last one ended well, or there was none
 */
export async function unfinishedRun(
  cluster: Cluster,
  instance: string,
  run: string,
  seedKept: boolean,
): Promise<EarlierRun | undefined> {
  const newest = await newestOtherRun(cluster, instance, run);
  const isUnfinished = seedKept || newest.workflows.some(({ phase }) => phase !== 'Succeeded');
  return isUnfinished ? { ...newest, seedKept } : undefined;
}
