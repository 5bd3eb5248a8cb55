import { mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LaunchpadError } from '../core/errors.ts';
import type { BranchHead } from './branch-head.ts';
import type { Git } from './git.ts';

/** The caller's checkout. */
interface WorkTree {
  readonly directory: string;
  /** Short name of the branch that the run is about. */
  readonly branch: string;
}

/**
 * Requires that the branch has all changes of the caller's tree to these files: they would be lost. The branch has what an
 * earlier step of the job pushed and copied into the tree.
 *
 * @throws LaunchpadError `uncommitted-changes` that names them
 */
export async function requireCommitted(
  git: Git,
  { directory, branch }: WorkTree,
  paths: readonly string[],
  head: BranchHead,
): Promise<void> {
  const compared = await Promise.all(
    paths.map(async (file) => {
      const [here, there] = await Promise.all([
        readFile(path.join(directory, file)).catch(() => undefined),
        head.read(file).catch(() => null),
      ]);
      return here === undefined || !there ? here === there : Buffer.compare(here, there) === 0;
    }),
  );
  const others = paths.filter((_, index) => compared[index] === false);
  if (others.length === 0) return;
  // Newer on the branch, with other line ends, or changed: git knows.
  const status = await git.text(['status', '--porcelain', '-z', '--untracked-files=all', '--', ...others]);
  const changed = status.split('\0').flatMap((line) => (line === '' ? [] : [line.slice(3)]));
  if (changed.length === 0) return;
  throw new LaunchpadError(
    'uncommitted-changes',
    `${changed.join(' and ')} changed in the checkout without a commit.`,
    {
      remedy: `Commit and push the change first: a run works from branch ${branch} as the remote has it.`,
    },
  );
}

/** Writes the files into the caller's tree, so that later steps of the job see them. */
export async function copyToTree({ directory }: WorkTree, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  for (const [file, bytes] of files) {
    const target = path.join(directory, file);
    await mkdir(path.dirname(target), { recursive: true });
    await requireInTree(directory, file);
    const temporary = `${target}.launchpad-${process.pid}`;
    await writeFile(temporary, bytes);
    await rename(temporary, target);
  }
}

/** Removes a directory with all its content from the caller's tree, so that later steps of the job do not see it. */
export async function removeFromTree({ directory }: WorkTree, removed: string): Promise<void> {
  const target = path.join(directory, removed);
  const hasParent = await stat(path.dirname(target)).then(
    () => true,
    () => false,
  );
  if (!hasParent) return;
  await requireInTree(directory, removed);
  await rm(target, { recursive: true, force: true });
}

/** A symbolic link on the way to it would lead out of the tree. */
async function requireInTree(directory: string, file: string): Promise<void> {
  const parent = path.dirname(file);
  if ((await realpath(path.join(directory, parent))) === path.join(await realpath(directory), parent)) return;
  throw new LaunchpadError('not-a-file', `${parent} is a symbolic link in the checkout.`, {
    remedy: 'Replace it by a directory.',
  });
}
