import { Memo } from '../core/memo.ts';
import type { Git } from './git.ts';

/** One entry of a tree: its mode (such as 100644), type and object. */
export interface TreeEntry {
  readonly mode: string;
  readonly type: string;
  readonly object: string;
  /** Bytes of a file, where they were asked for; 0 of all else. */
  readonly size: number;
}

/**
 * What is read of a clone's trees and files, by their object names: it is the same in every commit that has them. A run of
 * many instances reads commit after commit, each of which changes two files.
 */
export class ClusterObjects {
  readonly #trees = new Memo<ReadonlyMap<string, TreeEntry>>();
  readonly #files = new Memo<Uint8Array>();
  /** The file of a name in a tree, and its bytes; undefined where that is no plain file, and null where there is none. */
  readonly named = new Map<string, Uint8Array | undefined | null>();

  /** The entries of a tree by their names in it. */
  async tree(git: Git, object: string): Promise<ReadonlyMap<string, TreeEntry>> {
    return await this.#trees.get(object, async () => entriesOf(await git.text(['ls-tree', '-z', object])));
  }

  /** `git show` writes the bytes of a file without a filter or a line end of its own. */
  async file(git: Git, object: string): Promise<Uint8Array> {
    return await this.#files.get(object, () => git.bytes(['show', object]));
  }
}

/** Reads what `git ls-tree -z` writes, with or without sizes. */
export function entriesOf(listed: string): ReadonlyMap<string, TreeEntry> {
  const lines = listed.split('\0').filter((line) => line !== '');
  return new Map(
    lines.map((line) => {
      const [head = '', path = ''] = line.split('\t');
      const [mode = '', type = '', object = '', size = ''] = head.split(/ +/);
      return [path, { mode, type, object, size: Number(size) || 0 }];
    }),
  );
}
