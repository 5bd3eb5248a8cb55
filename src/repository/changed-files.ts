import { COMMIT, fetchRef } from './fetch.ts';
import type { Git } from './git.ts';
import type { Remote } from './remote.ts';

/** A file that differs between two commits. */
export interface FileChange {
  readonly path: string;
  readonly isRemoved: boolean;
  /** Path that it had before, if that is known to be another. */
  readonly renamedFrom?: string | undefined;
}

/**
 * The files below a directory that differ between two commits. An unknown commit is fetched: into a shallow clone
 * without its history, while a full clone stays full.
 *
 * @throws CommitMissing for the first commit that the remote does not give, and LaunchpadError as fetchRef
 */
export async function changedFiles(
  git: Git,
  remote: Remote,
  { before, after, directory }: { readonly before: string; readonly after: string; readonly directory: string },
): Promise<FileChange[]> {
  for (const commit of [before, after]) {
    if (!(await isKnown(git, commit)) && !(await isFetched(git, remote, commit))) throw new CommitMissing(commit);
  }
  const args = ['diff-tree', '-r', '-z', '--no-renames', '--name-status', before, after, '--', `${directory}/`];
  const words = (await git.text(args)).split('\0').filter((word) => word !== '');
  return Array.from({ length: words.length / 2 }, (_, index) => ({
    path: words[2 * index + 1] ?? '',
    isRemoved: words[2 * index] === 'D',
  }));
}

/** Neither the clone nor the remote has that commit. */
export class CommitMissing extends Error {
  readonly commit: string;

  constructor(commit: string) {
    super(`There is no commit ${commit}.`);
    this.name = 'CommitMissing';
    this.commit = commit;
  }
}

async function isKnown(git: Git, commit: string): Promise<boolean> {
  return COMMIT.test(commit) && (await git.object(`${commit}^{tree}`)) !== undefined;
}

async function isFetched(git: Git, remote: Remote, commit: string): Promise<boolean> {
  if (!COMMIT.test(commit)) return false;
  const isShallow = (await git.text(['rev-parse', '--is-shallow-repository'])) === 'true';
  const options = isShallow ? ['--depth=1'] : [];
  return (await fetchRef(git, remote, { source: commit, options })) !== undefined;
}
