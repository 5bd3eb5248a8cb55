import type { Effect, RecordUpdate } from './run-record.ts';

/**
 * Where a run reports while it runs. `action/` shows it as GitHub's log groups and annotations, `command-line/` as plain
 * lines.
 */
export interface Progress extends ProgressLog {
  /** Keeps what the run has done, for the report at its end; shows nothing. */
  record(update: RecordUpdate): void;
}

/** The part that people read during the run. */
export interface ProgressLog {
  /** Runs `work` as a named phase of the run (a group in GitHub's log). @returns its result */
  phase<T>(title: string, work: () => Promise<T>): Promise<T>;
  /** A line of the log. */
  info(line: string): void;
  /** A line that the operator should see, though the run does not stop. */
  warning(line: string): void;
  /** A line of debug output; never an object that may have a secret in it. */
  debug(line: string): void;
  /** Makes this text a secret: from now on `***` replaces it in all output. */
  secret(value: string): void;
}

/** Does the work of a phase, reports at its end whether it succeeded and how long it took, and throws what the work throws. */
export async function timePhase<T>(
  work: () => Promise<T>,
  onEnd: (isDone: boolean, seconds: string) => void,
): Promise<T> {
  const startedAt = performance.now();
  const end = (isDone: boolean) => onEnd(isDone, `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  try {
    const result = await work();
    end(true);
    return result;
  } catch (error) {
    end(false);
    throw error;
  }
}

/**
 * Does something that changes what is outside of the process. Until it has succeeded the record says that its outcome is
 * unknown, also where it fails: the request may have been carried out, and only its answer be lost.
 */
export async function recordEffect<T>(progress: Progress, effect: Effect, work: () => Promise<T>): Promise<T> {
  progress.record({ effects: { [effect]: 'unknown' } });
  const result = await work();
  progress.record({ effects: { [effect]: 'yes' } });
  return result;
}
