/** A reason why a git host refuses, or fails: the words by which it is recognised, and what an operator reads. */
export interface Refusal {
  readonly code: string;
  /**
   * Linear in the length of the text. Each has a space or a character that neither a ref nor a URL may have, so that the
   * name of a branch or a repository is never taken for a reason.
   */
  readonly words: RegExp;
  /** Area and cause in a few words, if the code alone does not say them. */
  readonly title?: (target: { readonly branch: string }) => string;
  readonly what: (target: { readonly url: string; readonly branch: string }) => string;
  readonly remedy: string | ((stderr: string) => string);
  /** Whether the next attempt may succeed. */
  readonly isTransient?: boolean;
}

/** The end of a remedy. */
export const RUN_AGAIN = 'Then run again: what is done already is kept.';

/** An HTTP status as git and curl write it: `error: 502`, `HTTP 502 curl 22`, `HTTP code = 502`. */
export const status = (codes: string) => `(?:error:|HTTP|code|code =|response) (?:${codes})\\b`;
export const any = (...parts: readonly string[]) => new RegExp(parts.join('|'), 'im');
