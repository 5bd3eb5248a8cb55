import { LaunchpadError } from '../core/errors.ts';
import { type Failure, failuresOf } from '../operations/outcome/failure.ts';
import type { Outcome } from '../operations/outcome/outcome.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { terminalRemedies } from './remedies.ts';

/** How a command ended. */
export interface Ending {
  /** Of each instance that it came to. */
  readonly outcomes: readonly Outcome[];
  /** What ended it before it came to any. */
  readonly error: unknown;
  readonly exitCode: number;
}

/** How a command ended, as JSON for a program: an object with `outcome`, `exitCode`, `errors` and `instances`. */
export function jsonReport({ outcomes, error, exitCode }: Ending, redact: (text: string) => string): string {
  const instances = outcomes.map((outcome) => ({
    instance: outcome.task.instance,
    outcome: outcome.kind,
    ...(outcome.kind === 'failed' ? { errors: errorsOf(outcome.error) } : { report: outcome.report }),
  }));
  const outcome = OUTCOMES[exitCode] ?? 'failed';
  const report = { outcome, exitCode, errors: error === undefined ? [] : errorsOf(error), instances };
  return JSON.stringify(report, (_, value: unknown) => (typeof value === 'string' ? redact(value) : value), 2);
}

/** How the command ended in a word, by its exit code. */
const OUTCOMES: Readonly<Record<number, string>> = {
  [EXIT_CODES.done.code]: 'done',
  [EXIT_CODES.usage.code]: 'invalid',
  [EXIT_CODES.cancelled.code]: 'cancelled',
};

function errorsOf(thrown: unknown) {
  const code = thrown instanceof LaunchpadError ? { code: thrown.code } : {};
  return failuresOf(thrown, terminalRemedies).map((failure) => ({ ...code, ...plain(failure) }));
}

interface PlainError {
  readonly message: string;
  readonly remedy?: string;
  readonly causes: readonly PlainError[];
}

function plain({ message, remedy, causes }: Failure): PlainError {
  return { message, ...(remedy === undefined ? {} : { remedy }), causes: causes.map(plain) };
}
