import { LaunchpadError } from '../core/errors.ts';
import { Memo } from '../core/memo.ts';
import type { Git } from './git.ts';
import { ClusterObjects, entriesOf, type TreeEntry } from './objects.ts';

/** A template is small; a larger directory is something else. */
const MOST_FILES = 500;
const MOST_BYTES = 8 * 1024 * 1024;

/** The files of one commit, read from the object database: nothing is checked out. */
export class BranchHead {
  readonly commit: string;
  readonly #git: Git;
  readonly #objects: ClusterObjects;
  /** Many runs of one process may work from the same commit. */
  readonly #read = new Memo<ReadonlyMap<string, Uint8Array | undefined>>();
  readonly #top = new Memo<ReadonlyMap<string, TreeEntry>>();

  /** @param objects what is known of the clone from other commits */
  constructor(git: Git, commit: string, objects = new ClusterObjects()) {
    this.#git = git;
    this.commit = commit;
    this.#objects = objects;
  }

  /** The bytes of a file; undefined if the commit does not have it. */
  async read(path: string): Promise<Uint8Array | undefined> {
    const entries = await this.entries([...parentsOf(path), path]);
    requireDirectories(path, entries);
    const entry = entries.get(path);
    if (entry === undefined) return undefined;
    requireFile(path, entry);
    return await this.#objects.file(this.#git, entry.object);
  }

  /** The files of that name in the directories of a directory, by path; undefined: a link or a submodule is on the way. */
  async readMany(directory: string, file: string): Promise<ReadonlyMap<string, Uint8Array | undefined>> {
    return await this.#read.get(JSON.stringify([directory, file]), () => this.#readMany(directory, file));
  }

