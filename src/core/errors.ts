/** What an error carries besides its message. */
interface LaunchpadErrorOptions {
  /** What the operator can do about it: one sentence in the imperative. */
  readonly remedy?: string | undefined;
  /** Area and cause in a few words, such as `Git: branch main is protected`, if they say more than the code does. */
  readonly title?: string | undefined;
  readonly cause?: unknown;
}

/**
 * An error that an operator can act on. `message` says what failed and where, `remedy` what to do about it; neither
 * ever has a secret in it. `code` is stable, in kebab-case, and names the kind of failure (`settings-invalid`,
 * `config-changed`, `push-denied`, …), so that callers and tests need not read the text.
 */
export class LaunchpadError extends Error {
  readonly code: string;
  readonly remedy: string | undefined;
  readonly title: string | undefined;

  constructor(code: string, message: string, options: LaunchpadErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LaunchpadError';
    this.code = code;
    this.remedy = options.remedy;
    this.title = options.title;
  }
}

/** The message of a thrown value: an Error's message, else the value as text. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The text with a full stop, unless it ends as a sentence: for a sentence that follows a message of another program. */
export function asSentence(text: string): string {
  return /[.!?:]$/.test(text) ? text : `${text}.`;
}
