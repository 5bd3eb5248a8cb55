import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LaunchpadError } from '../errors.ts';
import type { Git } from './git.ts';
import { requireFile, type Tip } from './tip.ts';

/** The whole content of each file to write, by its path in the repository. */
export type FilesOfChange = ReadonlyMap<string, Uint8Array>;

export interface CommitOptions {
  readonly message: string;
  /** Author and committer. */
  readonly author: { readonly name: string; readonly email: string };
}

/**
 * Makes a commit on top of that tip by git's plumbing, in an index that nobody else uses; a file keeps its mode.
 *
 * @returns the commit
 * @throws LaunchpadError `not-a-file` where a link or a submodule is in the way of a file
 */
export async function makeCommit(
  git: Git,
  tip: Tip,
  files: FilesOfChange,
  { message, author: { name, email } }: CommitOptions,
): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'launchpad-index-'));
  try {
    const environment = { GIT_INDEX_FILE: path.join(directory, 'index') };
    await git.text(['read-tree', tip.commit], { environment });
    for (const [file, bytes] of files) {
      const object = await git.text(['hash-object', '-w', '--stdin'], { input: bytes });
      const mode = await modeAt(tip, file);
      await git.text(['update-index', '--add', '--cacheinfo', `${mode},${object},${file}`], { environment });
    }
    const tree = await git.text(['write-tree'], { environment });
    return await git.text(['commit-tree', tree, '-p', tip.commit], {
      input: Buffer.from(`${message}\n`),
      environment: {
        GIT_AUTHOR_NAME: name,
        GIT_AUTHOR_EMAIL: email,
        GIT_COMMITTER_NAME: name,
        GIT_COMMITTER_EMAIL: email,
      },
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Whether that commit has exactly these files already. */
export async function holds(tip: Tip, files: FilesOfChange): Promise<boolean> {
  for (const [file, bytes] of files) {
    const there = await tip.read(file);
    if (there === undefined || Buffer.compare(there, bytes) !== 0) return false;
  }
  return true;
}

/** The mode of the file at that path; where there is none, that of a plain file. Refuses links on the way. */
async function modeAt(tip: Tip, file: string): Promise<string> {
  const parts = file.split('/');
  for (let depth = 1; depth < parts.length; depth += 1) {
    const parent = parts.slice(0, depth).join('/');
    const entry = await tip.entry(parent);
    if (entry !== undefined && entry.type !== 'tree') {
      throw new LaunchpadError('not-a-file', `${parent} is no directory in the cluster repository.`, {
        remedy: 'Replace it by a directory.',
      });
    }
  }
  const entry = await tip.entry(file);
  if (entry === undefined) return '100644';
  requireFile(file, entry);
  return entry.mode;
}