  async #readMany(directory: string, file: string): Promise<ReadonlyMap<string, Uint8Array | undefined>> {
    const children = await this.#children(directory);
    const isLink = ({ type, mode }: TreeEntry) => type === 'commit' || mode === '120000';
    const links = [...children].filter(([, entry]) => isLink(entry)).map(([path]) => `${path}/${file}`);
    const trees = [...children].filter(([, { type }]) => type === 'tree');
    const { named } = this.#objects;
    const keyOf = ({ object }: TreeEntry) => `${object} ${file}`;
    const unknown = trees.filter(([, tree]) => !named.has(keyOf(tree)));
    const paths = unknown.map(([path]) => `${path}/${file}`);
    const found = paths.length === 0 ? new Map<string, TreeEntry>() : await this.#entries(paths);
    const files = [...found].filter(([, entry]) => entry.type === 'blob' && !isLink(entry));
    const blobs = await this.#blobs(files.map(([, entry]) => entry));
    const bytes = new Map(files.map(([path], index) => [path, blobs[index] ?? new Uint8Array()]));
    for (const [path, tree] of unknown) {
      const place = `${path}/${file}`;
      named.set(keyOf(tree), found.has(place) ? bytes.get(place) : null);
    }
    const read = trees.flatMap(([path, tree]) => {
      const known = named.get(keyOf(tree));
      return known === null ? [] : [[`${path}/${file}`, known] as const];
    });
    return new Map<string, Uint8Array | undefined>([...links.map((path) => [path, undefined] as const), ...read]);
  }

  /**
   * All files below a directory, by their paths in it.
   *
   * @param directory path, or empty for the whole tree
   * @param name what errors call the directory
   * @throws LaunchpadError `template-invalid` if it is missing or too large, or has a link or a submodule
   */
  async readTree(directory: string, name: string): Promise<ReadonlyMap<string, Uint8Array>> {
    const prefix = directory === '' ? '' : `${directory}/`;
    const refuse = (what: string, remedy: string) =>
      new LaunchpadError('template-invalid', `The template ${name} ${what}.`, { remedy });
    const found = [...(await this.#entries(prefix === '' ? [] : [prefix], ['-r']))];
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
    const blobs = await this.#blobs(found.map(([, entry]) => entry));
    return new Map(found.map(([file], index) => [file.slice(prefix.length), blobs[index] ?? new Uint8Array()]));
  }

  /** Paths of all that is below a directory, links and submodules too. */
  async paths(directory: string): Promise<string[]> {
    return [...(await this.#entries([directory], ['-r'])).keys()];
  }

  /** Whether there is a file or a directory. */
  async exists(path: string): Promise<boolean> {
    return (await this.entry(path)) !== undefined;
  }

  /** What the tree has at that path. */
  async entry(path: string): Promise<TreeEntry | undefined> {
    const [first = '', ...rest] = path.split('/');
    if (rest.length < 2) return (await this.#topOf(first)).get(path);
    const parent = await this.entry(path.slice(0, path.lastIndexOf('/')));
    if (parent?.type !== 'tree') return undefined;
    return (await this.#objects.tree(this.#git, parent.object)).get(rest.at(-1) ?? '');
  }

  /** What is directly below a directory, by path. */
  async #children(directory: string): Promise<ReadonlyMap<string, TreeEntry>> {
    const entry = await this.entry(directory);
    if (entry?.type !== 'tree') return new Map();
    if (!directory.includes('/')) {
      return new Map([...(await this.#topOf(directory))].filter(([path]) => path !== directory));
    }
    const found = await this.#objects.tree(this.#git, entry.object);
    return new Map([...found].map(([name, child]) => [`${directory}/${name}`, child]));
  }

  /** What the tree has at a path of one name, and directly below it. */
  async #topOf(name: string): Promise<ReadonlyMap<string, TreeEntry>> {
    return await this.#top.get(name, async () =>
      entriesOf(await this.#git.text(['ls-tree', '-z', '-t', this.commit, '--', name, `${name}/`])),
    );
  }

  /** What the tree has at these paths, of which some may lead into others. */
  async entries(paths: readonly string[]): Promise<ReadonlyMap<string, TreeEntry>> {
    const found = await Promise.all(paths.map(async (path) => [path, await this.entry(path)] as const));
    return new Map(found.flatMap(([path, entry]) => (entry === undefined ? [] : [[path, entry]])));
  }

  async #entries(paths: readonly string[], options: readonly string[] = []): Promise<ReadonlyMap<string, TreeEntry>> {
    return entriesOf(await this.#git.text(['ls-tree', '-l', '-z', ...options, this.commit, '--', ...paths]));
  }

  /** `git show` writes the bytes of all files one after the other, without a filter or a line end of its own. */
  async #blobs(entries: readonly TreeEntry[]): Promise<Uint8Array[]> {
    if (entries.length === 0) return [];
    const bytes = await this.#git.bytes(['show', ...entries.map(({ object }) => object)]);
    let end = 0;
    const blobs = entries.map(({ size }) => {
      end += size;
      return bytes.subarray(end - size, end);
    });
    if (end === bytes.length) return blobs;
    throw new LaunchpadError('git-failed', `git show gave ${bytes.length} bytes of ${entries.length} files: ${end}.`, {
      remedy: 'Check out the repository again, then run again.',
    });
  }
}

/** The directories that a path leads through. */
export function parentsOf(file: string): string[] {
  const parts = file.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** Refuses a link, a submodule or a file in place of a directory: the file cannot be there. */
export function requireDirectories(file: string, entries: ReadonlyMap<string, TreeEntry>): void {
  for (const parent of parentsOf(file)) {
    const entry = entries.get(parent);
    if (entry === undefined || entry.type === 'tree') continue;
    throw new LaunchpadError(
      'not-a-file',
      `${parent} is ${kindOf(entry)} in the cluster repository, not a directory.`,
      {
        remedy: 'Replace it by a directory.',
      },
    );
  }
}

function kindOf({ mode, type }: TreeEntry): string {
  if (mode === '120000') return 'a symbolic link';
  if (type === 'commit') return 'a submodule';
  return type === 'tree' ? 'a directory' : 'a file';
}

/** Refuses a link or a submodule in place of a file: it leads out of what we may read and write. */
export function requireFile(path: string, entry: TreeEntry): void {
  if (kindOf(entry) === 'a file') return;
  throw new LaunchpadError(
    'not-a-file',
    `${path} is ${kindOf(entry)} in the cluster repository, where a file is expected.`,
    {
      remedy: `Replace it by a file, or remove it.`,
    },
  );
}
