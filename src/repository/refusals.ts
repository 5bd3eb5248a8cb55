import { LaunchpadError } from '../core/errors.ts';
import { HOST_REFUSALS } from './host-refusals.ts';
import { PUSH_REFUSALS } from './push-refusals.ts';
import { quotedWords, type Refusal, readable } from './words.ts';

/** Where is fetched from, or pushed to. */
interface Target {
  readonly url: string;
  readonly branch: string;
}

/** What a failed fetch or push means. */
export interface Classified {
  readonly error: LaunchpadError;
  /** Whether the next attempt may succeed. */
  readonly isTransient: boolean;
}

const REFUSALS = [...PUSH_REFUSALS, ...HOST_REFUSALS];

const UNKNOWN: Refusal = {
  code: 'push-failed',
  words: /^/,
  what: ({ url, branch }) => `Git could not work with branch ${branch} of ${url}.`,
  remedy: 'Fix the git error, then run again: what is done already is kept.',
};

/**
 * What a failed push, or fetch, means: reads the messages of git, in the C locale, and of the server. The first row of the
 * two tables that matches counts.
 */
export function classify(stderr: string, target: Target): Classified {
  const said = readable(stderr);
  const { code, title, what, remedy, isTransient = false } = REFUSALS.find(({ words }) => words.test(said)) ?? UNKNOWN;
  const error = new LaunchpadError(code, `${what(target)} Git says: ${quotedWords(stderr)}`, {
    remedy: typeof remedy === 'string' ? remedy : remedy(said),
    title: title?.(target),
  });
  return { error, isTransient };
}
