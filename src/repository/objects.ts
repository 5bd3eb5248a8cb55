/** One entry of a tree: its mode (such as 100644), type and object. */
export interface TreeEntry {
  readonly mode: string;
  readonly type: string;
  readonly object: string;
  /** Bytes of a file, where they were asked for; 0 of all else. */
  readonly size: number;
}

/** Reads what `git ls-tree -z -l` writes. */
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

/**
 * Reads a tree object: `<mode> <name>\\0<hash>` for each entry
 * (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects#_tree_objects).
 *
 * @param hashBytes of a hash of this clone
 */
export function entriesOfTree(tree: Buffer, hashBytes: number): ReadonlyMap<string, TreeEntry> {
  const entries = new Map<string, TreeEntry>();
  for (let start = 0; start < tree.length; ) {
    const end = tree.indexOf(0, start);
    const [, mode = '', name = ''] = /^(\d+) ([\s\S]*)$/.exec(tree.toString('utf8', start, end)) ?? [];
    start = end + 1 + hashBytes;
    const object = tree.toString('hex', end + 1, start);
    entries.set(name, { mode: mode.padStart(6, '0'), type: typeOf(mode), object, size: 0 });
  }
  return entries;
}

function typeOf(mode: string): string {
  if (mode === '40000') return 'tree';
  return mode === '160000' ? 'commit' : 'blob';
}
