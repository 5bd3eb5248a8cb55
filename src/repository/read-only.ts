import { LaunchpadError } from '../core/errors.ts';
import { isOwnRef } from './own-refs.ts';

/** How commands begin that change neither the remote nor a branch, the index or a file of the caller. */
const READING: readonly (readonly string[])[] = [
  ['cat-file'],
  ['fetch'],
  ['ls-remote'],
  ['ls-tree'],
  ['push', '--dry-run'],
  ['rev-parse'],
  ['show'],
  ['status'],
];

/** How a ref is deleted: only of the run's own, which a fetch has just made. */
export const DELETE_REF: readonly string[] = ['update-ref', '--no-deref', '-d'];

/**
 * Requires that a command of git only reads, deletes a ref of the run's own, or is a push with `--dry-run`, for which git sends nothing.
 *
 * @throws LaunchpadError `read-only` for every other command
 */
export function requireReadOnly(args: readonly string[]): void {
  const isReading = READING.some((beginning) => beginning.every((word, index) => args[index] === word));
  const isOwn = args.length === 4 && args.slice(0, 3).join(' ') === DELETE_REF.join(' ') && isOwnRef(args[3] ?? '');
  if (!isReading && !isOwn) throw readOnly(`git ${args[0] ?? ''}`);
}

/** The error for what a repository that is read-only does not do. */
export function readOnly(what: string): LaunchpadError {
  return new LaunchpadError('read-only', `A dry run does not do this in the cluster repository: ${what}.`, {
    remedy: 'This is a fault of the action: please report it. Nothing was changed.',
  });
}
