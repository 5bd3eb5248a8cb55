import { LaunchpadError } from '../core/errors.ts';
import type { Classified } from './refusals.ts';
import { quotedWords, readable } from './words.ts';

/** A reason why git cannot work in the checkout: the words by which it is recognised, and what an operator reads. */
interface LocalFailure {
  readonly code: string;
  readonly words: RegExp;
  readonly what: (directory: string) => string;
  readonly remedy: (directory: string, found: RegExpExecArray) => string;
  /** Whether the next attempt may succeed. */
  readonly isTransient?: boolean;
}

const CHECK_OUT_ANEW = 'Delete the checkout and check out again (on a self-hosted runner: delete its workspace).';

const FAILURES: readonly LocalFailure[] = [
  {
    code: 'checkout-locked',
    words: /Unable to create '([^'\n]{1,1000}\.lock)': File exists/,
    what: (directory) => `The checkout ${directory} is locked: another git process works in it, or one was killed.`,
    remedy: (_, [, lock]) => `If no git process works in it, delete ${lock}. Then run again.`,
    isTransient: true,
  },
  {
    code: 'checkout-locked',
    words: /data is locked|cannot lock references/,
    what: (directory) =>
      `The refs of the checkout ${directory} are locked: another git process works in it, or one was killed.`,
    remedy: (directory) =>
      `If no git process works in it, delete ${directory}/.git/reftable/tables.list.lock. Then run again.`,
    isTransient: true,
  },
  {
    code: 'checkout-locked',
    words: /shallow file has changed since we read it/,
    what: (directory) => `Another git process changed the checkout ${directory} during this step.`,
    remedy: () => 'Run no other git process in the checkout during this step, then run again.',
    isTransient: true,
  },
  {
    code: 'checkout-ref-in-the-way',
    words: /'(refs\/[^'\n]{1,1000})' exists; cannot create/,
    what: (directory) => `A ref of the checkout ${directory} is in the way of the refs of this run.`,
    remedy: (directory, [, ref]) => `Delete it: git -C ${directory} update-ref -d ${ref}. Then run again.`,
  },
  {
    code: 'checkout-of-another-user',
    words: /dubious ownership|is owned by someone else/,
    what: (directory) => `The checkout ${directory} belongs to another user, and git does not work in it.`,
    remedy: (directory) =>
      `Check out as the user that runs this step, or trust the directory: git config --global --add safe.directory ${directory}`,
  },
  {
    code: 'disk-failed',
    words: /No space left on device|Disk quota exceeded/,
    what: (directory) => `There is no space left on the disk of the checkout ${directory}.`,
    remedy: () => 'Make room on the runner, then run again.',
  },
  {
    code: 'checkout-not-writable',
    words:
      /insufficient permission for adding an object|\b(?:create|open|write|append|unlink|mkdir|lock|update)\b[^\n]{0,200}: (?:Permission denied|Read-only file system)/i,
    what: (directory) => `Files of the checkout ${directory} cannot be written.`,
    remedy: (directory) =>
      `Make ${directory} writable for the user that runs this step: an earlier step, such as a container's, may have left files of root.`,
  },
  {
    code: 'checkout-damaged',
    words:
      /object file [^\n]{0,200} is empty|is corrupt|unable to read (?:tree|sha1)|missing (?:blob|tree|commit)|bad object|packfile [^\n]{0,200} cannot be accessed|index file smaller|invalid sha1 pointer|reference broken|not a valid object/,
    what: (directory) => `The checkout ${directory} is damaged.`,
    remedy: () => CHECK_OUT_ANEW,
  },
  {
    code: 'git-too-old',
    words: /unknown option [`']|^usage: git /m,
    what: () => 'The git on this machine is too old.',
    remedy: () => 'Install git 2.31 or newer.',
  },
];

/**
 * What went wrong in the checkout, by the words of git itself; what the remote says is left out.
 *
 * @returns undefined if none of these is the reason
 */
export function localFailure(stderr: string, directory: string): Classified | undefined {
  const own = readable(stderr).replace(/^remote:.*$/gm, '');
  for (const { code, words, what, remedy, isTransient = false } of FAILURES) {
    const found = words.exec(own);
    if (found === null) continue;
    const message = `${what(directory)} Git says: ${quotedWords(stderr)}`;
    return { error: new LaunchpadError(code, message, { remedy: remedy(directory, found) }), isTransient };
  }
  return undefined;
}
