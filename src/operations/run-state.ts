import type { RunRecord } from '../core/run-record.ts';
import type { Result } from './outcome/result.ts';

/** Remembers what the next step of the job must know if this one is killed. */
export interface RunState {
  /** The step is about these instances. */
  instances(names: readonly string[]): void;
  /** From now on there may be something to clean up. */
  started(run: StartedRun): void;
  /** What the run has done so far. */
  record(instance: string, record: RunRecord): void;
  /** The run has left nothing to clean up. */
  ended(instance: string): void;
  /** How one of several runs ended; its record is not needed any more. */
  result(result: Result): void;
  /** The step has reported how its runs ended. */
  reported(): void;
}

/** A run that may have something to clean up. */
export interface StartedRun {
  readonly instance: string;
  readonly id: string;
}
