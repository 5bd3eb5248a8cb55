import { messageOf } from '../core/errors.ts';
import { EMPTY_RECORD, type RunRecord } from '../core/run-record.ts';
import { RunRecorder } from '../core/run-recorder.ts';
import { githubOrigin } from '../inputs/event/origin.ts';
import { readValue } from '../inputs/input.ts';
import { INPUTS } from '../inputs/inputs.ts';
import { repositoryOfRun } from '../inputs/remote-url.ts';
import { readRequest } from '../inputs/request.ts';
import { loadAssets } from '../operations/assets.ts';
import { cancellation } from '../operations/cancellation.ts';
import type { Outcome, Task } from '../operations/outcome/outcome.ts';
import { resultOf } from '../operations/outcome/result.ts';
import { runTasks, type TaskContext } from '../operations/run-tasks.ts';
import { openSession } from '../operations/session.ts';
import { connectGithub } from './github/api.ts';
import { checkBranchRules } from './github/branch-rules.ts';
import { Deployments } from './github/deployments.ts';
import { isPublicRepository } from './github/visibility.ts';
import type { ActionLog } from './log/action-log.ts';
import { Annotations } from './log/annotations.ts';
import { BatchLog } from './log/batch-log.ts';
import { StepReport } from './report/step-report.ts';
import { runnerInputs, runnerLog } from './runner.ts';
import { type ListFiles, selectInstances } from './selection/selection.ts';
import { expectedCommits, tasksOf } from './selection/tasks.ts';
import { keepCauses, keepDeployment, runnerState as state, stateLost } from './state.ts';

/**
 * The action's main step: reads what the workflow asks for, does it, and reports how it ended. Every error fails the step.
 *
 * @param entry directory of the running entry point
 */
export async function mainStep(entry: string): Promise<void> {
  const log = runnerLog();
  const operation = readValue(INPUTS.operation, runnerInputs) ?? 'provision';
  const recorder = new RunRecorder(log, undefined, { ...EMPTY_RECORD, operation });
  const report = new StepReport(log, recorder);
  const listFiles: ListFiles = async (pullRequest) => {
    const { api } = await connectGithub(runnerInputs, { log });
    return await api.pullRequestFiles(pullRequest);
  };
  try {
    const origin = githubOrigin(runnerInputs);
    report.origin = origin;
    const asked = readRequest(runnerInputs, origin);
    report.request = asked;
    const selection = await selectInstances(asked, origin, listFiles);
    if (selection.instances.length === 0) return await report.idle(selection.notes);
    const assets = await loadAssets(entry);
    const signal = AbortSignal.any([cancellation(), stateLost]);
    const session = await recorder.phase('Check cluster and repository', () => openSession(asked, recorder, signal));
    try {
      const hosted = repositoryOfRun(session.repository.remoteUrl, origin);
      const isPublic = () => isPublicRepository(hosted, runnerInputs, log);
      const request = { ...asked, hosted, ...(asked.allowsPublicRepository ? {} : { isPublic }) };
      report.request = request;
      const { tasks, notes } = await tasksOf(request, selection, { event: origin.event, heads: session.heads });
      if (tasks.length === 0) return await report.idle(notes);
      const { branch, token: pushToken, ref } = request.repository;
      if (hosted.serverUrl === origin.hosted.serverUrl && ref === undefined)
        await checkBranchRules(hosted, branch, {
          inputSource: runnerInputs,
          log,
          pushToken,
          commits: await expectedCommits(request, tasks, session.heads),
        });
      for (const note of notes) log.info(note);
      const record = recorder.recorded;
      const limitMs = 30_000 + 4_000 * tasks.length;
      const connect = async () =>
        (await connectGithub(runnerInputs, { log, signal: AbortSignal.timeout(limitMs) })).api;
      const deployments = new Deployments(request, { connect, log, keep: keepDeployment });
      deployments.begin(tasks);
      const outcomes = await runStep(tasks, { request, assets, session, signal }, { log, record });
      await deployments.end(outcomes);
      await report.outcomes(outcomes, request, notes);
    } finally {
      await session.cluster.close().catch((error) => log.debug(messageOf(error)));
    }
  } catch (error) {
    await report.failure(error);
  } finally {
    keepCauses(log.endWarnings());
  }
}

/**
 * Does the tasks of a step. Several run at the same time, each with a part of the log.
 *
 * @param record the step so far; a single task continues it
 */
async function runStep(
  tasks: readonly Task[],
  context: Omit<TaskContext, 'state'>,
  { log, record }: { readonly log: ActionLog; readonly record: RunRecord },
): Promise<Outcome[]> {
  state.instances(tasks.map(({ instance }) => instance));
  if (tasks.length === 1) return await runTasks(tasks, { ...context, state }, log, record);
  const annotations = new Annotations(log);
  const onEnded = (outcome: Outcome) => state.result(resultOf(outcome, (text) => log.redact(text)));
  const batch = new BatchLog(log, { count: tasks.length, annotations, onEnded });
  try {
    return await runTasks(tasks, { ...context, state }, batch, EMPTY_RECORD);
  } finally {
    batch.close();
    annotations.end();
  }
}
