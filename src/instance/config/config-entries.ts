import type { Document, ValuePlace } from '../yaml/parser.ts';
import { configError, positionAt } from './config-problems.ts';

/** A top-level key of the file. */
export interface Entry extends ValuePlace {
  readonly key: string;
  /** Offset of the key. */
  readonly offset: number;
}

/** The top-level mapping of a file. */
export interface Layout {
  readonly entries: ReadonlyMap<string, Entry>;
  /** Columns that top-level keys are indented by. */
  readonly indent: number;
  /** Offset of the end of the document, where new keys go. */
  readonly end: number;
}

/**
 * The keys of a file's top-level mapping, with their places.
 *
 * @throws LaunchpadError `config-invalid` where the file is not a block mapping
 */
export function layoutOf({ root, end }: Document, text: string, name: string): Layout {
  const refuse = (offset: number, what: string, remedy: string) =>
    configError(name, what, remedy, positionAt(text, offset));
  if (root === undefined || (root.kind === 'scalar' && root.style === 'plain' && root.text === '')) {
    return { entries: new Map(), indent: 0, end };
  }
  if (root.kind !== 'mapping' || root.isFlow) {
    const what = 'the file must be a mapping of keys to values, a key a line.';
    throw refuse(root.offset, what, 'Write `KEY: "value"` lines.');
  }
  const entries = new Map<string, Entry>();
  for (const { key, keyOffset, isExplicit, place } of root.pairs) {
    if (isExplicit) throw refuse(keyOffset, 'keys with `?` are not supported.', 'Write `KEY: "value"`.');
    if (key.kind === 'scalar' && place !== undefined) {
      entries.set(key.text, { key: key.text, offset: keyOffset, ...place });
    }
  }
  const offset = root.pairs[0]?.keyOffset ?? 0;
  return { entries, indent: positionAt(text, offset).column - 1, end };
}
