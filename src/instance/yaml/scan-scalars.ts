import { type Cursor, isBlank } from './cursor.ts';

const QUOTE = 'Write the value in double quotes.';
const SPACES = / */y;
const SPACES_AND_TABS = /[ \t]*/y;
const LINE = /[^\r\n]*/y;
const PLAIN_IN_BLOCK = /(?:[^ \t\r\n:]|:(?![ \t\r\n]|$))+/y;
const PLAIN_IN_FLOW = /(?:[^ \t\r\n:,?[\]{}]|:(?![ \t\r\n,[\]{}]|$))+/y;

/** A scalar's text, the offset of its end, and whether a line end was taken behind it. */
export interface ScannedScalar {
  readonly text: string;
  readonly end: number;
  readonly tookLineEnd: boolean;
}

/**
 * A scalar without quotes, on one line or several.
 *
 * @param indent least column of its further lines
 */
export function scanPlain(cursor: Cursor, indent: number, isInFlow: boolean): ScannedScalar {
  let text = '';
  let end = cursor.offset;
  let between: Fold = { text: '', tookLineEnd: false };
  for (;;) {
    const part = cursor.peek() === '#' ? '' : cursor.take(isInFlow ? PLAIN_IN_FLOW : PLAIN_IN_BLOCK);
    if (part === '') break;
    text += between.text + part;
    end = cursor.offset;
    between = foldPlain(cursor);
    if (between.text === '' || (!isInFlow && cursor.column < indent)) break;
  }
  return { text, end, tookLineEnd: between.tookLineEnd };
}

/** White space within a scalar as it counts: one line end becomes a space, more of them become one less. */
interface Fold {
  /** Empty where the scalar ends. */
  readonly text: string;
  readonly tookLineEnd: boolean;
}

function foldPlain(cursor: Cursor): Fold {
  const spaces = cursor.take(SPACES);
  if (!cursor.takeLineEnd()) return { text: spaces, tookLineEnd: false };
  let lineEnds = '';
  for (;;) {
    if (cursor.isAt('---') || cursor.isAt('...')) return { text: '', tookLineEnd: true };
    cursor.take(SPACES);
    if (!cursor.takeLineEnd()) break;
    lineEnds += '\n';
  }
  return { text: lineEnds || ' ', tookLineEnd: true };
}

