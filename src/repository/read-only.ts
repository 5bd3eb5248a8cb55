import { LaunchpadError } from '../core/errors.ts';

/** How commands begin that change neither the remote nor a branch, the index or a file of the caller. */
const READING: readonly (readonly string[])[] = [
  ['cat-file'],
  ['fetch'],
  ['ls-tree'],
  ['push', '--dry-run'],
  ['remote', 'get-url'],
  ['rev-parse'],
  ['show'],
  ['status'],
];

/**
 * Requires that a command of git only reads, or is a push with `--dry-run`, for which git sends nothing.
 *
 * @throws LaunchpadError `read-only` for every other command
 */
export function requireReadOnly(args: readonly string[]): void {
  const isReading = READING.some((beginning) => beginning.every((word, index) => args[index] === word));
  if (!isReading) throw readOnly(`git ${args[0] ?? ''}`);
}

/** The error for what a repository that is read-only does not do. */
export function readOnly(what: string): LaunchpadError {
  return new LaunchpadError('read-only', `A dry run does not do this in the cluster repository: ${what}.`, {
    remedy: 'This is a fault of the action: please report it. Nothing was changed.',
  });
}
