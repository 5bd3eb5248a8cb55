import type { Document, ValuePlace } from '../yaml/parser.ts';
import { configError, type OperatorValue, positionAt } from './config-values.ts';

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

/**
 * Sets keys in the text of a config.yml. A key that the file has gets its new value in place, the others are appended; all
 * other characters stay.
 */
export function editText(
  text: string,
  layout: Layout,
  values: readonly (readonly [key: string, value: OperatorValue])[],
): string {
  const { entries, indent, end } = layout;
  const pieces: { start: number; end: number; replacement: string }[] = [];
  const added: string[] = [];
  for (const [key, value] of values) {
    const entry = entries.get(key);
    if (entry === undefined) added.push(`${' '.repeat(indent)}${key}: ${written(value)}`);
    else pieces.push({ ...entry, replacement: entry.form === 'scalar' ? written(value) : ` ${written(value)}` });
  }
  if (added.length > 0) {
    const isLineEnded = end === 0 || text[end - 1] === '\n';
    const lineEnd = /\r?\n/.exec(text)?.[0] ?? '\n';
    const lines = added.map((line) => line + lineEnd).join('');
    pieces.push({ start: end, end, replacement: isLineEnded ? lines : lineEnd + lines });
  }
  // From the end of the text, so that the offsets of the others stay true.
  return pieces
    .toSorted((a, b) => b.start - a.start)
    .reduce((edited, { start, end, replacement }) => edited.slice(0, start) + replacement + edited.slice(end), text);
}

/** A value on one line, strings in double quotes. YAML 1.1 and 1.2 both read JSON, these characters as escapes only. */
function written(value: OperatorValue): string {
  return JSON.stringify(value).replace(
    /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
