/** What an error carries besides its message. */
export interface LaunchpadErrorOptions {
  /** What the operator can do about it: one sentence in the imperative. */
  readonly remedy?: string | undefined;
  readonly cause?: unknown;
}

/**
 * An error that an operator can act on. `message` says what failed and where, `remedy` what to do about it; neither
 * ever holds a secret. `code` is stable, in kebab-case, and names the kind of failure (`settings-invalid`,
 * `config-changed`, `push-refused`, …), so that callers and tests need not read the text.
 */
export class LaunchpadError extends Error {
  readonly code: string;
  readonly remedy: string | undefined;

  constructor(code: string, message: string, options: LaunchpadErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LaunchpadError';
    this.code = code;
    this.remedy = options.remedy;
  }
}

/** The message of whatever was thrown: an Error's message, else the value as text. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The text with a full stop, unless it ends as a sentence already: for what goes on after a message of another's. */
export function asSentence(text: string): string {
  return /[.!?:]$/.test(text) ? text : `${text}.`;
}

/**
 * Awaits everything that was started, then gives back the results, or throws what failed: the one error, or an
 * AggregateError with all of them, so that an operator mends them in one go. Nothing is still under way afterwards.
 */
export async function together<T extends readonly unknown[] | []>(
  promises: T,
): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  const outcomes = await Promise.allSettled(promises);
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  // A signal that aborts several things makes them all fail with the same reason.
  const errors = [...new Set(reasons)];
  if (errors.length === 0) return await Promise.all(promises);
  throw errors.length === 1 ? errors[0] : new AggregateError(errors, `${errors.length} things failed.`);
}
