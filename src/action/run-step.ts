import { EMPTY_RECORD, type RunRecord } from '../core/run-record.ts';
import type { Outcome, Task } from '../operations/outcome/outcome.ts';
import { resultOf } from '../operations/outcome/result.ts';
import { runTasks, type TaskContext } from '../operations/run-tasks.ts';
import type { ActionLog } from './log/action-log.ts';
import { Annotations } from './log/annotations.ts';
import { BatchLog } from './log/batch-log.ts';
import { runnerState as state } from './state.ts';

/**
 * Does the tasks of a step. Several run at the same time, each with a part of the log.
 *
 * @param record the step so far; a single task continues it
 */
export async function runStep(
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
