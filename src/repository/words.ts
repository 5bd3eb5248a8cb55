/** Characters that are read at each end of a long text. */
const READ = 64 * 1024;
/** How much of git's words an error quotes. */
const QUOTED_FIRST = 700;
const QUOTED_LAST = 300;
/** Lines that say nothing of what went wrong. */
const NOISE =
  /^(?:(?:Enumerating|Counting|Compressing|Writing) objects|Delta compression|Total \d|Resolving deltas|To |From |Everything up-to-date|error: failed to push some refs|hint:|[—\s]*$)/;

/** As much of a long text as is read: its beginning and its end, where git and its host say what went wrong. */
export function readable(text: string): string {
  return ends(text, READ, READ, '\n');
}

/** Git's words without the credentials that a URL in them may have, on one line. Linear in their length. */
export function withoutCredentials(text: string): string {
  return lines(text.replace(/:\/\/[^\s/?#]*@/g, '://')).join(' ');
}

/** The part of git's words that an error quotes: without credentials and progress, and of limited length. */
export function quotedWords(text: string): string {
  const said = readable(text);
  const telling = lines(said).filter((line) => !NOISE.test(line));
  const words = withoutCredentials(telling.length === 0 ? said : telling.join('\n'));
  return ends(words, QUOTED_FIRST, QUOTED_LAST, ' … ');
}

/** The first and the last characters of a long text, cut at a blank: a part of a secret would not be hidden as one. */
function ends(text: string, first: number, last: number, between: string): string {
  if (text.length <= first + last) return text;
  const blank = text.indexOf(' ', text.length - last);
  return `${text.slice(0, Math.max(0, text.lastIndexOf(' ', first)))}${between}${blank < 0 ? '' : text.slice(blank + 1)}`;
}

/** The lines of a text without git's own marks and without white space around them. */
function lines(text: string): string[] {
  return text
    .split(/[\r\n]/)
    .map((line) => line.replace(/^(?:remote|hint):/, '').trim())
    .filter((line) => line !== '');
}

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
