import { TemplateProblem } from '../template-files.ts';
import type { Token } from './lexer.ts';
import type {
  BinaryOperator,
  CallArguments,
  Comparison,
  ComparisonOperator,
  Expression,
  Parameter,
  SliceParts,
  Target,
} from './nodes.ts';

/** Deepest nesting of an expression. */
const DEEPEST = 100;

const COMPARISONS: ReadonlySet<string> = new Set<ComparisonOperator>(['==', '!=', '<', '<=', '>', '>=']);
const CONSTANTS: Readonly<Record<string, boolean | null>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
};
/** Words that end an expression, or join two. */
const WORDS = new Set(['and', 'or', 'not', 'in', 'is', 'if', 'else', 'recursive']);

/** Parses the tokens of one tag by the grammar of Jinja's parser (https://github.com/pallets/jinja, parser.py). */
export class ExpressionParser {
  readonly #tokens: readonly Token[];
  readonly #line: number;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], line: number) {
    this.#tokens = tokens;
    this.#line = line;
  }

  isAtEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  /** The parsed part, which must be all that is left. */
  whole<T>(part: () => T): T {
    const parsed = part();
    this.end();
    return parsed;
  }

  end(): void {
    const token = this.#tokens[this.#at];
    if (token !== undefined) throw this.problem(`unexpected ${JSON.stringify(token.text)}`);
  }

  is(operator: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.type === 'operator' && token.text === operator;
  }

  skip(operator: string): boolean {
    if (!this.is(operator)) return false;
    this.#at += 1;
    return true;
  }

  expect(operator: string): void {
    if (!this.skip(operator)) throw this.#missing(operator);
  }

  skipName(name: string): boolean {
    if (!this.#isName(name)) return false;
    this.#at += 1;
    return true;
  }

  takeName(what: string): string {
    const token = this.#tokens[this.#at];
    if (token?.type !== 'name') throw this.#missing(what);
    this.#at += 1;
    return token.text;
  }

  problem(message: string): TemplateProblem {
    return new TemplateProblem(message, this.#tokens[this.#at]?.line ?? this.#tokens.at(-1)?.line ?? this.#line);
  }

  /** One expression, or several between commas. */
  tuple(withCondition = true, endName?: string, isInParentheses = false): Expression {
    const line = this.#lineNow();
    const items: Expression[] = [];
    let isTuple = false;
    for (;;) {
      if (items.length > 0) this.expect(',');
      if (this.isAtEnd() || this.is(')') || (endName !== undefined && this.#isName(endName))) break;
      items.push(withCondition ? this.expression() : this.#or());
      if (!this.is(',')) break;
      isTuple = true;
    }
    const [only] = items;
    if (!isTuple && only !== undefined) return only;
    if (!isTuple && !isInParentheses) throw this.#missing('an expression');
    return { type: 'tuple', items, line };
  }

  expression(): Expression {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw this.problem(`an expression is nested more than ${DEEPEST} deep`);
    let then = this.#or();
    while (this.#isName('if')) {
      const line = this.#lineNow();
      this.#at += 1;
      const condition = this.#or();
      const otherwise = this.skipName('else') ? this.expression() : undefined;
      then = { type: 'conditional', condition, then, otherwise, line };
    }
    this.#depth -= 1;
    return then;
  }

  target(): Target {
    const items: Target[] = [];
    do {
      if (this.isAtEnd() || this.#isName('in') || this.is('=') || this.is(')')) break;
      items.push(this.skip('(') ? this.#closed(() => this.target()) : this.#oneTarget());
    } while (this.skip(','));
    const [only, second] = items;
    if (only === undefined) throw this.#missing('the name of a variable');
    const isTuple = second !== undefined || this.#tokens[this.#at - 1]?.text === ',';
    return isTuple ? { type: 'tuple', items } : only;
  }

  parameters(): Parameter[] {
    this.expect('(');
    const parameters: Parameter[] = [];
    while (!this.is(')')) {
      if (parameters.length > 0) this.expect(',');
      const name = this.takeName('the name of a parameter');
      const fallback = this.skip('=') ? this.expression() : undefined;
      if (fallback === undefined && parameters.at(-1)?.fallback !== undefined)
        throw this.problem('a parameter without a default follows one with a default');
      parameters.push({ name, fallback });
    }
    this.expect(')');
    return parameters;
  }

  /** The filters, tests and calls that follow a value. `{% filter %}` has the first filter without a bar. */
  filters(operand: Expression): Expression {
    const isBlock = operand.type === 'name' && !this.is('|');
    return this.#filtersOf(isBlock ? this.#filter(operand) : operand);
  }

  #oneTarget(): Target {
    const name = this.takeName('the name of a variable');
    if (name in CONSTANTS || WORDS.has(name)) throw this.problem(`${name} cannot be set`);
    return this.skip('.') ? { type: 'attribute', object: name, name: this.takeName('a name') } : { type: 'name', name };
  }

  #closed<T>(part: () => T): T {
    const parsed = part();
    this.expect(')');
    return parsed;
  }

  #isName(name: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.type === 'name' && token.text === name;
  }

  #lineNow(): number {
    return this.#tokens[this.#at]?.line ?? this.#line;
  }

  #missing(what: string): TemplateProblem {
    const token = this.#tokens[this.#at];
    return this.problem(
      `expected ${what}, and found ${token === undefined ? 'the end of the tag' : JSON.stringify(token.text)}`,
    );
  }

  #or(): Expression {
    return this.#logical('or', () => this.#logical('and', () => this.#not()));
  }

  #logical(operator: 'and' | 'or', part: () => Expression): Expression {
    let left = part();
    while (this.#isName(operator)) {
      const line = this.#lineNow();
      this.#at += 1;
      left = { type: 'logical', operator, left, right: part(), line };
    }
    return left;
  }

  #not(): Expression {
    const line = this.#lineNow();
    if (!this.skipName('not')) return this.#compare();
    return { type: 'unary', operator: 'not', operand: this.#not(), line };
  }

  #compare(): Expression {
    const line = this.#lineNow();
    const first = this.#sum();
    const rest: Comparison[] = [];
    for (let operator = this.#comparison(); operator !== undefined; operator = this.#comparison())
      rest.push({ operator, operand: this.#sum() });
    return rest.length === 0 ? first : { type: 'compare', first, rest, line };
  }

  #comparison(): ComparisonOperator | undefined {
    const token = this.#tokens[this.#at];
    if (token?.type === 'operator' && isComparison(token.text)) {
      this.#at += 1;
      return token.text;
    }
    if (this.skipName('in')) return 'in';
    const next = this.#tokens[this.#at + 1];
    if (!this.#isName('not') || next?.type !== 'name' || next.text !== 'in') return undefined;
    this.#at += 2;
    return 'not in';
  }

  #sum(): Expression {
    return this.#binary(['+', '-'], () => this.#concat());
  }

  #concat(): Expression {
    const line = this.#lineNow();
    const parts = [this.#product()];
    while (this.skip('~')) parts.push(this.#product());
    const [only, second] = parts;
    return only !== undefined && second === undefined ? only : { type: 'concat', parts, line };
  }

  #product(): Expression {
    return this.#binary(['*', '/', '//', '%'], () => this.#binary(['**'], () => this.#unary(true)));
  }

  #binary(operators: readonly BinaryOperator[], part: () => Expression): Expression {
    let left = part();
    for (;;) {
      const line = this.#lineNow();
      const operator = operators.find((candidate) => this.is(candidate));
      if (operator === undefined) return left;
      this.#at += 1;
      left = { type: 'binary', operator, left, right: part(), line };
    }
  }

  #unary(withFilter: boolean): Expression {
    const line = this.#lineNow();
    const operator = this.is('-') ? '-' : this.is('+') ? '+' : undefined;
    let node: Expression;
    if (operator === undefined) node = this.#primary();
    else {
      this.#at += 1;
      this.#depth += 1;
      if (this.#depth > DEEPEST) throw this.problem(`an expression is nested more than ${DEEPEST} deep`);
      node = { type: 'unary', operator, operand: this.#unary(false), line };
      this.#depth -= 1;
    }
    const whole = this.#postfix(node);
    return withFilter ? this.#filtersOf(whole) : whole;
  }

  #primary(): Expression {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw this.#missing('an expression');
    const { line, text } = token;
    this.#at += 1;
    switch (token.type) {
      case 'name': {
        const constant = CONSTANTS[text];
        if (constant !== undefined) return { type: 'constant', value: constant, line };
        return { type: 'name', name: text, line };
      }
      case 'string':
        return { type: 'constant', value: text + this.#moreStrings(), line };
      case 'integer':
        return { type: 'constant', value: BigInt(text.toLowerCase()), line };
      case 'float':
        return { type: 'constant', value: Number(text), line };
      default:
        if (text === '(') return this.#closed(() => this.tuple(true, undefined, true));
        if (text === '[') return { type: 'list', items: this.#items(']', () => this.expression()), line };
        if (text === '{') return { type: 'dict', pairs: this.#items('}', () => this.#pair()), line };
        this.#at -= 1;
        throw this.#missing('an expression');
    }
  }

  #moreStrings(): string {
    let text = '';
    for (let token = this.#tokens[this.#at]; token?.type === 'string'; token = this.#tokens[this.#at]) {
      text += token.text;
      this.#at += 1;
    }
    return text;
  }

  #items<T>(close: string, part: () => T): T[] {
    const items: T[] = [];
    while (!this.skip(close)) {
      if (items.length > 0) this.expect(',');
      if (this.skip(close)) break;
      items.push(part());
    }
    return items;
  }

  #pair(): readonly [Expression, Expression] {
    const key = this.expression();
    this.expect(':');
    return [key, this.expression()];
  }

  #postfix(start: Expression): Expression {
    let node = start;
    for (;;) {
      const line = this.#lineNow();
      if (this.skip('.')) node = this.#member(node, line);
      else if (this.skip('[')) node = this.#subscript(node, line);
      else if (this.is('(')) node = { type: 'call', callee: node, args: this.#callArguments(), line };
      else return node;
    }
  }

  #member(object: Expression, line: number): Expression {
    const token = this.#tokens[this.#at];
    if (token?.type === 'integer') {
      this.#at += 1;
      return { type: 'item', object, key: { type: 'constant', value: BigInt(token.text), line }, line };
    }
    return { type: 'attribute', object, name: this.takeName('a name'), line };
  }

  #subscript(object: Expression, line: number): Expression {
    const start = this.is(':') ? undefined : this.expression();
    if (start !== undefined && this.skip(']')) return { type: 'item', object, key: start, line };
    if (!this.is(':')) throw this.#missing(']');
    const parts: SliceParts = { start, stop: this.#slicePart(), step: this.#slicePart() };
    this.expect(']');
    return { type: 'slice', object, ...parts, line };
  }

  #slicePart(): Expression | undefined {
    return this.skip(':') && !this.is(':') && !this.is(']') ? this.expression() : undefined;
  }

  #callArguments(): CallArguments {
    this.expect('(');
    const positional: Expression[] = [];
    const named: (readonly [string, Expression])[] = [];
    while (!this.skip(')')) {
      if (positional.length + named.length > 0) this.expect(',');
      if (this.skip(')')) break;
      const token = this.#tokens[this.#at];
      const next = this.#tokens[this.#at + 1];
      if (token?.type === 'name' && next?.type === 'operator' && next.text === '=') {
        this.#at += 2;
        named.push([token.text, this.expression()]);
      } else if (named.length > 0) throw this.problem('a positional argument follows one with a name');
      else positional.push(this.expression());
    }
    return { positional, named };
  }

  #filtersOf(start: Expression): Expression {
    let node = start;
    for (;;) {
      const line = this.#lineNow();
      if (this.skip('|')) node = this.#filter(node);
      else if (this.skipName('is')) node = this.#test(node, line);
      else if (this.is('(')) node = { type: 'call', callee: node, args: this.#callArguments(), line };
      else return node;
    }
  }

  #filter(operand: Expression): Expression {
    const line = this.#lineNow();
    const name = this.#dottedName('the name of a filter');
    const args = this.is('(') ? this.#callArguments() : NO_ARGUMENTS;
    return { type: 'filter', operand, name, args, line };
  }

  #dottedName(what: string): string {
    let name = this.takeName(what);
    while (this.skip('.')) name += `.${this.takeName(what)}`;
    return name;
  }

  #test(operand: Expression, line: number): Expression {
    const isNegated = this.skipName('not');
    const name = this.#dottedName('the name of a test');
    const args = this.is('(') ? this.#callArguments() : this.#oneArgument();
    const test: Expression = { type: 'test', operand, name, args, line };
    return isNegated ? { type: 'unary', operator: 'not', operand: test, line } : test;
  }

  /** A test may have one argument without parentheses: `x is divisibleby 3`. */
  #oneArgument(): CallArguments {
    const token = this.#tokens[this.#at];
    if (token === undefined || (token.type === 'operator' && !'([{'.includes(token.text))) return NO_ARGUMENTS;
    if (token.type === 'name') {
      if (token.text === 'is') throw this.problem('tests cannot follow each other: write `and`');
      if (WORDS.has(token.text)) return NO_ARGUMENTS;
    }
    return { positional: [this.#postfix(this.#primary())], named: [] };
  }
}

const NO_ARGUMENTS: CallArguments = { positional: [], named: [] };

function isComparison(text: string): text is ComparisonOperator {
  return COMPARISONS.has(text);
}
