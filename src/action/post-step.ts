import { Cluster } from '../cluster/client.ts';
import { releaseLease } from '../cluster/lease.ts';
import { ARGOCD_NAMESPACE, leaseName } from '../cluster/names.ts';
import { endRun } from '../end-run.ts';
import { LaunchpadError } from '../errors.ts';
import { RunJournal } from '../run-journal.ts';
import { takeStock } from '../take-stock.ts';
import { clusterAccess } from './cluster-access.ts';
import { ActionLog } from './log.ts';
import { secretsIn } from './masks.ts';
import { reportFailure } from './report-failure.ts';
import { type StartedRun, type UntoldRun, untoldRuns } from './run-state.ts';
import { runnerLookup } from './runner-lookup.ts';
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
    for (const run of runs) await cleanUp(cluster, run, log);
    for (const untold of untoldRuns()) await tellOf(cluster, untold, runs, log);
    await cluster.close();
  } catch (error) {
    reportFailure(error, log, 'Clean-up failed');
  }
}

async function cleanUp(cluster: Cluster, run: StartedRun, log: ActionLog): Promise<void> {
  const { instance, id } = run;
  await log.phase(`Clean up after the run for ${instance}`, async () => {
    await endRun(cluster, { instance, run }, log);
    await releaseLease(cluster, { name: leaseName(instance), namespace: ARGOCD_NAMESPACE, holder: id });
  });
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

function endedFromOutside(): LaunchpadError {
  return new LaunchpadError('cancelled', 'The run was ended from outside before it could say how it went.', {
    remedy:
      'Where nobody cancelled the job, look at its time limit (timeout-minutes) and at the runner; then run again.',
  });
}
