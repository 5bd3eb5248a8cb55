import { DEEPEST } from '../plain-yaml.ts';
import { YamlError } from './cursor.ts';
import { Scanner, type Style, type Token } from './scanner.ts';

/** A value as it is written. Where it stands as an alias too, it is the same object. */
export type Node = ScalarNode | SequenceNode | MappingNode;

interface WrittenNode {
  readonly offset: number;
  /** Its tag, such as `!!str`; undefined for most. */
  readonly tag: string | undefined;
}

export interface ScalarNode extends WrittenNode {
  readonly kind: 'scalar';
  readonly text: string;
  readonly style: Style;
}

interface SequenceNode extends WrittenNode {
  readonly kind: 'sequence';
  readonly items: readonly Node[];
}

export interface MappingNode extends WrittenNode {
  readonly kind: 'mapping';
  /** Whether it is in braces, or one pair in brackets. */
  readonly isFlow: boolean;
  readonly pairs: readonly Pair[];
}

interface Pair {
  readonly key: Node;
  readonly value: Node;
  readonly keyOffset: number;
  /** Whether `?` stands before the key. */
  readonly isExplicit: boolean;
  /** Undefined without a colon. */
  readonly place: ValuePlace | undefined;
}

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

/** The one document of a text. */
export interface Document {
  /** Undefined where the text has comments only. */
  readonly root: Node | undefined;
  /** Offset where the document ends. */
  readonly end: number;
}

const QUOTE = 'Write the value in double quotes.';
const INDENT = 'Check the indentation of this line and the one before it, or write the value in double quotes.';

/**
 * Reads the one document of a text.
 *
 * @throws YamlError for what PyYAML refuses, a second document, `%TAG`, and values that lie too deep
 */
export function parseDocument(text: string): Document {
  return new Parser(text).parse();
}

/** Reads the tokens by one method for each form of a value. */
class Parser {
  readonly #scanner: Scanner;
  readonly #anchors = new Map<string, Node>();
  #depth = 0;
  /** Offset behind the last token that stands in the text. */
  #end = 0;

  constructor(text: string) {
    this.#scanner = new Scanner(text);
  }