/** The escapes of double quotes that stand for one character (https://yaml.org/spec/1.1/#id872840). */
const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\u0007',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\u001B',
  ' ': ' ',
  '"': '"',
  '\\': '\\',
  '/': '/',
  N: '\u0085',
  _: '\u00A0',
  L: '\u2028',
  P: '\u2029',
};
const CODE_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const SINGLE_QUOTED = /(?:[^' \t\r\n]|'')+/y;
const DOUBLE_QUOTED = /[^"\\ \t\r\n]+/y;

/** A scalar in single or double quotes. */
export function scanQuoted(cursor: Cursor): ScannedScalar {
  const start = cursor.offset;
  const quote = cursor.peek();
  cursor.offset += 1;
  let text = '';
  while (cursor.peek() !== quote || (quote === "'" && cursor.startsWith("''"))) {
    if (cursor.peek() === '') throw cursor.error(`the quote ${quote} is not closed`, 'Close it.', start);
    if (isBlank(cursor.peek())) text += foldQuoted(cursor);
    else if (quote === "'") text += cursor.take(SINGLE_QUOTED).replaceAll("''", "'");
    else text += cursor.peek() === '\\' ? readEscape(cursor) : cursor.take(DOUBLE_QUOTED);
  }
  cursor.offset += 1;
  return { text, end: cursor.offset, tookLineEnd: false };
}

function foldQuoted(cursor: Cursor): string {
  const spaces = cursor.take(SPACES_AND_TABS);
  if (!cursor.takeLineEnd()) return spaces;
  return lineEndsInQuotes(cursor) || ' ';
}

function lineEndsInQuotes(cursor: Cursor): string {
  let lineEnds = '';
  for (;;) {
    if (cursor.isAt('---') || cursor.isAt('...')) {
      throw cursor.error('a document ends within quotes', 'Close the quote before it, or indent the line.');
    }
    cursor.take(SPACES_AND_TABS);
    if (!cursor.takeLineEnd()) return lineEnds;
    lineEnds += '\n';
  }
}

function readEscape(cursor: Cursor): string {
  const start = cursor.offset;
  cursor.offset += 1;
  if (cursor.takeLineEnd()) return lineEndsInQuotes(cursor);
  const letter = cursor.peek();
  cursor.offset += 1;
  const replacement = ESCAPES[letter];
  if (replacement !== undefined) return replacement;
  const remedy = 'Write \\\\ for a backslash, or use single quotes.';
  const length = CODE_LENGTHS[letter];
  if (length === undefined) throw cursor.error('no escape of double quotes begins with this backslash', remedy, start);
  const digits = cursor.text.slice(cursor.offset, cursor.offset + length);
  const code = /^[0-9A-Fa-f]+$/.test(digits) && digits.length === length ? Number.parseInt(digits, 16) : -1;
  if (code < 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    throw cursor.error(`this escape needs the ${length} hexadecimal digits of a character`, remedy, start);
  }
  cursor.offset += length;
  return String.fromCodePoint(code);
}

/**
 * A block scalar, `|` or `>`. At the end of a text without a last line end it has none either.
 *
 * @param parentIndent column of the collection that it is in; -1 for none
 */
export function scanBlock(cursor: Cursor, parentIndent: number): ScannedScalar {
  const isFolded = cursor.peek() === '>';
  cursor.offset += 1;
  const { chomping, increment } = scanBlockHeader(cursor);
  const least = Math.max(parentIndent + 1, 1);
  let breaks: string;
  let indent = least + (increment ?? 1) - 1;
  if (increment === undefined) {
    const leading = scanLeadingLines(cursor);
    breaks = leading.lineEnds;
    indent = Math.max(least, leading.widest);
  } else {
    breaks = scanEmptyLines(cursor, indent);
  }
  let text = '';
  let lineEnd = '';
  let end = cursor.offset;
  while (cursor.column === indent && cursor.peek() !== '') {
    text += breaks;
    const isText = !' \t'.includes(cursor.peek());
    text += cursor.take(LINE);
    end = cursor.offset;
    lineEnd = cursor.takeLineEnd() ? '\n' : '';
    breaks = scanEmptyLines(cursor, indent);
    if (cursor.column !== indent || cursor.peek() === '') break;
    const isJoined = isFolded && isText && !' \t'.includes(cursor.peek());
    if (!isJoined) text += lineEnd;
    else if (breaks === '') text += ' ';
  }
  if (chomping !== '-') text += lineEnd;
  if (chomping === '+') text += breaks;
  return { text, end, tookLineEnd: true };
}

function scanBlockHeader(cursor: Cursor): { chomping: string | undefined; increment: number | undefined } {
  const header = cursor.take(/[+-]?[1-9]?[+-]?/y);
  const [chomping] = /[+-]/.exec(header) ?? [];
  const [increment] = /[1-9]/.exec(header) ?? [];
  const isTwice = /[+-].*[+-]/.test(header);
  cursor.take(cursor.peek() === ' ' ? / *(?:#[^\r\n]*)?/y : SPACES);
  if (isTwice || (cursor.peek() !== '' && !cursor.takeLineEnd())) {
    throw cursor.error('only +, -, a digit from 1 to 9 or a comment may follow | or > on its line', QUOTE);
  }
  return { chomping, increment: increment === undefined ? undefined : Number(increment) };
}

/** The empty lines before a block scalar's first one, which tells its indentation: the widest of them all. */
function scanLeadingLines(cursor: Cursor): { lineEnds: string; widest: number } {
  let lineEnds = '';
  let widest = 0;
  for (;;) {
    cursor.take(SPACES);
    widest = Math.max(widest, cursor.column);
    if (!cursor.takeLineEnd()) return { lineEnds, widest };
    lineEnds += '\n';
  }
}

function scanEmptyLines(cursor: Cursor, indent: number): string {
  let lineEnds = '';
  for (;;) {
    while (cursor.column < indent && cursor.peek() === ' ') cursor.offset += 1;
    if (!cursor.takeLineEnd()) return lineEnds;
    lineEnds += '\n';
  }
}
