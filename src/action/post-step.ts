import { Cluster } from '../cluster/api/client.ts';
import { collectResults } from '../cluster/workflows/workflow-records.ts';
import { RunRecorder } from '../core/run-recorder.ts';
import { clusterAccess } from '../inputs/environment.ts';
import { githubOrigin } from '../inputs/event/origin.ts';
import type { StartedRun } from '../operations/run-state.ts';
import { cleanUp, endedFromOutside, endSeveral } from './clean-up.ts';
import { reportToPullRequest } from './comment/report-to-pull-request.ts';
import type { ActionLog } from './log/action-log.ts';
import { annotateFailure } from './report/annotate-failure.ts';
import { reportFailure } from './report/report-failure.ts';
import { runnerInputs, runnerLog } from './runner-inputs.ts';
import { savedInstances, type UnreportedRun, unreportedRuns } from './state.ts';

/**
 * The action's post step: cleans up the runs that main started and could not end, because it failed or was cancelled or
 * killed. It reports the runs that main could not report.
 */
export async function postStep(runs: readonly StartedRun[]): Promise<void> {
  const log = runnerLog();
  try {
    const cluster = await Cluster.connect(clusterAccess(runnerInputs), {
      onRequest: (line) => log.debug(line),
      onRetry: (line) => log.info(line),
    });
    const unreported = unreportedRuns();
    if (savedInstances().length > 1) await endSeveral(cluster, runs, log);
    else {
      for (const run of runs) await cleanUp(cluster, run, log);
      for (const run of unreported) await reportRun(cluster, run, runs, log);
    }
    await cluster.close();
    if (unreported.length > 0) await reportKilledToPullRequest(unreported, log);
  } catch (error) {
    annotateFailure(error, log, { title: 'Clean-up failed' });
  }
}

async function reportRun(
  cluster: Cluster,
  { instance, record }: UnreportedRun,
  runs: readonly StartedRun[],
  log: ActionLog,
): Promise<void> {
  const recorder = new RunRecorder(log, undefined, record);
  const run = runs.find((started) => started.instance === instance);
  if (run !== undefined) await collectResults(cluster, { instance, run }, recorder);
  await reportFailure(endedFromOutside(), { instance, record: recorder.recorded, links: undefined, log });
}

async function reportKilledToPullRequest(unreported: readonly UnreportedRun[], log: ActionLog): Promise<void> {
  const notes = unreported.map(({ instance }) => `Instance ${instance}: the run did not come to its end.`);
  const reported = { outcomes: [], notes, error: endedFromOutside() };
  await reportToPullRequest(reported, githubOrigin(runnerInputs), { inputSource: runnerInputs, links: undefined, log });
}
