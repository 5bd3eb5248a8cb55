import type { ProgressLog } from '../../core/progress.ts';
import type { Outcome } from '../../operations/outcome/outcome.ts';

/** The log of one of several tasks that are done side by side. */
export interface TaskLog extends ProgressLog {
  /** Nothing more comes: what was kept can be shown. */
  ended(outcome: Outcome): void;
}

/** Where a step tells of several tasks, each of which has a log of its own. */
export interface StepLog {
  /** Called when the task begins. */
  forTask(instance: string): TaskLog;
}
