import { CST, Parser } from 'yaml';
import { configError, positionAt } from './config-problems.ts';

/** Where the value of a key stands in the text. */
export interface ValuePlace {
  /** Offset just after the colon. */
  readonly colonEnd: number;
  /** The part of the text that is the value: an edit replaces it. Empty, just after the colon, where there is none. */
  readonly start: number;
  readonly end: number;
  /** `block`: `|` or `>`; `other`: a collection, or a value with an alias, an anchor or a tag. */
  readonly form: 'scalar' | 'empty' | 'block' | 'other';
}

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
  /** Whether the last value is a block (| or >) that includes the line end after it: one more would change it. */
  readonly endsInBlock: boolean;
}

/**
 * Finds the keys of the file's mapping in yaml's concrete syntax tree, which has the place of every token.
 *
 * @param text valid YAML: the parser of the values has read it
 * @throws LaunchpadError `config-invalid` where the file is not a block mapping, or more than one document
 */
export function layoutOf(text: string, name: string): Layout {
  const tokens = [...new Parser().parse(text)];
  const [document, second] = tokens.filter((token) => token.type === 'document');
  const refuse = (offset: number, what: string, remedy: string) =>
    configError(name, what, remedy, positionAt(text, offset));
  if (second !== undefined) throw refuse(second.offset, 'a second document begins here.', 'Keep one document.');
  const end = tokens.find((token) => token.type === 'doc-end')?.offset ?? text.length;
  const { value } = document ?? {};
  if (value === undefined || (CST.isScalar(value) && value.source === ''))
    return { entries: new Map(), indent: 0, end, endsInBlock: false };
  if (value.type !== 'block-map') {
    const what = 'the file must be a mapping of keys to values, a key a line.';
    throw refuse(value.offset, what, 'Write `KEY: "value"` lines.');
  }
  const entries = new Map<string, Entry>();
  for (const item of value.items) {
    const explicit = item.start.find(({ type }) => type === 'explicit-key-ind');
    if (explicit !== undefined)
      throw refuse(explicit.offset, 'keys with `?` are not supported.', 'Write `KEY: "value"`.');
    const scalar = CST.resolveAsScalar(item.key ?? null);
    const place = valuePlace(item);
    if (scalar === null || place === undefined) continue;
    entries.set(scalar.value, { key: scalar.value, offset: scalar.range[0], ...place });
  }
  return { entries, indent: value.indent, end, endsInBlock: endsInBlock(value) };
}

/** Where the value of a mapping's item stands; undefined for an item without a colon. */
export function valuePlace({ sep = [], value: token }: CST.CollectionItem): ValuePlace | undefined {
  const colon = sep.find(({ type }) => type === 'map-value-ind');
  if (colon === undefined) return undefined;
  const colonEnd = colon.offset + colon.source.length;
  const decoration = sep.findLast(({ type }) => type === 'anchor' || type === 'tag');
  const isScalar = token !== undefined && CST.isScalar(token);
  if (decoration !== undefined) {
    return { colonEnd, start: colonEnd, end: endOf(token ?? decoration), form: 'other' };
  }
  if (token === undefined || (isScalar && token.source === ''))
    return { colonEnd, start: colonEnd, end: colonEnd, form: 'empty' };
  if (!isScalar || token.type === 'alias' || token.type === 'block-scalar')
    return { colonEnd, start: colonEnd, end: endOf(token), form: token.type === 'block-scalar' ? 'block' : 'other' };
  return { colonEnd, start: token.offset, end: token.offset + token.source.length, form: 'scalar' };
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
