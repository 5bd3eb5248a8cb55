import { Cluster } from '../cluster/api/client.ts';
import { takeStock } from '../cluster/workflows/workflow-records.ts';
import { RunJournal } from '../core/run-journal.ts';
import { clusterAccess } from '../inputs/environment.ts';
import { githubOrigin } from '../inputs/event/origin.ts';
import { secretsIn } from '../inputs/secrets/masks.ts';
import type { StartedRun } from '../operations/run-tasks.ts';
import { cleanUp, endedFromOutside, endSeveral } from './clean-up.ts';
import { tellPullRequest } from './comment/tell.ts';
import { ActionLog } from './log/action-log.ts';
import { reportFailure } from './report/report-failure.ts';
import { tellFailure } from './report/tell-failure.ts';
import { runnerLookup } from './runner-lookup.ts';
import { savedInstances, type UntoldRun, untoldRuns } from './state.ts';

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
    const untold = untoldRuns();
    if (savedInstances().length > 1) await endSeveral(cluster, runs, log);
    else {
      for (const run of runs) await cleanUp(cluster, run, log);
      for (const run of untold) await tellOf(cluster, run, runs, log);
    }
    await cluster.close();
    if (untold.length > 0) await tellPullRequestOf(untold, log);
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

async function tellPullRequestOf(untold: readonly UntoldRun[], log: ActionLog): Promise<void> {
  const notes = untold.map(({ instance }) => `Instance ${instance}: the run did not come to its end.`);
  const told = { outcomes: [], notes, error: endedFromOutside() };
  await tellPullRequest(told, githubOrigin(runnerLookup), { lookup: runnerLookup, links: undefined, log });
}
