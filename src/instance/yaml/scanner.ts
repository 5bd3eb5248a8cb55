import { Cursor, isBlank } from './cursor.ts';
import { type ScannedScalar, scanBlock, scanPlain, scanQuoted } from './scan-scalars.ts';

type Mark =
  | 'stream-end'
  | 'document-start'
  | 'document-end'
  | 'block-sequence'
  | 'block-mapping'
  | 'block-end'
  | 'block-entry'
  | 'key'
  | 'value'
  | '['
  | ']'
  | '{'
  | '}'
  | ',';

/** A token of YAML, with its place. */
export type Token =
  | ({ readonly type: Mark } & Span)
  | ({ readonly type: 'directive' | 'alias' | 'anchor' | 'tag'; readonly text: string } & Span)
  | ({ readonly type: 'scalar'; readonly text: string; readonly style: Style } & Span);

/** The offsets of its first character and behind its last one; equal for one that is only understood. */
interface Span {
  readonly offset: number;
  readonly end: number;
}

/** Without quotes, so that its text decides its type; in quotes; a block after `|` or `>`. */
export type Style = 'plain' | 'quoted' | 'block';

/** Where a key without `?` may have begun. */
interface SimpleKey {
  /** Number of its token in the stream. */
  readonly number: number;
  readonly isRequired: boolean;
  readonly offset: number;
  readonly lineStart: number;
}

/** Code points that a key, and the space before its colon, may have. */
const LONGEST_KEY = 1024;
const QUOTE = 'Write the value in double quotes, or check the indentation.';
const INDENT = 'Check the indentation of this line and the one before it.';
/** Which characters no scalar without quotes begins with (https://yaml.org/spec/1.1/#c-indicator). */
const INDICATORS = '-?:,[]{}#&*!|>\'"%@`';

/**
 * The tokens of a text as PyYAML 6 reads YAML 1.1. It differs from the standard: only spaces separate tokens, a key has at
 * most 1,024 characters, and anchors have letters, digits, `-` and `_` only. Tutor reads config.yml by PyYAML, so that a
 * file which it refuses must be refused here.
 */
export class Scanner {
  readonly #cursor: Cursor;
  readonly #tokens: Token[] = [];
  #taken = 0;
  #isDone = false;
  #flowLevel = 0;
  #indent = -1;
  readonly #indents: number[] = [];
  #isKeyAllowed = true;
  /** By level of flow collections. */
  readonly #keys = new Map<number, SimpleKey>();

  constructor(text: string) {
    this.#cursor = new Cursor(text);
  }

