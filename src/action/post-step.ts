import { Cluster } from '../cluster/api/client.ts';
import { withoutRepeats } from '../core/reminder.ts';
import { EMPTY_RECORD } from '../core/run-record.ts';
import { clusterAccess } from '../inputs/environment.ts';
import { githubOrigin } from '../inputs/event/origin.ts';
import type { StartedRun } from '../operations/run-tasks.ts';
import { endedFromOutside, endRun, endSeveral } from './clean-up.ts';
import { reportToPullRequest } from './comment/comment.ts';
import { connectGithub } from './github/api.ts';
import { Deployments } from './github/deployments.ts';
import type { ActionLog } from './log/action-log.ts';
import { annotateFailure } from './report/annotate-failure.ts';
import { reportFailure } from './report/report-failure.ts';
import { runnerInputs, runnerLog } from './runner.ts';
import { savedCauses, savedInstances, type UnreportedRun, unendedDeployments, unreportedRuns } from './state.ts';

/**
 * The action's post step: cleans up the runs that main started and could not end, because it failed or was cancelled or
 * killed. It reports the runs that main could not report, also if the clean-up fails.
 */
export async function postStep(runs: readonly StartedRun[]): Promise<void> {
  const log = runnerLog(savedCauses());
  const unreported = unreportedRuns();
  const cluster = runs.length === 0 ? undefined : await connect(log);
  try {
    if (savedInstances().length > 1) await endSeveral(cluster, runs, log);
    else {
      const records = new Map(unreported.map(({ instance, record }) => [instance, record]));
      for (const run of runs) {
        records.set(run.instance, await endRun(cluster, run, records.get(run.instance), { own: log, log }));
      }
      for (const { instance, record } of unreported) {
        const ended = records.get(instance) ?? record;
        await reportFailure(endedFromOutside(ended), { instance, record: ended, links: undefined, log });
      }
    }
    await cluster?.close();
    await endDeployments(log);
    if (unreported.length > 0) await reportKilledToPullRequest(unreported, log);
  } catch (error) {
    annotateFailure(error, log, { title: 'Clean-up failed', onlyNew: true });
  } finally {
    log.endWarnings();
  }
}

/** The deployments of a step that was killed have failed. */
async function endDeployments(log: ActionLog): Promise<void> {
  const ids = unendedDeployments();
  if (ids.length === 0) return;
  const { hosted, run, source: repository } = githubOrigin(runnerInputs);
  const connect = async () => (await connectGithub(runnerInputs, { log, signal: AbortSignal.timeout(5_000) })).api;
  const request = { tellsDeployments: true, hosted, run, repository };
  await new Deployments(request, { connect, log, keep: () => undefined }).fail(ids);
}

/** Without the cluster nothing is cleaned up, and what the killed run had recorded is reported all the same. */
async function connect(log: ActionLog): Promise<Cluster | undefined> {
  try {
    return await Cluster.connect(clusterAccess(runnerInputs), {
      onRequest: (line) => log.debug(line),
      onRetry: withoutRepeats((line) => log.info(line)),
    });
  } catch (error) {
    annotateFailure(error, log, { title: 'Clean-up failed', onlyNew: true });
    return undefined;
  }
}

async function reportKilledToPullRequest(unreported: readonly UnreportedRun[], log: ActionLog): Promise<void> {
  const notes = unreported.map(({ instance }) => `Instance ${instance}: the run was interrupted.`);
  const problems = unreported.flatMap(({ record }) => record.problems);
  const reported = { outcomes: [], notes, error: endedFromOutside({ ...EMPTY_RECORD, problems }) };
  await reportToPullRequest(reported, githubOrigin(runnerInputs), {
    inputSource: runnerInputs,
    closing: undefined,
    log,
  });
}
