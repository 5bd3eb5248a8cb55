import { LaunchpadError } from '../core/errors.ts';
import type { Git } from './git.ts';

/** One entry of a tree: its mode (such as 100644), type and object. */
export interface TreeEntry {
  readonly mode: string;
  readonly type: string;
  readonly object: string;
  /** Bytes of a file, where they were asked for; else 0. */
  readonly size: number;
}

/** A template is small; what is larger is something else. */
const MOST_FILES = 500;
const MOST_BYTES = 8 * 1024 * 1024;

/** The files of one commit, read from the object database: nothing is checked out. */
export class BranchHead {
  readonly commit: string;
  readonly #git: Git;
  /** What was read already: many runs of one process may work from the same commit. */
  readonly #read = new Map<string, Promise<ReadonlyMap<string, Uint8Array>>>();

  constructor(git: Git, commit: string) {
    this.#git = git;
    this.commit = commit;
  }

  /** The bytes of a file, or undefined where there is none. */
  async read(path: string): Promise<Uint8Array | undefined> {
    const entry = await this.entry(path);
    if (entry === undefined) return undefined;
    requireFile(path, entry);
    return (await this.#blobs([entry.object]))[0];
  }

  /** The files of that name in the directories of a directory, by path. */
  async readMany(directory: string, file: string): Promise<ReadonlyMap<string, Uint8Array>> {
    const key = JSON.stringify([directory, file]);
    const files = this.#read.get(key) ?? this.#readMany(directory, file);
    this.#read.set(key, files);
    return await files.catch((error: unknown) => {
      this.#read.delete(key);
      throw error;
    });
  }

  async #readMany(directory: string, file: string): Promise<ReadonlyMap<string, Uint8Array>> {
    const children = await this.#entries(['ls-tree', '-z', this.commit, '--', `${directory}/`]);
    const paths = [...children].filter(([, { type }]) => type === 'tree').map(([path]) => `${path}/${file}`);
    if (paths.length === 0) return new Map();
    const found = [...(await this.#entries(['ls-tree', '-z', this.commit, '--', ...paths]))];
    for (const [path, entry] of found) requireFile(path, entry);
    const blobs = await this.#blobs(found.map(([, { object }]) => object));
    return new Map(found.map(([path], index) => [path, blobs[index] ?? new Uint8Array()]));
  }

  /**
   * All files below a directory, by their paths in it.
   *
   * @param directory path, or empty for the whole tree
   * @param name what errors call the directory
   * @throws LaunchpadError `template-invalid` where it is missing or too large, or holds a link or a submodule
   */
  async readTree(directory: string, name: string): Promise<ReadonlyMap<string, Uint8Array>> {
    const prefix = directory === '' ? '' : `${directory}/`;
    const refuse = (what: string, remedy: string) =>
      new LaunchpadError('template-invalid', `The template ${name} ${what}.`, { remedy });
    const args = ['ls-tree', '-r', '-l', '-z', this.commit];
    const found = [...(await this.#entries(prefix === '' ? args : [...args, '--', prefix]))];
    if (found.length === 0)
      throw refuse('is not there, or is empty', 'Check the inputs template and template-directory.');
    const strange = found.find(([, { mode, type }]) => type !== 'blob' || mode === '120000');
    if (strange !== undefined) {
      throw refuse(`has ${strange[0]}, which is a symbolic link or a submodule`, 'Replace it by a file.');
    }
    const bytes = found.reduce((sum, [, { size }]) => sum + size, 0);
    if (found.length > MOST_FILES || bytes > MOST_BYTES) {
      throw refuse(
        `has ${found.length} files with ${bytes} bytes; at most ${MOST_FILES} with ${MOST_BYTES} are read`,
        'Name the directory of the instance template by input template-directory.',
      );
    }
    const blobs = await this.#blobs(found.map(([, { object }]) => object));
    return new Map(found.map(([file], index) => [file.slice(prefix.length), blobs[index] ?? new Uint8Array()]));
  }

  /** Paths of all that is below a directory, links and submodules too. */
  async paths(directory: string): Promise<string[]> {
    return [...(await this.#entries(['ls-tree', '-r', '-z', this.commit, '--', directory])).keys()];
  }

  /** Whether there is a file or a directory. */
  async exists(path: string): Promise<boolean> {
    return (await this.entry(path)) !== undefined;
  }

  /** What the tree has at that path. */
  async entry(path: string): Promise<TreeEntry | undefined> {
    return (await this.entries([path])).get(path);
  }

  /** What the tree has at these paths, of which some may lead into others. */
  async entries(paths: readonly string[]): Promise<ReadonlyMap<string, TreeEntry>> {
    return await this.#entries(['ls-tree', '-t', '-z', this.commit, '--', ...new Set(paths)]);
  }

  async #entries(args: readonly string[]): Promise<ReadonlyMap<string, TreeEntry>> {
    const lines = (await this.#git.text(args)).split('\0').filter((line) => line !== '');
    return new Map(
      lines.map((line) => {
        const [head = '', path = ''] = line.split('\t');
        const [mode = '', type = '', object = '', size = ''] = head.split(/ +/);
        return [path, { mode, type, object, size: Number(size) || 0 }];
      }),
    );
  }

  /** `cat-file --batch` answers each object with a line `<object> <type> <size>`, its bytes and a line end. */
  async #blobs(objects: readonly string[]): Promise<Uint8Array[]> {
    if (objects.length === 0) return [];
    const { stdout } = await this.#git.run(['cat-file', '--batch'], { input: Buffer.from(`${objects.join('\n')}\n`) });
    const blobs: Uint8Array[] = [];
    for (let start = 0; start < stdout.length; ) {
      const end = stdout.indexOf(0x0a, start);
      const size = Number(stdout.subarray(start, end).toString('latin1').split(' ')[2]);
      if (!Number.isInteger(size)) break;
      blobs.push(stdout.subarray(end + 1, end + 1 + size));
      start = end + 1 + size + 1;
    }
    if (blobs.length === objects.length) return blobs;
    throw new LaunchpadError('git-failed', `git cat-file gave ${blobs.length} of ${objects.length} objects.`, {
      remedy: 'Check out the repository anew, then run again.',
    });
  }
}

/** A link or a submodule where a file should be leads out of what we may read and write. */
export function requireFile(path: string, { mode, type }: TreeEntry): void {
  if (type === 'blob' && mode !== '120000') return;
  const what = mode === '120000' ? 'a symbolic link' : type === 'commit' ? 'a submodule' : 'a directory';
  throw new LaunchpadError('not-a-file', `${path} is ${what} in the cluster repository, where a file is expected.`, {
    remedy: `Replace it by a file, or remove it.`,
  });
}
