import { CST, Parser } from 'yaml';
import { configError, positionAt } from './config-problems.ts';

/** Where a top-level key of the file stands, and its value. */
export interface Entry {
  readonly key: string;
  /** Offset of the key. */
  readonly offset: number;
  /** The part of the text that is the value: an edit replaces it. Empty, just after the colon, where there is none. */
  readonly start: number;
  readonly end: number;
  /** `block`: `|` or `>`; `other`: a collection, or a value with an alias, an anchor or a tag. */
  readonly form: 'scalar' | 'empty' | 'block' | 'other';
}

/** The top-level mapping of a file. */
export interface Layout {
  readonly entries: ReadonlyMap<string, Entry>;
  /** Columns that top-level keys are indented by. */
  readonly indent: number;
  /** Offset at which a new key is put: the end of the document. */
  readonly end: number;
  /** Whether the last value is a block (| or >) that takes in the line end after it: one more would change it. */
  readonly endsInBlock: boolean;
}

/**
 * Finds the keys of the file's mapping by yaml's concrete syntax tree, which has the place of every token.
 *
 * @param text valid YAML; the parser of the values has read it already
 * @throws LaunchpadError `config-invalid` where the file is no block mapping, or more than one document
 */
export function layoutOf(text: string, name: string): Layout {
  const tokens = [...new Parser().parse(text)];
  const documents = tokens.filter((token) => token.type === 'document');
  const [document, second] = documents;
  const refuse = (offset: number, what: string, remedy: string) =>
    configError(name, positionAt(text, offset), what, remedy);
  if (second !== undefined) throw refuse(second.offset, 'a second document begins here.', 'Keep one document.');
  const end = tokens.find((token) => token.type === 'doc-end')?.offset ?? text.length;
  const { value } = document ?? {};
  if (value === undefined || (CST.isScalar(value) && value.source === ''))
    return { entries: new Map(), indent: 0, end, endsInBlock: false };
  if (value.type !== 'block-map') {
    throw refuse(
      value.offset,
      'the file must be a mapping of keys to values, a key a line.',
      'Write `KEY: "value"` lines.',
    );
  }
  const entries = new Map<string, Entry>();
  for (const item of value.items) {
    const { key, sep = [], value: token } = item;
    const explicit = item.start.find(({ type }) => type === 'explicit-key-ind');
    if (explicit !== undefined)
      throw refuse(explicit.offset, 'keys with `?` are not supported.', 'Write `KEY: "value"`.');
    const scalar = key === undefined || key === null ? null : CST.resolveAsScalar(key);
    const colon = sep.find(({ type }) => type === 'map-value-ind');
    if (key === undefined || key === null || scalar === null || colon === undefined) continue;
    const decorations = sep.filter(({ type }) => type === 'anchor' || type === 'tag');
    entries.set(scalar.value, { key: scalar.value, offset: key.offset, ...valuePlace(token, colon, decorations) });
  }
  return { entries, indent: value.indent, end, endsInBlock: endsInBlock(value) };
}

function valuePlace(
  token: CST.Token | null | undefined,
  colon: CST.SourceToken,
  decorations: readonly CST.SourceToken[],
): Pick<Entry, 'start' | 'end' | 'form'> {
  const start = colon.offset + colon.source.length;
  const decoration = decorations.at(-1);
  if (decoration !== undefined) {
    return { start, end: endOf(token ?? decoration), form: 'other' };
  }
  if (token === null || token === undefined) return { start, end: start, form: 'empty' };
  if (token.type === 'block-scalar') return { start, end: endOf(token), form: 'block' };
  if (token.type === 'alias' || !CST.isScalar(token)) return { start, end: endOf(token), form: 'other' };
  if (token.source === '') return { start, end: start, form: 'empty' };
  return { start: token.offset, end: token.offset + token.source.length, form: 'scalar' };
}

/** Where the text of a token ends, without the white space after it. */
function endOf(token: CST.Token): number {
  return token.offset + CST.stringify(token).trimEnd().length;
}

function endsInBlock(token: CST.Token | null | undefined): boolean {
  if (token?.type === 'block-map' || token?.type === 'block-seq') return endsInBlock(token.items.at(-1)?.value);
  if (token?.type !== 'block-scalar') return false;
  // `|-` and `>-` leave all line ends out.
  return !token.props.some((prop) => prop.type === 'block-scalar-header' && prop.source.includes('-'));
}
