import type { RecordUpdate, UnknownOutcome } from './run-record.ts';

/**
 * What a run tells while it goes. The engine speaks to this interface only; `action/` shows it as GitHub's log groups
 * and annotations, a command line as plain lines.
 */
export interface Progress extends ProgressLog {
  /** Keeps what the run has come to, for whoever tells of it at its end; it shows nothing. */
  record(update: RecordUpdate): void;
}

/** The part of it that people read on the way. */
export interface ProgressLog {
  /** Runs `work` as a named phase of the run (a group in GitHub's log), and gives back its result. */
  phase<T>(title: string, work: () => Promise<T>): Promise<T>;
  /** A line of the log. */
  info(line: string): void;
  /** Something that does not stop the run, but that the operator should know. */
  warning(line: string): void;
  /** A line for those who asked for debug output; never an object that may hold a secret. */
  debug(line: string): void;
  /** From now on this text is a secret: it is replaced by `***` wherever it would be shown. */
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
 * Does something whose end may not be heard of: where the run is cancelled meanwhile, nobody knows whether it came about,
 * and the record of the run says so.
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
