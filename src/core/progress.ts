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
  /**
   * Runs `work` as a named phase of the run (a group in GitHub's log).
   *
   * @param describe what it came to in a few words, such as `unchanged`, for the line at its end
   * @returns its result
   */
  phase<T>(title: string, work: () => Promise<T>, describe?: Describe<T>): Promise<T>;
  /** A line of the log. */
  info(line: string): void;
  /** A line that the operator should see, though the run does not stop. @param cause the error that it tells, if there is one */
  warning(line: string, cause?: unknown): void;
  /** A line of debug output; never an object that may have a secret in it. */
  debug(line: string): void;
  /** Makes this text a secret: from now on `***` replaces it in all output. */
  secret(value: string): void;
}

/** What a phase came to, in a few words; empty: its title says it all. */
export type Describe<T> = (result: T) => string;

/**
 * Does the work of a phase, and throws what the work throws.
 *
 * @param onEnd gets whether it succeeded, and the line for its end: title, what it came to and how long it took
 */
export async function timePhase<T>(
  { title, work, describe = () => '' }: { title: string; work: () => Promise<T>; describe?: Describe<T> | undefined },
  onEnd: (isDone: boolean, line: string) => void,
): Promise<T> {
  const startedAt = performance.now();
  const end = (isDone: boolean, words: string) => {
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    onEnd(isDone, `${title}${words === '' ? '' : `: ${words}`}, ${seconds} s`);
  };
  try {
    const result = await work();
    end(true, describe(result));
    return result;
  } catch (error) {
    end(false, '');
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
