import { EMPTY_RECORD } from '../core/run-record.ts';
import { RunRecorder } from '../core/run-recorder.ts';
import { githubOrigin, type Origin } from '../inputs/event/origin.ts';
import { readValue } from '../inputs/input.ts';
import { inputOf } from '../inputs/input-source.ts';
import { INPUTS } from '../inputs/inputs.ts';
import { type Links, linksOf } from '../inputs/links.ts';
import { repositoryOfRun } from '../inputs/remote-url.ts';
import { readRequest } from '../inputs/request.ts';
import { secretsIn } from '../inputs/secrets/masks.ts';
import { loadAssets } from '../operations/assets.ts';
import { cancellation } from '../operations/cancellation.ts';
import type { Outcome, Task } from '../operations/outcome/outcome.ts';
import { resultOf } from '../operations/outcome/result.ts';
import type { TaskContext } from '../operations/run-tasks.ts';
import { runTasks } from '../operations/run-tasks.ts';
import { openSession } from '../operations/session.ts';
import type { Reported } from './comment/comment-text.ts';
import { reportToPullRequest } from './comment/report-to-pull-request.ts';
import { connectGithub } from './github/connect.ts';
import { ActionLog } from './log/action-log.ts';
import { Annotations } from './log/annotations.ts';
import { BatchLog } from './log/batch-log.ts';
import { setResults } from './report/outputs.ts';
import { reportFailure } from './report/report-failure.ts';
import { reportOutcomes } from './report/report-outcomes.ts';
import { runnerInputs } from './runner-inputs.ts';
import { type ListFiles, selectInstances } from './selection/selection.ts';
import { tasksOf } from './selection/tasks.ts';
import { runnerState as state } from './state.ts';

/**
 * The action's main step: reads what the workflow asks for, does it, and tells how it went. Whatever is thrown fails the
 * step.
 *
 * @param entry directory of the running entry point
 */
export async function mainStep(entry: string): Promise<void> {
  const log = new ActionLog();
  for (const secret of secretsIn(runnerInputs)) log.maskAlways(secret);
  const operation = readValue(INPUTS.operation, runnerInputs) ?? 'provision';
  const recorder = new RunRecorder(log, undefined, { ...EMPTY_RECORD, operation });
  let origin: Origin | undefined;
  let links: Links | undefined;
  const reportAll = (reported: Reported) =>
    reportToPullRequest(reported, origin, { inputSource: runnerInputs, links, log });
  try {
    origin = githubOrigin(runnerInputs);
    const request = readRequest(runnerInputs, origin);
    links = linksOf(request);
    const selection = await selectInstances(request, origin, listFiles(origin, log));
    if (selection.instances.length === 0) return await reportIdle(selection.notes, log, reportAll);
    const assets = await loadAssets(entry);
    const signal = cancellation();
    const session = await recorder.phase('Check cluster and repository', () => openSession(request, recorder, signal));
    try {
      const hosted = repositoryOfRun(session.repository.remoteUrl, origin);
      links = linksOf({ ...request, hosted });
      const { tasks, notes } = await tasksOf(request, selection, { event: origin.event, heads: session.heads });
      if (tasks.length === 0) return await reportIdle(notes, log, reportAll);
      for (const note of notes) log.info(note);
      state.instances(tasks.map(({ instance }) => instance));
      const context = { request: { ...request, hosted }, assets, session, state, signal };
      const outcomes =
        tasks.length > 1
          ? await runSeveral(tasks, context, log)
          : await runTasks(tasks, context, log, recorder.recorded);
      await reportOutcomes(outcomes, context.request, log);
      await reportAll({ outcomes, notes });
    } finally {
      await session.cluster.close();
    }
  } catch (error) {
    const instance = onlyName(inputOf(runnerInputs, 'instance'));
    await reportFailure(error, { instance, record: recorder.recorded, links, log });
    await reportAll({ outcomes: [], notes: [], error });
  }
  state.reported();
}

/** Does several tasks side by side, each with a part of the log for itself. */
async function runSeveral(tasks: readonly Task[], context: TaskContext, log: ActionLog): Promise<Outcome[]> {
  const annotations = new Annotations(log);
  const onEnded = (outcome: Outcome) => state.result(resultOf(outcome, (text) => log.redact(text)));
  const batch = new BatchLog(log, { count: tasks.length, annotations, onEnded });
  try {
    return await runTasks(tasks, context, batch, EMPTY_RECORD);
  } finally {
    batch.close();
    annotations.end();
  }
}

/** The input, where it is one name. */
function onlyName(input: string | undefined): string | undefined {
  return input === undefined || /[,\r\n]/.test(input) ? undefined : input;
}

function listFiles({ hosted }: Origin, log: ActionLog): ListFiles {
  return async (pullRequest) => {
    const options = { onRequest: (line: string) => log.debug(line), onRetry: (line: string) => log.info(line) };
    return await connectGithub(runnerInputs, hosted, options).pullRequestFiles(pullRequest);
  };
}

/** A step that has nothing to do is green, and says why. */
async function reportIdle(notes: readonly string[], log: ActionLog, reportAll: (reported: Reported) => Promise<void>) {
  for (const note of notes) log.notice(note);
  setResults([], (text) => log.redact(text));
  await reportAll({ outcomes: [], notes });
}
