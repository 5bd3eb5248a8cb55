import { TemplateProblem } from '../template-files.ts';

/** A piece of a template: text, or what stands between `{{` and `}}` or between `{%` and `%}`. */
export type Piece =
  | { readonly type: 'text'; readonly text: string; readonly line: number }
  | { readonly type: 'output' | 'statement'; readonly tokens: readonly Token[]; readonly line: number };

export interface Token {
  readonly type: 'name' | 'string' | 'integer' | 'float' | 'operator';
  /** The name, the string's value, the number's digits, or the operator. */
  readonly text: string;
  readonly line: number;
}

/** Jinja's options of the same names (https://jinja.palletsprojects.com/en/stable/api/#jinja2.Environment). */
export interface JinjaOptions {
  readonly trimBlocks?: boolean;
  readonly lstripBlocks?: boolean;
}

const TAG = /\{([{%#])([-+]?)/g;
const RAW = /\{%([-+]?)\s*raw\s*(-?)%\}/y;
const END_RAW = /\{%([-+]?)\s*endraw\s*([-+]?)%\}/g;
const SPACE = /\s+/y;
const FLOAT = /(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
const INTEGER = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const NAME = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy;
const OPERATOR = /\*\*|\/\/|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y;
const CLOSING: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/**
 * Cuts a template into its pieces as Jinja's lexer does
 * (https://jinja.palletsprojects.com/en/stable/templates/#whitespace-control).
 *
 * @param source with `\n` as its line ends
 * @throws TemplateProblem with the line
 */
export function lex(source: string, options: JinjaOptions): Piece[] {
  return new Lexer(source, options).pieces();
}

class Lexer {
  readonly #source: string;
  readonly #options: JinjaOptions;
  readonly #pieces: Piece[] = [];
  #at = 0;
  #line = 1;

  constructor(source: string, options: JinjaOptions) {
    this.#source = source;
    this.#options = options;
  }

  pieces(): Piece[] {
    while (this.#at < this.#source.length) {
      TAG.lastIndex = this.#at;
      const tag = TAG.exec(this.#source);
      if (tag === null) {
        this.#text(this.#source.slice(this.#at));
        break;
      }
      const [, kind = '', sign = ''] = tag;
      this.#text(this.#before(tag.index, kind !== '{', sign));
      this.#advanceTo(tag.index);
      if (kind === '#') this.#comment();
      else if (kind === '{') this.#expression('output', '}}');
      else if (!this.#raw()) this.#expression('statement', '%}');
    }
    return this.#pieces;
  }

  /** The text before a tag: `-` strips all white space, `lstrip_blocks` that between a line's start and a block. */
  #before(end: number, isBlock: boolean, sign: string): string {
    const text = this.#source.slice(this.#at, end);
    if (sign === '-') return text.trimEnd();
    if (!isBlock || sign === '+' || this.#options.lstripBlocks !== true) return text;
    const lineStart = text.lastIndexOf('\n') + 1;
    const isLineStart = lineStart > 0 || this.#source[this.#at - 1] === '\n' || this.#at === 0;
    return isLineStart && text.slice(lineStart).trim() === '' ? text.slice(0, lineStart) : text;
  }

  #text(text: string): void {
    if (text !== '') this.#pieces.push({ type: 'text', text, line: this.#line });
  }

  #advanceTo(end: number): void {
    for (let at = this.#at; at < end; at += 1) if (this.#source[at] === '\n') this.#line += 1;
    this.#at = end;
  }

  #comment(): void {
    const end = this.#source.indexOf('#}', this.#at + 2);
    if (end < 0) throw this.#problem('a comment is not closed by #}');
    this.#advanceTo(end + 2);
    this.#afterTag(this.#source[end - 1] ?? '', true);
  }

  /** `-` at the end of a tag strips the white space after it, `trim_blocks` the line end after a block. */
  #afterTag(sign: string, isBlock: boolean): void {
    if (sign === '-') {
      SPACE.lastIndex = this.#at;
      this.#advanceTo(this.#at + (SPACE.exec(this.#source)?.[0].length ?? 0));
    } else if (isBlock && sign !== '+' && this.#options.trimBlocks === true && this.#source[this.#at] === '\n') {
      this.#advanceTo(this.#at + 1);
    }
  }

  #raw(): boolean {
    const begin = this.#match(RAW);
    if (begin === undefined) return false;
    this.#advanceTo(this.#at + begin[0].length);
    this.#afterTag(begin[2] ?? '', false);
    END_RAW.lastIndex = this.#at;
    const end = END_RAW.exec(this.#source);
    if (end === null) throw this.#problem('{% raw %} has no end');
    this.#text(this.#before(end.index, true, end[1] ?? ''));
    this.#advanceTo(end.index + end[0].length);
    this.#afterTag(end[2] ?? '', true);
    return true;
  }

  #expression(type: 'output' | 'statement', close: string): void {
    const { line } = { line: this.#line };
    this.#advanceTo(this.#at + 2);
    if (/[-+]/.test(this.#source[this.#at] ?? '')) this.#advanceTo(this.#at + 1);
    const tokens: Token[] = [];
    const open: string[] = [];
    for (;;) {
      const space = this.#match(SPACE);
      if (space !== undefined) this.#advanceTo(this.#at + space[0].length);
      if (this.#at >= this.#source.length)
        throw this.#problem(`${type === 'output' ? '{{' : '{%'} is not closed by ${close}`, line);
      const sign = /[-+]/.test(this.#source[this.#at] ?? '') ? (this.#source[this.#at] ?? '') : '';
      const isClosed = open.length === 0 && this.#source.startsWith(sign + close, this.#at);
      // `+}}` is not a sign in Jinja.
      if (isClosed && !(sign === '+' && type === 'output')) {
        this.#advanceTo(this.#at + sign.length + close.length);
        this.#afterTag(sign, type === 'statement');
        this.#pieces.push({ type, tokens, line });
        return;
      }
      tokens.push(this.#token(open));
    }
  }

  #token(open: string[]): Token {
    const { line } = { line: this.#line };
    const token = (type: Token['type'], match: RegExpExecArray, text = match[0]): Token => {
      this.#advanceTo(this.#at + match[0].length);
      return { type, text, line };
    };
    const float = this.#source[this.#at - 1] === '.' ? undefined : this.#match(FLOAT);
    if (float !== undefined) return token('float', float, float[0].replaceAll('_', ''));
    const integer = this.#match(INTEGER);
    if (integer !== undefined) return token('integer', integer, integer[0].replaceAll('_', ''));
    const name = this.#match(NAME);
    if (name !== undefined) return token('name', name);
    const quote = this.#source[this.#at];
    if (quote === '"' || quote === "'") return this.#string(quote);
    const operator = this.#match(OPERATOR);
    if (operator === undefined) throw this.#problem(`unexpected character ${JSON.stringify(quote)}`);
    const [text] = operator;
    if (text in CLOSING) {
      if (open.pop() !== CLOSING[text]) throw this.#problem(`unexpected ${text}`);
    } else if ('([{'.includes(text)) open.push(text);
    return token('operator', operator);
  }

  #string(quote: string): Token {
    const { line } = { line: this.#line };
    let end = this.#at + 1;
    while (end < this.#source.length && this.#source[end] !== quote) end += this.#source[end] === '\\' ? 2 : 1;
    if (end >= this.#source.length) throw this.#problem('a string is not closed');
    const text = pythonString(this.#source.slice(this.#at + 1, end), (what) => this.#problem(what));
    this.#advanceTo(end + 1);
    return { type: 'string', text, line };
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#source) ?? undefined;
  }

  #problem(message: string, line = this.#line): TemplateProblem {
    return new TemplateProblem(message, line);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Python's escapes (https://docs.python.org/3/reference/lexical_analysis.html#escape-sequences); another one stays. */
function pythonString(text: string, problem: (what: string) => Error): string {
  return text.replaceAll(
    /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))/g,
    (whole, octal?: string, x?: string, u?: string, long?: string, one?: string) => {
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      const hex = x ?? u ?? long;
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (one === 'x' || one === 'u' || one === 'U' || one === 'N')
        throw problem(`the escape ${whole} is not supported`);
      return ESCAPES[one ?? ''] ?? whole;
    },
  );
}
