import type { StepLog } from '../action/log/step-log.ts';
import type { Task } from '../action/selection/tasks.ts';
import { runTask, type TaskContext } from '../action/task/run-task.ts';
import type { ProgressLog } from '../core/progress.ts';
import { RunJournal } from '../core/run-journal.ts';
import { NOTHING, type RunRecord } from '../core/run-record.ts';
import { sideBySide } from '../side-by-side.ts';
import type { Outcome } from './outcome/outcome.ts';

/**
 * Does the tasks side by side, at most `parallelism` of the request at once. Each fails alone: the others go on. Once the
 * signal has aborted, those under way come to their end by themselves, and none is begun any more.
 *
 * @param log one that gives each task a log of its own, or one for all
 * @param record what the step has come to by now, where its log is that of the task as well
 * @returns the outcomes in the order of the tasks
 */
export async function runTasks(
  tasks: readonly Task[],
  context: TaskContext,
  log: ProgressLog | StepLog,
  record: RunRecord,
): Promise<Outcome[]> {
  const { request, signal, state } = context;
  return await sideBySide(tasks, request.parallelism, async (task): Promise<Outcome> => {
    const { instance, operation } = task;
    if (signal.aborted) return { task, record: { ...NOTHING, operation }, kind: 'failed', error: signal.reason };
    const onChange = (changed: RunRecord) => state.reached(instance, changed);
    if (!('forTask' in log))
      return await runTask(task, context, new RunJournal(log, onChange, { ...record, operation }));
    const own = log.forTask(instance);
    const outcome = await runTask(task, context, new RunJournal(own, onChange, { ...NOTHING, operation }));
    own.ended(outcome);
    return outcome;
  });
}
