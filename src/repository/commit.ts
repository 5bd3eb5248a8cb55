import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BranchHead, parentsOf, requireDirectories, requireFile } from './branch-head.ts';
import type { Git } from './git.ts';
import type { TreeEntry } from './objects.ts';

/** The whole content of each file to write, by its path in the repository; undefined for one to remove. */
export type FilesOfChange = ReadonlyMap<string, Uint8Array | undefined>;

/** A file as git's index has it; without an object it is removed. */
interface StagedFile {
  readonly file: string;
  readonly mode: string;
  readonly object: string | undefined;
}

/** A change to a branch head, whose files are in the object database already. */
export interface StagedChange {
  readonly head: BranchHead;
  readonly files: readonly StagedFile[];
  /** Whether the branch head has exactly these files. */
  readonly isUnchanged: boolean;
}

export interface CommitOptions {
  readonly message: string;
  /** Author and committer. */
  readonly author: { readonly name: string; readonly email: string };
}

/**
 * Writes the files into the object database, and compares them with those of that branch head. A file keeps its mode.
 *
 * @throws LaunchpadError `not-a-file` if a link or a submodule is in the place of a file, or on its way
 */
export async function stageChange(git: Git, head: BranchHead, files: FilesOfChange): Promise<StagedChange> {
  const names = [...files.keys()];
  const written = [...files].flatMap(([file, bytes]): [string, Uint8Array][] =>
    bytes === undefined ? [] : [[file, bytes]],
  );
  const [entries, objects] = await Promise.all([
    head.entries(names.flatMap((file) => [...parentsOf(file), file])),
    writeObjects(git, new Map(written)),
  ]);
  const staged = names.map((file) => {
    const object = objects.get(file);
    return { file, mode: object === undefined ? '0' : modeAt(entries, file), object };
  });
  return { head, files: staged, isUnchanged: names.every((file) => entries.get(file)?.object === objects.get(file)) };
}

/**
 * Creates a commit of the change by git's plumbing, in an index that nobody else uses.
 *
 * @returns the commit
 */
export async function createCommit(
  git: Git,
  { head, files }: StagedChange,
  { message, author: { name, email } }: CommitOptions,
): Promise<string> {
  return await inTemporaryDirectory(async (directory) => {
    const environment = { GIT_INDEX_FILE: path.join(directory, 'index') };
    await git.text(['read-tree', head.commit], { environment });
    const written = files.flatMap(({ mode, object, file }) =>
      object === undefined ? [] : ['--cacheinfo', `${mode},${object},${file}`],
    );
    const removed = files.flatMap(({ object, file }) => (object === undefined ? [file] : []));
    const args = ['update-index', '--add', '--replace', ...written, '--force-remove', '--', ...removed];
    await git.text(args, { environment });
    const tree = await git.text(['write-tree'], { environment });
    const messageFile = path.join(directory, 'message');
    await writeFile(messageFile, `${message}\n`);
    return await git.text(['commit-tree', tree, '-p', head.commit, '-F', messageFile], {
      environment: {
        GIT_AUTHOR_NAME: name,
        GIT_AUTHOR_EMAIL: email,
        GIT_COMMITTER_NAME: name,
        GIT_COMMITTER_EMAIL: email,
      },
    });
  });
}

/** All in one command, as the start of one takes a while. No filter changes the bytes. */
async function writeObjects(
  git: Git,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<ReadonlyMap<string, string | undefined>> {
  if (files.size === 0) return new Map();
  return await inTemporaryDirectory(async (directory) => {
    const places = [...files.values()].map((bytes, index) => ({ bytes, place: path.join(directory, String(index)) }));
    await Promise.all(places.map(({ bytes, place }) => writeFile(place, bytes, { mode: 0o600 })));
    const args = ['hash-object', '-w', '--no-filters', '--', ...places.map(({ place }) => place)];
    const objects = (await git.text(args)).split('\n');
    return new Map([...files.keys()].map((file, index) => [file, objects[index]]));
  });
}

async function inTemporaryDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(path.join(tmpdir(), 'launchpad-index-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The mode of the file at that path; of a new one, that of a plain file. Refuses links on the way. */
function modeAt(entries: ReadonlyMap<string, TreeEntry>, file: string): string {
  requireDirectories(file, entries);
  const entry = entries.get(file);
  if (entry === undefined) return '100644';
  requireFile(file, entry);
  return entry.mode;
}
