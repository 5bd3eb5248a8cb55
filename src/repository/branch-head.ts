import { Memo } from '../core/concurrency.ts';
import { LaunchpadError } from '../core/errors.ts';
import { type Neighbour, readNeighbour } from '../instance/guards/neighbour-guards.ts';
import type { Git } from './git.ts';
import { entriesOf, entriesOfTree, type TreeEntry } from './objects.ts';

/** A template is small; a larger directory is something else. */
const MOST_FILES = 500;
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * What is read of instances' directories, by name and tree: the same in every commit. A run of many instances reads commit
 * after commit, each of which changes two files. null: the tree has no config.yml.
 */
export type KnownNeighbours = Memo<Neighbour | null>;

/** The files of one commit, read from the object database: nothing is checked out. */
export class BranchHead {
  readonly commit: string;
  readonly #git: Git;
  readonly #known: KnownNeighbours;
  /** Many runs of one process may work from the same commit. */
  readonly #neighbours = new Memo<readonly Neighbour[]>();
  readonly #trees = new Memo<ReadonlyMap<string, TreeEntry>>();

  /** @param known what is known of the clone from other commits */
  constructor(git: Git, commit: string, known: KnownNeighbours = new Memo()) {
    this.#git = git;
    this.commit = commit;
    this.#known = known;
  }

  /** The bytes of a file; undefined if the commit does not have it. */
  async read(path: string): Promise<Uint8Array | undefined> {
    const entries = await this.entries([...parentsOf(path), path]);
    requireDirectories(path, entries);
    const entry = entries.get(path);
    if (entry === undefined) return undefined;
    requireFile(path, entry);
    return await this.#git.content(entry.object, 'blob');
  }

  /** The instances that have a config.yml in their directory of this directory, and what it names; of a link, nothing. */
  async neighbours(directory: string): Promise<readonly Neighbour[]> {
    return await this.#neighbours.get(directory, async () => {
      const parent = await this.entry(directory);
      const children = parent?.type === 'tree' ? [...(await this.#tree(parent.object))] : [];
      const read = await Promise.all(
        children.map(async ([name, entry]) => {
          if (isLink(entry)) return readNeighbour({ name, bytes: undefined });
          if (entry.type !== 'tree') return null;
          return await this.#known.get(`${entry.object} ${name}`, () => this.#neighbour(name, entry.object));
        }),
      );
      return read.filter((neighbour) => neighbour !== null);
    });
  }

  async #neighbour(name: string, tree: string): Promise<Neighbour | null> {
    const entry = entriesOfTree(await this.#git.content(tree, 'tree'), this.#hashBytes).get('config.yml');
    if (entry === undefined) return null;
    const isFile = entry.type === 'blob' && !isLink(entry);
    return readNeighbour({ name, bytes: isFile ? await this.#git.content(entry.object, 'blob') : undefined });
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
    const found = [...(await this.#entries(prefix === '' ? [] : [prefix]))];
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
    const blobs = await Promise.all(found.map(([, { object }]) => this.#git.content(object, 'blob')));
    return new Map(found.map(([file], index) => [file.slice(prefix.length), blobs[index] ?? new Uint8Array()]));
  }

  /** Paths of all that is below a directory, links and submodules too. */
  async paths(directory: string): Promise<string[]> {
    return [...(await this.#entries([directory])).keys()];
  }

  /** Whether there is a file or a directory. */
  async exists(path: string): Promise<boolean> {
    return (await this.entry(path)) !== undefined;
  }

  /** What the tree has at that path. */
  async entry(path: string): Promise<TreeEntry | undefined> {
    const slash = path.lastIndexOf('/');
    if (slash < 0) return (await this.#tree(`${this.commit}^{tree}`)).get(path);
    const parent = await this.entry(path.slice(0, slash));
    return parent?.type === 'tree' ? (await this.#tree(parent.object)).get(path.slice(slash + 1)) : undefined;
  }

  /** What the tree has at these paths, of which some may lead into others. */
  async entries(paths: readonly string[]): Promise<ReadonlyMap<string, TreeEntry>> {
    const found = await Promise.all(paths.map(async (path) => [path, await this.entry(path)] as const));
    return new Map(found.flatMap(([path, entry]) => (entry === undefined ? [] : [[path, entry]])));
  }

  async #tree(object: string): Promise<ReadonlyMap<string, TreeEntry>> {
    return await this.#trees.get(object, async () =>
      entriesOfTree(await this.#git.content(object, 'tree'), this.#hashBytes),
    );
  }

  get #hashBytes(): number {
    return this.commit.length / 2;
  }

  async #entries(paths: readonly string[]): Promise<ReadonlyMap<string, TreeEntry>> {
    return entriesOf(await this.#git.text(['ls-tree', '-l', '-z', '-r', this.commit, '--', ...paths]));
  }
}

function isLink({ type, mode }: Pick<TreeEntry, 'type' | 'mode'>): boolean {
  return type === 'commit' || mode === '120000';
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
