import { RunJournal } from '../core/run-journal.ts';
import { NOTHING } from '../core/run-record.ts';
import { githubOrigin, type Origin } from '../inputs/event/origin.ts';
import { readValue } from '../inputs/input.ts';
import { INPUTS } from '../inputs/inputs.ts';
import { type Links, linksOf } from '../inputs/links.ts';
import { inputOf } from '../inputs/lookup.ts';
import { readRequest } from '../inputs/request.ts';
import { secretsIn } from '../inputs/secrets/masks.ts';
import { loadAssets } from '../operations/assets.ts';
import { cancellation } from '../operations/cancellation.ts';
import type { Outcome, Task } from '../operations/outcome/outcome.ts';
import { resultOf } from '../operations/outcome/result.ts';
import type { TaskContext } from '../operations/run-tasks.ts';
import { runTasks } from '../operations/run-tasks.ts';
import { openSurroundings } from '../operations/session.ts';
import type { Told } from './comment/comment-text.ts';
import { tellPullRequest } from './comment/tell.ts';
import { connectGithub } from './github/connect.ts';
import { ActionLog } from './log/action-log.ts';
import { Annotations } from './log/annotations.ts';
import { BatchLog } from './log/batch-log.ts';
import { setResults } from './report/outputs.ts';
import { tellFailure } from './report/tell-failure.ts';
import { tellOutcomes } from './report/tell-outcomes.ts';
import { runnerLookup } from './runner-lookup.ts';
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
  for (const secret of secretsIn(runnerLookup)) log.maskAlways(secret);
  const operation = readValue(INPUTS.operation, runnerLookup) ?? 'provision';
  const journal = new RunJournal(log, undefined, { ...NOTHING, operation });
  let origin: Origin | undefined;
  let links: Links | undefined;
  const tellAll = (told: Told) => tellPullRequest(told, origin, { lookup: runnerLookup, links, log });
  try {
    origin = githubOrigin(runnerLookup);
    const request = readRequest(runnerLookup, origin);
    links = linksOf(request);
    const selection = await selectInstances(request, origin, listFiles(origin, log));
    if (selection.instances.length === 0) return await tellIdle(selection.notes, log, tellAll);
    const assets = await loadAssets(entry);
    const signal = cancellation();
    const surroundings = await journal.phase('Check cluster and repository', () =>
      openSurroundings(request, journal, signal),
    );
    try {
      const { tasks, notes } = await tasksOf(request, selection, { event: origin.event, tips: surroundings.tips });
      if (tasks.length === 0) return await tellIdle(notes, log, tellAll);
      for (const note of notes) log.info(note);
      state.instances(tasks.map(({ instance }) => instance));
      const context = { request, assets, surroundings, state, signal };
      const outcomes =
        tasks.length > 1 ? await runSeveral(tasks, context, log) : await runTasks(tasks, context, log, journal.record);
      await tellOutcomes(outcomes, request, log);
      await tellAll({ outcomes, notes });
    } finally {
      await surroundings.cluster.close();
    }
  } catch (error) {
    const instance = onlyName(inputOf(runnerLookup, 'instance'));
    await tellFailure(error, { instance, record: journal.record, links, log });
    await tellAll({ outcomes: [], notes: [], error });
  }
  state.told();
}

/** Does several tasks side by side, each with a part of the log for itself. */
async function runSeveral(tasks: readonly Task[], context: TaskContext, log: ActionLog): Promise<Outcome[]> {
  const annotations = new Annotations(log);
  const onEnded = (outcome: Outcome) => state.result(resultOf(outcome, (text) => log.redact(text)));
  const batch = new BatchLog(log, { count: tasks.length, annotations, onEnded });
  try {
    return await runTasks(tasks, context, batch, NOTHING);
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
    return await connectGithub(runnerLookup, hosted, options).pullRequestFiles(pullRequest);
  };
}

/** A step that has nothing to do is green, and says why. */
async function tellIdle(notes: readonly string[], log: ActionLog, tellAll: (told: Told) => Promise<void>) {
  for (const note of notes) log.notice(note);
  setResults([], (text) => log.redact(text));
  await tellAll({ outcomes: [], notes });
}
