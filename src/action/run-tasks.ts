import type { ProgressLog } from '../progress.ts';
import { RunJournal } from '../run-journal.ts';
import type { RunRecord } from '../run-record.ts';
import type { Outcome } from './outcome.ts';
import { runTask, type TaskContext } from './run-task.ts';
import type { Task } from './task.ts';

/**
 * Does the tasks, one after the other.
 *
 * @param record what the step has come to by now
 */
export async function runTasks(
  tasks: readonly Task[],
  context: TaskContext,
  log: ProgressLog,
  record: RunRecord,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const task of tasks) {
    const { instance, operation } = task;
    const begun = { ...record, operation };
    const journal = new RunJournal(log, (changed) => context.state.reached(instance, changed), begun);
    outcomes.push(await runTask(task, context, journal));
  }
  return outcomes;
}
