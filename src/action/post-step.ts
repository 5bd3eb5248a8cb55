import { Cluster } from '../cluster/client.ts';
import { RunJournal } from '../run-journal.ts';
import { takeStock } from '../take-stock.ts';
import { cleanUp, endedFromOutside } from './clean-up.ts';
import { clusterAccess } from './cluster-access.ts';
import { ActionLog } from './log.ts';
import { runnerLookup } from './lookup.ts';
import { secretsIn } from './masks.ts';
import { endSeveral } from './post-several.ts';
import { reportFailure } from './report-failure.ts';
import { type StartedRun, savedInstances, type UntoldRun, untoldRuns } from './run-state.ts';
import { tellFailure } from './tell-failure.ts';

/**
 * The action's post step: ends what main began and could not end itself, because it failed or was cancelled or killed,
 * and tells of runs that were killed before it could do so.
 */
export async function postStep(runs: readonly StartedRun[]): Promise<void> {
  const log = new ActionLog();
  for (const secret of secretsIn(runnerLookup)) log.maskAlways(secret);
  try {
    const cluster = await Cluster.connect(clusterAccess(runnerLookup), {
      onRequest: (line) => log.debug(line),
      onRetry: (line) => log.info(line),
    });
    if (savedInstances().length > 1) await endSeveral(cluster, runs, log);
    else {
      for (const run of runs) await cleanUp(cluster, run, log);
      for (const untold of untoldRuns()) await tellOf(cluster, untold, runs, log);
    }
    await cluster.close();
  } catch (error) {
    reportFailure(error, log, { title: 'Clean-up failed' });
  }
}

async function tellOf(
  cluster: Cluster,
  { instance, record }: UntoldRun,
  runs: readonly StartedRun[],
  log: ActionLog,
): Promise<void> {
  const journal = new RunJournal(log, undefined, record);
  const run = runs.find((started) => started.instance === instance);
  if (run !== undefined) await takeStock(cluster, { instance, run }, journal);
  await tellFailure(endedFromOutside(), { instance, record: journal.record, links: undefined, log });
}