  /** The next token, which stays; the last one is `stream-end`. @throws YamlError */
  peek(): Token {
    while (this.#needsMore()) this.#fetch();
    const { offset } = this.#cursor;
    return this.#tokens[0] ?? { type: 'stream-end', offset, end: offset };
  }

  /** @throws YamlError */
  next(): Token {
    const token = this.peek();
    this.#tokens.shift();
    this.#taken += 1;
    return token;
  }

  #needsMore(): boolean {
    if (this.#isDone) return false;
    if (this.#tokens.length === 0) return true;
    // A colon may still make a key of the token, and a mapping begin before it.
    this.#dropStaleKeys();
    return [...this.#keys.values()].some(({ number }) => number === this.#taken);
  }

  #fetch(): void {
    this.#skipToToken();
    this.#dropStaleKeys();
    this.#closeBlocks(this.#cursor.column);
    const character = this.#cursor.peek();
    const isBeforeBlank = isBlank(this.#cursor.peek(1));
    const isInFlow = this.#flowLevel > 0;
    if (character === '') this.#fetchEnd();
    else if (character === '%' && this.#cursor.column === 0) this.#fetchDirective();
    else if (this.#cursor.isAt('---')) this.#fetchDocument('document-start');
    else if (this.#cursor.isAt('...')) this.#fetchDocument('document-end');
    else if (character === '[' || character === '{') this.#fetchFlowStart(character);
    else if (character === ']' || character === '}') this.#fetchFlowEnd(character);
    else if (character === ',') this.#fetchComma();
    else if (character === '-' && isBeforeBlank) this.#fetchBlockEntry();
    else if (character === '?' && (isInFlow || isBeforeBlank)) this.#fetchKey();
    else if (character === ':' && (isInFlow || isBeforeBlank)) this.#fetchValue();
    else if (character === '*' || character === '&') this.#fetchAnchor(character);
    else if (character === '!') this.#fetchTag();
    else if ((character === '|' || character === '>') && !isInFlow) this.#fetchBlockScalar();
    else if (character === '"' || character === "'") this.#fetchScalar(() => scanQuoted(this.#cursor), 'quoted');
    else if (this.#canBeginPlain(character)) {
      this.#fetchScalar(() => scanPlain(this.#cursor, this.#indent + 1, isInFlow), 'plain');
    } else throw this.#unreadable(character);
  }

  #canBeginPlain(character: string): boolean {
    if (!INDICATORS.includes(character) && !isBlank(character)) return true;
    const isAllowed = character === '-' || (this.#flowLevel === 0 && (character === '?' || character === ':'));
    return isAllowed && !isBlank(this.#cursor.peek(1));
  }

  #unreadable(character: string): Error {
    return character === '\t'
      ? this.#cursor.error('a tab is not allowed here', 'Use spaces.')
      : this.#cursor.error(`no value can begin with ${character} here`, QUOTE);
  }

  #skipToToken(): void {
    do this.#cursor.take(/ *(?:#[^\r\n]*)?/y);
    while (this.#skipLineEnd());
  }

  #skipLineEnd(): boolean {
    const isLineEnd = this.#cursor.takeLineEnd();
    if (isLineEnd && this.#flowLevel === 0) this.#isKeyAllowed = true;
    return isLineEnd;
  }

  // Keys without `?`: a token may turn out to be a key when its colon comes, on the same line and soon.

  #dropStaleKeys(): void {
    for (const [level, key] of this.#keys) {
      if (key.lineStart === this.#cursor.lineStart && !this.#isTooLong(key)) continue;
      this.#dropKey(level);
    }
  }

  #isTooLong({ offset }: SimpleKey): boolean {
    const units = this.#cursor.offset - offset;
    if (units <= LONGEST_KEY || units > 2 * LONGEST_KEY) return units > LONGEST_KEY;
    return [...this.#cursor.text.slice(offset, this.#cursor.offset)].length > LONGEST_KEY;
  }

  #dropKey(level: number): void {
    const key = this.#keys.get(level);
    this.#keys.delete(level);
    if (key?.isRequired !== true) return;
    const what = `this line needs a colon and a space after its key, which may have ${LONGEST_KEY} characters`;
    throw this.#cursor.error(what, 'Write `KEY: "value"`, and indent the further lines of a value.', key.offset);
  }

  #saveKey(): void {
    if (!this.#isKeyAllowed) return;
    this.#dropKey(this.#flowLevel);
    const { offset, lineStart, column } = this.#cursor;
    this.#keys.set(this.#flowLevel, {
      number: this.#taken + this.#tokens.length,
      isRequired: this.#flowLevel === 0 && this.#indent === column,
      offset,
      lineStart,
    });
  }

  // Block collections begin and end by their columns.

  #closeBlocks(column: number): void {
    if (this.#flowLevel > 0) return;
    while (this.#indent > column) {
      this.#indent = this.#indents.pop() ?? -1;
      this.#add('block-end');
    }
  }

  #openBlock(column: number): boolean {
    if (this.#indent >= column) return false;
    this.#indents.push(this.#indent);
    this.#indent = column;
    return true;
  }

  #add(type: Mark, length = 0): void {
    const { offset } = this.#cursor;
    this.#cursor.offset += length;
    this.#tokens.push({ type, offset, end: offset + length });
  }

  #fetchEnd(): void {
    this.#closeBlocks(-1);
    this.#dropKey(this.#flowLevel);
    this.#keys.clear();
    this.#add('stream-end');
    this.#isDone = true;
  }

  #fetchDocument(type: 'document-start' | 'document-end'): void {
    this.#endBlocks();
    this.#add(type, 3);
  }

  #fetchDirective(): void {
    this.#endBlocks();
    const { offset } = this.#cursor;
    const text = this.#cursor.take(/%[0-9A-Za-z_-]+(?: [^\r\n]*)?/y);
    if (text === '' || !(this.#cursor.peek() === '' || this.#skipLineEnd())) throw this.#unreadable('%');
    this.#isKeyAllowed = false;
    this.#tokens.push({ type: 'directive', offset, end: offset + text.length, text });
  }

  #endBlocks(): void {
    this.#closeBlocks(-1);
    this.#dropKey(this.#flowLevel);
    this.#isKeyAllowed = false;
  }

