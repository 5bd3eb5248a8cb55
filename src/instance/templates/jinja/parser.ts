import { TemplateProblem } from '../template-files.ts';
import { ExpressionParser } from './expression-parser.ts';
import { type JinjaOptions, lex, type Piece } from './lexer.ts';
import { BLOCK_TEXT, type Body, type Branch, type Expression, type MacroStatement, type Statement } from './nodes.ts';

/** Deepest nesting of blocks. */
const DEEPEST = 50;

/** The statements of a template. @throws TemplateProblem with the line */
export function parse(source: string, options: JinjaOptions): Body {
  const parser = new Parser(lex(source, options));
  const { body, end } = parser.body([]);
  if (end !== undefined) throw new TemplateProblem(`{% ${end.keyword} %} ends nothing`, end.line);
  return body;
}

/** The statement that ended a body: its keyword, and the parser of what follows that. */
interface End {
  readonly keyword: string;
  readonly rest: ExpressionParser;
  readonly line: number;
}

class Parser {
  readonly #pieces: Iterator<Piece>;
  #depth = 0;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces.values();
  }

  /** The statements up to one of those keywords, or up to the end of the template. */
  body(
    ends: readonly string[],
    begun?: { readonly keyword: string; readonly line: number },
  ): { body: Body; end: End | undefined } {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw new TemplateProblem(`blocks are nested more than ${DEEPEST} deep`, begun?.line);
    const body: Statement[] = [];
    for (let next = this.#pieces.next(); next.done !== true; next = this.#pieces.next()) {
      const piece = next.value;
      const { line } = piece;
      if (piece.type === 'text') body.push({ type: 'text', text: piece.text, line });
      else {
        const rest = new ExpressionParser(piece.tokens, line);
        if (piece.type === 'output') {
          body.push({ type: 'output', value: rest.whole(() => rest.tuple()), line });
        } else {
          const keyword = rest.takeName('a statement');
          if (ends.includes(keyword)) {
            this.#depth -= 1;
            return { body, end: { keyword, rest, line } };
          }
          body.push(this.#statement(keyword, rest, line));
        }
      }
    }
    if (begun !== undefined) throw new TemplateProblem(`{% ${begun.keyword} %} has no end`, begun.line);
    return { body, end: undefined };
  }

  #until(end: string, keyword: string, line: number): Body {
    const { body, end: found } = this.body([end], { keyword, line });
    found?.rest.end();
    return body;
  }

  #statement(keyword: string, rest: ExpressionParser, line: number): Statement {
    switch (keyword) {
      case 'if':
        return this.#if(rest, line);
      case 'for':
        return this.#for(rest, line);
      case 'set':
        return this.#set(rest, line);
      case 'with': {
        const values: (readonly [ReturnType<ExpressionParser['target']>, Expression])[] = [];
        while (!rest.isAtEnd()) {
          if (values.length > 0) rest.expect(',');
          const target = rest.target();
          rest.expect('=');
          values.push([target, rest.expression()]);
        }
        return { type: 'with', values, body: this.#until('endwith', keyword, line), line };
      }
      case 'filter': {
        const filter = rest.whole(() => rest.filters({ type: 'name', name: BLOCK_TEXT, line }));
        return { type: 'filter-block', filter, body: this.#until('endfilter', keyword, line), line };
      }
      case 'macro':
        return { ...this.#macro(rest, keyword, rest.takeName('the name of the macro'), line), line };
      case 'call': {
        const parameters = rest.is('(') ? rest.parameters() : [];
        const call = rest.whole(() => rest.expression());
        if (call.type !== 'call') throw new TemplateProblem('{% call %} needs a call', line);
        return {
          type: 'call-block',
          call,
          caller: { name: 'caller', parameters, body: this.#until('endcall', keyword, line) },
          line,
        };
      }
      case 'now': {
        const zone = rest.expression();
        const format = rest.skip(',') ? rest.expression() : undefined;
        rest.end();
        return { type: 'now', zone, format, line };
      }
      case 'break':
      case 'continue':
        rest.end();
        return { type: keyword, line };
      case 'elif':
      case 'else':
      case 'endif':
      case 'endfor':
      case 'endset':
      case 'endwith':
      case 'endfilter':
      case 'endmacro':
      case 'endcall':
        throw new TemplateProblem(`{% ${keyword} %} ends nothing`, line);
      default:
        throw new TemplateProblem(`{% ${keyword} %} is a statement that is not supported`, line);
    }
  }

  #if(first: ExpressionParser, line: number): Statement {
    const branches: Branch[] = [];
    let condition = first.whole(() => first.tuple(false));
    for (;;) {
      const { body, end } = this.body(['elif', 'else', 'endif'], { keyword: 'if', line });
      branches.push({ condition, body });
      if (end?.keyword !== 'elif') {
        end?.rest.end();
        const otherwise = end?.keyword === 'else' ? this.#until('endif', 'if', line) : [];
        return { type: 'if', branches, otherwise, line };
      }
      condition = end.rest.whole(() => end.rest.tuple(false));
    }
  }

  #for(rest: ExpressionParser, line: number): Statement {
    const target = rest.target();
    if (!rest.skipName('in')) throw new TemplateProblem('{% for %} needs `in` after its variable', line);
    const iterable = rest.tuple(false, 'recursive');
    const condition = rest.skipName('if') ? rest.expression() : undefined;
    const isRecursive = rest.skipName('recursive');
    rest.end();
    const { body, end } = this.body(['else', 'endfor'], { keyword: 'for', line });
    end?.rest.end();
    const otherwise = end?.keyword === 'else' ? this.#until('endfor', 'for', line) : [];
    return { type: 'for', target, iterable, condition, isRecursive, body, otherwise, line };
  }

  #set(rest: ExpressionParser, line: number): Statement {
    const target = rest.target();
    if (rest.skip('=')) return { type: 'set', target, value: rest.whole(() => rest.tuple()), line };
    const block: Expression = { type: 'name', name: BLOCK_TEXT, line };
    const filter = rest.is('|') ? rest.filters(block) : undefined;
    rest.end();
    return { type: 'set-block', target, filter, body: this.#until('endset', 'set', line), line };
  }

  #macro(rest: ExpressionParser, keyword: string, name: string, line: number): MacroStatement {
    const parameters = rest.parameters();
    rest.end();
    return { type: 'macro', name, parameters, body: this.#until('endmacro', keyword, line) };
  }
}
