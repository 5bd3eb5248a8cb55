import { LaunchpadError, messageOf } from './errors.ts';
import { fieldsOf, textIn } from './fields.ts';

interface Refusal {
  readonly why: string;
  /** `%` stands for the path. */
  readonly remedy: string;
}

/** Why the operating system does not let a file be written, each with what to do about it. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  ENOSPC: { why: 'no space is left on its disk', remedy: 'Free space on the disk of %, then run again.' },
  EDQUOT: { why: 'the disk quota is used up', remedy: 'Free space, or raise the disk quota for %, then run again.' },
  EROFS: { why: 'its file system is read-only', remedy: 'Mount % so that it can be written, then run again.' },
  EACCES: { why: 'permission denied', remedy: 'Give the user of the job permission to write %, then run again.' },
  EPERM: { why: 'operation not permitted', remedy: 'Give the user of the job permission to write %, then run again.' },
};

/**
 * The error for a file or directory of this machine that cannot be written.
 *
 * @param place its path, and how it is set
 * @returns LaunchpadError `disk-failed`
 */
export function cannotWrite(place: string, error: unknown): LaunchpadError {
  const { why, remedy } = REFUSALS[codeOf(error)] ?? {
    why: messageOf(error),
    remedy: 'Check that % exists and can be written, then run again.',
  };
  return new LaunchpadError('disk-failed', `Cannot write ${place}: ${why}.`, {
    remedy: remedy.replace('%', () => place),
    cause: error,
  });
}

/** The same for an error that no part of the action has explained; undefined if it is about something else. */
export function diskError(error: unknown): LaunchpadError | undefined {
  if (error instanceof LaunchpadError) return error.code === 'disk-failed' ? error : undefined;
  if (REFUSALS[codeOf(error)] === undefined || textIn(fieldsOf(error), 'syscall') === undefined) return undefined;
  return cannotWrite(textIn(fieldsOf(error), 'path') ?? 'the temporary directory (TMPDIR) or the checkout', error);
}

function codeOf(error: unknown): string {
  return textIn(fieldsOf(error), 'code') ?? '';
}