  #fetchFlowStart(type: '[' | '{'): void {
    this.#saveKey();
    this.#flowLevel += 1;
    this.#isKeyAllowed = true;
    this.#add(type, 1);
  }

  #fetchFlowEnd(type: ']' | '}'): void {
    this.#dropKey(this.#flowLevel);
    if (this.#flowLevel === 0) throw this.#unreadable(type);
    this.#flowLevel -= 1;
    this.#isKeyAllowed = false;
    this.#add(type, 1);
  }

  #fetchComma(): void {
    this.#isKeyAllowed = true;
    this.#dropKey(this.#flowLevel);
    this.#add(',', 1);
  }

  #fetchBlockEntry(): void {
    if (this.#flowLevel === 0) {
      if (!this.#isKeyAllowed) throw this.#cursor.error('a list cannot begin here', INDENT);
      if (this.#openBlock(this.#cursor.column)) this.#add('block-sequence');
    }
    this.#isKeyAllowed = true;
    this.#dropKey(this.#flowLevel);
    this.#add('block-entry', 1);
  }

  #fetchKey(): void {
    this.#openMapping('a key cannot begin here', QUOTE);
    this.#add('key', 1);
  }

  #openMapping(what: string, remedy: string): void {
    if (this.#flowLevel === 0) {
      if (!this.#isKeyAllowed) throw this.#cursor.error(what, remedy);
      if (this.#openBlock(this.#cursor.column)) this.#add('block-mapping');
    }
    this.#isKeyAllowed = this.#flowLevel === 0;
    this.#dropKey(this.#flowLevel);
  }

  #fetchValue(): void {
    const key = this.#keys.get(this.#flowLevel);
    if (key === undefined) {
      this.#openMapping('there is no key before this colon', `${QUOTE} A key has ${LONGEST_KEY} characters at most.`);
    } else {
      this.#keys.delete(this.#flowLevel);
      const { offset, lineStart } = key;
      const isFirst = this.#flowLevel === 0 && this.#openBlock(offset - lineStart);
      const added: Token[] = isFirst ? [{ type: 'block-mapping', offset, end: offset }] : [];
      this.#tokens.splice(key.number - this.#taken, 0, ...added, { type: 'key', offset, end: offset });
      this.#isKeyAllowed = false;
    }
    this.#add('value', 1);
  }

  #fetchAnchor(indicator: '*' | '&'): void {
    this.#saveKey();
    this.#isKeyAllowed = false;
    const { offset } = this.#cursor;
    const text = this.#cursor.take(/[*&][0-9A-Za-z_-]+(?=[ \t\r\n?:,\]}%@`]|$)/y).slice(1);
    if (text === '') {
      const what = `the name after ${indicator} may have only letters, digits, - and _`;
      throw this.#cursor.error(what, 'Rename it, or write a text in double quotes.');
    }
    this.#tokens.push({ type: indicator === '*' ? 'alias' : 'anchor', offset, end: this.#cursor.offset, text });
  }

  #fetchTag(): void {
    this.#saveKey();
    this.#isKeyAllowed = false;
    const { offset } = this.#cursor;
    const text = this.#cursor.take(/!(?:(?:[0-9A-Za-z_-]*!)?[-;/?:@&=+$,_.~*'()[\]0-9A-Za-z]+)?(?=[ \r\n]|$)/y);
    if (text === '') throw this.#cursor.error('this tag is not supported', QUOTE);
    this.#tokens.push({ type: 'tag', offset, end: this.#cursor.offset, text });
  }

  #fetchBlockScalar(): void {
    this.#isKeyAllowed = true;
    this.#dropKey(this.#flowLevel);
    this.#addScalar(() => scanBlock(this.#cursor, this.#indent), 'block');
  }

  #fetchScalar(scan: () => ScannedScalar, style: Style): void {
    this.#saveKey();
    this.#isKeyAllowed = false;
    this.#addScalar(scan, style);
  }

  #addScalar(scan: () => ScannedScalar, style: Style): void {
    const { offset } = this.#cursor;
    const { text, end, tookLineEnd } = scan();
    if (tookLineEnd) this.#isKeyAllowed = true;
    this.#tokens.push({ type: 'scalar', offset, end, text, style });
  }
}