  parse(): Document {
    if (this.#isNext('stream-end')) return { root: undefined, end: this.#scanner.peek().offset };
    const isExplicit = this.#isNext('directive', 'document-start');
    this.#takeDirectives();
    if (isExplicit && this.#take('document-start') === undefined) throw this.#unexpected('--- was expected here');
    const root = isExplicit && this.#isNext('document-end', 'stream-end') ? this.#empty() : this.#node('block');
    const end = this.#scanner.peek().offset;
    while (this.#isNext('document-end')) this.#take('document-end');
    if (this.#isNext('directive', 'document-start')) {
      throw new YamlError('a second document begins here', 'Keep one document.', this.#scanner.peek().offset);
    }
    if (!this.#isNext('stream-end')) throw this.#unexpected();
    return { root, end };
  }

  #takeDirectives(): void {
    let versions = 0;
    for (let found = this.#take('directive'); found !== undefined; found = this.#take('directive')) {
      const { text = '', offset } = { text: 'text' in found ? found.text : '', offset: found.offset };
      const isVersion = /^%YAML +1\.\d+ *(?:$| #)/.test(text);
      if (isVersion) versions += 1;
      if (/^%(?:YAML|TAG)(?: |$)/.test(text) && (!isVersion || versions > 1)) {
        throw new YamlError('only one directive, %YAML 1.1, is supported', 'Remove the line.', offset);
      }
    }
  }

  #node(context: 'block' | 'indentless' | 'flow'): Node {
    const alias = this.#take('alias');
    if (alias?.type === 'alias') return this.#anchored(alias.text, alias.offset);
    const { anchor, tag, offset } = this.#properties();
    const place = { offset: offset ?? this.#scanner.peek().offset, tag };
    this.#depth += 1;
    if (this.#depth > DEEPEST) {
      throw new YamlError(`values are nested more than ${DEEPEST} deep`, 'Keep only settings in it.', place.offset);
    }
    const keep = <Kept extends Node>(node: Kept): Kept => {
      if (anchor !== undefined) this.#anchors.set(anchor, node);
      return node;
    };
    const node = this.#content(context, place, keep) ?? (offset === undefined ? undefined : keep(this.#empty(place)));
    this.#depth -= 1;
    if (node === undefined) throw this.#unexpected();
    return node;
  }

  #anchored(name: string, offset: number): Node {
    const node = this.#anchors.get(name);
    // Its name may be part of a password.
    if (node === undefined) throw new YamlError('this alias has no anchor before it', QUOTE, offset);
    return node;
  }

  #properties(): { anchor: string | undefined; tag: string | undefined; offset: number | undefined } {
    let anchor: string | undefined;
    let tag: string | undefined;
    let offset: number | undefined;
    for (let token = this.#scanner.peek(); ; token = this.#scanner.peek()) {
      if (token.type === 'anchor' && anchor === undefined) anchor = token.text;
      else if (token.type === 'tag' && tag === undefined) tag = token.text;
      else break;
      offset ??= token.offset;
      this.#take(token.type);
    }
    if (anchor !== undefined && this.#anchors.has(anchor)) {
      throw new YamlError(
        'this anchor is set a second time',
        'Rename one of the two, or write the value in double quotes.',
        offset ?? 0,
      );
    }
    return { anchor, tag, offset };
  }

  #content(
    context: 'block' | 'indentless' | 'flow',
    place: WrittenNode,
    keep: <Kept extends Node>(node: Kept) => Kept,
  ): Node | undefined {
    const token = this.#scanner.peek();
    if (context === 'indentless' && token.type === 'block-entry') return this.#sequence(place, keep, 'indentless');
    if (token.type === 'scalar') {
      this.#take('scalar');
      return keep({ ...place, kind: 'scalar', text: token.text, style: token.style });
    }
    const isInBlock = context !== 'flow';
    if (token.type === '[') return this.#flowSequence(place, keep);
    if (token.type === '{') return this.#flowMapping(place, keep);
    if (token.type === 'block-sequence' && isInBlock) return this.#sequence(place, keep, 'indented');
    if (token.type === 'block-mapping' && isInBlock) return this.#mapping(place, keep);
    return undefined;
  }

  #sequence(
    place: WrittenNode,
    keep: (node: SequenceNode) => SequenceNode,
    form: 'indented' | 'indentless',
  ): SequenceNode {
    const items: Node[] = [];
    const node = keep({ ...place, kind: 'sequence', items });
    const isIndented = form === 'indented';
    if (isIndented) this.#scanner.next();
    while (this.#take('block-entry') !== undefined) {
      const isEmpty = this.#isNext('block-entry', 'block-end') || (!isIndented && this.#isNext('key', 'value'));
      items.push(isEmpty ? this.#empty() : this.#node('block'));
    }
    if (isIndented && this.#take('block-end') === undefined) throw this.#unexpected();
    return node;
  }

  #mapping(place: WrittenNode, keep: (node: MappingNode) => MappingNode): MappingNode {
    const pairs: Pair[] = [];
    const node = keep({ ...place, kind: 'mapping', isFlow: false, pairs });
    this.#scanner.next();
    while (this.#isNext('key')) pairs.push(this.#pair('indentless', 'key', 'value', 'block-end'));
    if (this.#take('block-end') === undefined) throw this.#unexpected();
    return node;
  }

  /** A pair from its key on; where one of the tokens `ends` comes, the key or value is empty. */
  #pair(context: 'indentless' | 'flow', ...ends: Token['type'][]): Pair {
    const start = this.#take('key');
    const isExplicit = start !== undefined && start.end > start.offset;
    const keyOffset = isExplicit ? start.offset : this.#scanner.peek().offset;
    const key = this.#isNext('value', ...ends) ? this.#empty() : this.#node(context);
    const colon = this.#take('value');
    const first = this.#scanner.peek();
    const isEmpty = colon === undefined || this.#isNext(...ends);
    const value = isEmpty ? this.#empty() : this.#node(context);
    return { key, value, keyOffset, isExplicit, place: colon && this.#placeOf(value, colon.end, first, isEmpty) };
  }

  #placeOf(value: Node, colonEnd: number, first: Token, isEmpty: boolean): ValuePlace {
    if (isEmpty) return { colonEnd, start: colonEnd, end: colonEnd, form: 'empty' };
    if (first.type !== 'scalar' || value.kind !== 'scalar') {
      return { colonEnd, start: colonEnd, end: this.#end, form: 'other' };
    }
    if (first.style === 'block') return { colonEnd, start: colonEnd, end: this.#end, form: 'block' };
    return { colonEnd, start: first.offset, end: this.#end, form: 'scalar' };
  }

  #flowSequence(place: WrittenNode, keep: (node: SequenceNode) => SequenceNode): SequenceNode {
    const items: Node[] = [];
    const node = keep({ ...place, kind: 'sequence', items });
    this.#flowItems(']', () => {
      const { offset } = this.#scanner.peek();
      if (!this.#isNext('key')) items.push(this.#node('flow'));
      else items.push({ kind: 'mapping', offset, tag: undefined, isFlow: true, pairs: [this.#pair('flow', ',', ']')] });
    });
    return node;
  }

  #flowMapping(place: WrittenNode, keep: (node: MappingNode) => MappingNode): MappingNode {
    const pairs: Pair[] = [];
    const node = keep({ ...place, kind: 'mapping', isFlow: true, pairs });
    this.#flowItems('}', () => {
      pairs.push(this.#isNext('key') ? this.#pair('flow', ',', '}') : this.#keyAlone());
    });
    return node;
  }

  #keyAlone(): Pair {
    const keyOffset = this.#scanner.peek().offset;
    return { key: this.#node('flow'), value: this.#empty(), keyOffset, isExplicit: false, place: undefined };
  }

  /** Items with commas between them, and perhaps one behind the last. */
  #flowItems(close: ']' | '}', takeItem: () => void): void {
    this.#scanner.next();
    for (let isFirst = true; !this.#isNext(close); isFirst = false) {
      if (!isFirst && this.#take(',') === undefined) throw this.#unexpected(`a comma or ${close} was expected here`);
      if (!this.#isNext(close)) takeItem();
    }
    this.#take(close);
  }

  #empty(place: WrittenNode = { offset: this.#scanner.peek().offset, tag: undefined }): ScalarNode {
    return { ...place, kind: 'scalar', text: '', style: 'plain' };
  }

  #isNext(...types: Token['type'][]): boolean {
    return types.includes(this.#scanner.peek().type);
  }

  #take(type: Token['type']): Token | undefined {
    if (!this.#isNext(type)) return undefined;
    const token = this.#scanner.next();
    if (token.end > token.offset) this.#end = token.end;
    return token;
  }

  #unexpected(what = 'this is not allowed here'): YamlError {
    return new YamlError(what, INDENT, this.#scanner.peek().offset);
  }
}
