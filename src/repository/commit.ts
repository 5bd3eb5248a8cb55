import { createHash } from 'node:crypto';
import { type BranchHead, parentsOf, requireDirectories, requireFile } from './branch-head.ts';
import type { Git } from './git.ts';
import type { TreeEntry } from './objects.ts';
import { newOwnRef } from './own-refs.ts';

/** The whole content of each file to write, by its path in the repository; undefined for one to remove. */
export type FilesOfChange = ReadonlyMap<string, Uint8Array | undefined>;

export interface CommitOptions {
  readonly message: string;
  /** Author and committer. */
  readonly author: { readonly name: string; readonly email: string };
}

/**
 * Creates a commit of the change on top of that branch head, in the object database alone and by one command. A file keeps
 * its mode, and no filter changes a byte.
 *
 * @returns the commit; undefined if the branch head has exactly these files
 * @throws LaunchpadError `not-a-file` if a link or a submodule is in the place of a file, or on its way
 */
export async function createCommit(
  git: Git,
  head: BranchHead,
  files: FilesOfChange,
  { message, author }: CommitOptions,
): Promise<string | undefined> {
  const entries = await head.entries([...files.keys()].flatMap((file) => [...parentsOf(file), file]));
  const changes = [...files].map(([file, bytes]) => ({
    file,
    bytes,
    mode: bytes === undefined ? undefined : modeAt(entries, file),
  }));
  const hash = head.commit.length === 40 ? 'sha1' : 'sha256';
  if (changes.every(({ file, bytes }) => entries.get(file)?.object === (bytes && objectOf(bytes, hash))))
    return undefined;
  // Git wants a ref for the commit; it deletes that again before it ends.
  const ref = newOwnRef();
  const person = `${nameOf(author.name)} <${nameOf(author.email)}> now`;
  const input = [
    `commit ${ref}\nmark :1\nauthor ${person}\ncommitter ${person}\n`,
    ...data(Buffer.from(`${message}\n`)),
    `from ${head.commit}\n`,
    ...changes.flatMap(({ file, bytes, mode }) =>
      bytes === undefined ? [`D ${quoted(file)}\n`] : [`M ${mode} inline ${quoted(file)}\n`, ...data(bytes)],
    ),
    `get-mark :1\nreset ${ref}\nfrom ${'0'.repeat(head.commit.length)}\ndone\n`,
  ];
  const bytes = Buffer.concat(input.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  return await git.text(['fast-import', '--quiet', '--done', '--date-format=now'], { input: bytes });
}

/** https://git-scm.com/docs/git-fast-import#_data */
function data(bytes: Uint8Array): (string | Uint8Array)[] {
  return [`data ${bytes.length}\n`, bytes, '\n'];
}

/** https://git-scm.com/docs/git-fast-import#_filemodify */
function quoted(file: string): string {
  return `"${file.replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

/** Without what ends a name or an address in a commit; git itself leaves it out too. */
function nameOf(text: string): string {
  return text.replaceAll(/[<>\n\0]/g, '').trim();
}

/** The name of a file's object. */
function objectOf(bytes: Uint8Array, hash: 'sha1' | 'sha256'): string {
  return createHash(hash).update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/** The mode of the file at that path; of a new one, that of a plain file. Refuses links on the way. */
function modeAt(entries: ReadonlyMap<string, TreeEntry>, file: string): string {
  requireDirectories(file, entries);
  const entry = entries.get(file);
  if (entry === undefined) return '100644';
  requireFile(file, entry);
  return entry.mode;
}
