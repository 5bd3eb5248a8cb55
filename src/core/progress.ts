import type { RecordUpdate, UnknownOutcome } from './run-record.ts';

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

/**
 * Does something that a cancelled run may not see the end of: the record of the run then says that its outcome is unknown.
 */
export async function unknownIfCancelled<T>(
  progress: Progress,
  what: UnknownOutcome,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  progress.record({ outcomeUnknown: what });
  try {
    const result = await work();
    progress.record({ outcomeUnknown: undefined });
    return result;
  } catch (error) {
    if (!signal.aborted) progress.record({ outcomeUnknown: undefined });
    throw error;
  }
}
