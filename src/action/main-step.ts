import { loadAssets } from '../assets.ts';
import { RunJournal } from '../run-journal.ts';
import { NOTHING } from '../run-record.ts';
import { openSurroundings } from '../surroundings.ts';
import { Annotations } from './annotations.ts';
import { BatchLog } from './batch-log.ts';
import { cancellation } from './cancellation.ts';
import { readValue } from './input.ts';
import { INPUTS } from './inputs.ts';
import { type Links, linksOf } from './links.ts';
import { ActionLog } from './log.ts';
import { inputOf, runnerLookup } from './lookup.ts';
import { secretsIn } from './masks.ts';
import { githubOrigin } from './origin.ts';
import type { Outcome } from './outcome.ts';
import { readRequest } from './request.ts';
import { resultOf } from './result.ts';
import { runnerState as state } from './run-state.ts';
import type { TaskContext } from './run-task.ts';
import { runTasks } from './run-tasks.ts';
import { type Task, tasksOf } from './task.ts';
import { tellFailure } from './tell-failure.ts';
import { tellOutcomes } from './tell-outcomes.ts';

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
  let links: Links | undefined;
  try {
    const request = readRequest(runnerLookup, githubOrigin(runnerLookup));
    links = linksOf(request);
    const assets = await loadAssets(entry);
    const signal = cancellation();
    const surroundings = await journal.phase('Check cluster and repository', () =>
      openSurroundings(request, journal, signal),
    );
    try {
      const tasks = tasksOf(request);
      state.instances(tasks.map(({ instance }) => instance));
      const context = { request, assets, surroundings, state, signal };
      const outcomes =
        tasks.length > 1 ? await runSeveral(tasks, context, log) : await runTasks(tasks, context, log, journal.record);
      await tellOutcomes(outcomes, request, log);
    } finally {
      await surroundings.cluster.close();
    }
  } catch (error) {
    const instance = onlyName(inputOf(runnerLookup, 'instance'));
    await tellFailure(error, { instance, record: journal.record, links, log });
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
