import { LaunchpadError, messageOf } from './errors.ts';
import { fieldsOf, textIn } from './fields.ts';

/** What the operating system says when it does not let a file be written, each with what to do about it. */
const REFUSALS: Readonly<Record<string, { readonly why: string; readonly remedy: string }>> = {
  ENOSPC: { why: 'no space is left on its disk', remedy: 'Free space on the disk of %, then run again.' },
  EDQUOT: { why: 'the disk quota is used up', remedy: 'Free space, or raise the disk quota for %, then run again.' },
  EROFS: { why: 'its file system is read-only', remedy: 'Mount % so that it can be written, then run again.' },
  EACCES: { why: 'permission denied', remedy: 'Give the user of the job permission to write %, then run again.' },
  EPERM: { why: 'operation not permitted', remedy: 'Give the user of the job permission to write %, then run again.' },
};

/**
 * The error for a file of this machine that cannot be written.
 *
 * @param place what could not be written, if the error of the operating system does not name it
 * @returns LaunchpadError `disk-failed`; undefined if the error is about something else
 */
export function diskError(error: unknown, place?: string): LaunchpadError | undefined {
  if (error instanceof LaunchpadError) return error.code === 'disk-failed' ? error : undefined;
  const code = textIn(fieldsOf(error), 'code') ?? '';
  const refusal = REFUSALS[code];
  if (refusal === undefined || textIn(fieldsOf(error), 'syscall') === undefined) return undefined;
  const path = place ?? textIn(fieldsOf(error), 'path') ?? 'the temporary directory (TMPDIR) or the checkout';
  return new LaunchpadError('disk-failed', `Cannot write ${path}: ${refusal.why} (${messageOf(error)}).`, {
    remedy: refusal.remedy.replace('%', path),
  });
}
