/** What is wrong with a text, and where: the message and the remedy are shown to the operator. */
export class YamlError extends Error {
  /** UTF-16 offset of the character that cannot be read. */
  readonly offset: number;
  readonly remedy: string;

  constructor(what: string, remedy: string, offset: number) {
    super(what);
    this.offset = offset;
    this.remedy = remedy;
  }
}

/** White space and the end of the text, which is the empty string: each string includes it. */
const BLANK = ' \t\r\n';

/** Whether the character is a space, a tab, part of a line end, or the end of the text. */
export function isBlank(character: string): boolean {
  return BLANK.includes(character);
}

/** A place in a text whose lines end by `\n` or `\r\n`. */
export class Cursor {
  readonly text: string;
  offset = 0;
  /** Offset of the first character of the line. */
  lineStart = 0;

  constructor(text: string) {
    this.text = text;
  }

  get column(): number {
    return this.offset - this.lineStart;
  }

  /** The character there; the empty string behind the end. */
  peek(ahead = 0): string {
    return this.text[this.offset + ahead] ?? '';
  }

  startsWith(text: string): boolean {
    return this.text.startsWith(text, this.offset);
  }

  /** Takes what a sticky pattern without line ends matches here; the empty string where it does not match. */
  take(pattern: RegExp): string {
    pattern.lastIndex = this.offset;
    const [found = ''] = pattern.exec(this.text) ?? [];
    this.offset += found.length;
    return found;
  }

  /** Takes a line end; false where there is none. */
  takeLineEnd(): boolean {
    const length = this.startsWith('\r\n') ? 2 : Number(this.peek() === '\n');
    this.offset += length;
    if (length > 0) this.lineStart = this.offset;
    return length > 0;
  }

  /** Whether `---` or `...` begins a line here. */
  isAt(marker: '---' | '...'): boolean {
    return this.column === 0 && this.startsWith(marker) && isBlank(this.peek(3));
  }

  error(what: string, remedy: string, offset = this.offset): YamlError {
    return new YamlError(what, remedy, offset);
  }
}
