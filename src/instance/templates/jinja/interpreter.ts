import { TemplateProblem } from '../template-files.ts';
import { applyFilter, LENIENT_FILTERS } from './filters.ts';
import type { FilterContext } from './list-filters.ts';
import { methodOf } from './methods.ts';
import {
  BLOCK_TEXT,
  type Body,
  type CallArguments,
  type Expression,
  type MacroStatement,
  namesIn,
  pathOf,
  type Statement,
  type Target,
} from './nodes.ts';
import { strftime } from './now.ts';
import { hasPythonAttribute, holds, operate, sequenceOf } from './operators.ts';
import { loopValue, type Scope } from './scope.ts';
import { slice } from './strings.ts';
import { applyTest, LENIENT_TESTS } from './tests.ts';
import { textOf } from './text.ts';
import {
  type Arguments,
  Callable,
  defined,
  equals,
  integerOf,
  isTrue,
  iterate,
  keyOf,
  Namespace,
  numberOf,
  Tuple,
  typeOf,
  Undefined,
  type Value,
  valueOr,
} from './values.ts';

/** Steps that a template may take: expressions evaluated and statements run. */
const MOST_STEPS = 1_000_000;
/** Characters that a template may write. */
const LONGEST_OUTPUT = 8 * 1024 * 1024;
/** Deepest nesting of calls of macros and of recursive loops. */
const DEEPEST_CALL = 100;

/** What ends the body of a loop early. */
class LoopSignal {
  readonly type: 'break' | 'continue';

  constructor(type: 'break' | 'continue') {
    this.type = type;
  }
}

/** Runs the statements of a template. Each result is Jinja's own, or an error: nothing is rendered otherwise. */
export class JinjaInterpreter {
  readonly #now: Date;
  #steps = 0;
  #written = 0;
  #depth = 0;
  readonly #filters: FilterContext = {
    filter: (name, value, args) => applyFilter(name, value, args, this.#filters),
    test: applyTest,
    field: (value, path) => this.#path(value, path),
  };

  constructor(now: Date) {
    this.#now = now;
  }

  /** @throws TemplateProblem with the line */
  render(body: Body, scope: Scope): string {
    const out: string[] = [];
    this.#run(body, scope, out);
    return out.join('');
  }

  #run(body: Body, scope: Scope, out: string[]): LoopSignal | undefined {
    for (const statement of body) {
      const signal = this.#at(statement.line, () => this.#statement(statement, scope, out));
      if (signal !== undefined) return signal;
    }
    return undefined;
  }

  /** An error inside gets the line, unless it has one. */
  #at<T>(line: number, work: () => T): T {
    this.#steps += 1;
    if (this.#steps > MOST_STEPS) throw new TemplateProblem('the template takes too many steps', line);
    try {
      return work();
    } catch (error) {
      if (error instanceof TemplateProblem) throw error;
      throw new TemplateProblem(error instanceof Error ? error.message : String(error), line);
    }
  }

  #write(text: string, out: string[]): void {
    this.#written += text.length;
    if (this.#written > LONGEST_OUTPUT) throw new Error('the template writes too much');
    out.push(text);
  }

  #statement(statement: Statement, scope: Scope, out: string[]): LoopSignal | undefined {
    switch (statement.type) {
      case 'text':
        this.#write(statement.text, out);
        return undefined;
      case 'output':
        this.#write(textOf(this.#value(statement.value, scope)), out);
        return undefined;
      case 'if': {
        const branch = statement.branches.find(({ condition }) => isTrue(this.#value(condition, scope)));
        return this.#run(branch?.body ?? statement.otherwise, scope, out);
      }
      case 'for':
        this.#for(statement, scope, out, this.#value(statement.iterable, scope), 0);
        return undefined;
      case 'set':
        this.#assign(statement.target, this.#value(statement.value, scope), scope);
        return undefined;
      case 'set-block': {
        const text = this.render(statement.body, scope.child());
        this.#assign(statement.target, this.#filtered(statement.filter, text, scope), scope);
        return undefined;
      }
      case 'filter-block': {
        const text = this.render(statement.body, scope.child());
        this.#write(textOf(this.#filtered(statement.filter, text, scope)), out);
        return undefined;
      }
      case 'with': {
        const inner = scope.child();
        for (const [target, value] of statement.values) this.#assign(target, this.#value(value, scope), inner);
        return this.#run(statement.body, inner, out);
      }
      case 'macro':
        scope.set(statement.name, this.#macro(statement, scope));
        return undefined;
      case 'call-block': {
        const caller = this.#macro({ type: 'macro', ...statement.caller }, scope);
        this.#write(textOf(this.#call(statement.call, scope, caller)), out);
        return undefined;
      }
      case 'now': {
        const format = statement.format === undefined ? undefined : this.#value(statement.format, scope);
        this.#write(
          strftime(
            this.#now,
            textOf(this.#value(statement.zone, scope)),
            format === undefined ? '%Y-%m-%d' : textOf(format),
          ),
          out,
        );
        return undefined;
      }
      case 'break':
      case 'continue':
        return new LoopSignal(statement.type);
    }
  }

  #filtered(filter: Expression | undefined, text: string, scope: Scope): Value {
    if (filter === undefined) return text;
    const inner = scope.child();
    inner.set(BLOCK_TEXT, text);
    return this.#value(filter, inner);
  }

  #for(
    statement: Extract<Statement, { type: 'for' }>,
    scope: Scope,
    out: string[],
    iterable: Value,
    depth: number,
  ): void {
    if (depth > DEEPEST_CALL) throw new Error('a loop calls itself too often');
    const { target, condition, body, otherwise, isRecursive } = statement;
    const accepted = [...iterate(iterable)].filter((item) => {
      if (condition === undefined) return true;
      const inner = scope.child();
      this.#assign(target, item, inner);
      return isTrue(this.#value(condition, inner));
    });
    if (accepted.length === 0) this.#run(otherwise, scope.child(), out);
    const changed: { last: readonly Value[] | undefined } = { last: undefined };
    const recurse = (items: Value) => {
      const inner: string[] = [];
      this.#for(statement, scope, inner, items, depth + 1);
      return inner.join('');
    };
    for (const [index, item] of accepted.entries()) {
      const inner = scope.child();
      this.#assign(target, item, inner);
      const loop = loopValue(accepted, index, depth, changed, isRecursive ? recurse : undefined);
      inner.set('loop', loop);
      const signal = this.#at(statement.line, () => this.#run(body, inner, out));
      if (signal?.type === 'break') break;
    }
  }

  #assign(target: Target, value: Value, scope: Scope): void {
    if (target.type === 'name') scope.set(target.name, defined(value));
    else if (target.type === 'tuple') {
      const items = iterate(value);
      if (items.length !== target.items.length)
        throw new Error(`${items.length} values do not fit ${target.items.length} variables`);
      for (const [index, inner] of target.items.entries()) this.#assign(inner, items[index] ?? null, scope);
    } else {
      const namespace = scope.get(target.object);
      if (!(namespace instanceof Namespace)) throw new Error(`${target.object} is not a namespace`);
      namespace.values.set(target.name, defined(value));
    }
  }

  #macro({ name, parameters, body }: MacroStatement, scope: Scope): Callable {
    const known = new Set(parameters.map((parameter) => parameter.name));
    const call = ({ positional, named }: Arguments, caller?: Callable) => {
      this.#depth += 1;
      if (this.#depth > DEEPEST_CALL) throw new Error(`the macro ${name} calls itself too often`);
      const inner = scope.child();
      for (const [index, parameter] of parameters.entries()) {
        const given = positional[index] === undefined ? named.get(parameter.name) : positional[index];
        if (positional[index] !== undefined && named.has(parameter.name))
          throw new Error(`macro ${name} has two values for ${parameter.name}`);
        if (given !== undefined) inner.set(parameter.name, given);
        else if (parameter.fallback === undefined) inner.set(parameter.name, new Undefined(parameter.name));
        else inner.set(parameter.name, this.#value(parameter.fallback, inner));
      }
      const others = [...named].filter(([key]) => !known.has(key) && key !== 'caller');
      const used = new Set(namesIn(body));
      if (others.length > 0 && !used.has('kwargs')) throw new Error(`macro ${name} has no parameter ${others[0]?.[0]}`);
      if (positional.length > parameters.length && !used.has('varargs'))
        throw new Error(`macro ${name} takes at most ${parameters.length} arguments`);
      inner.set('varargs', new Tuple(positional.slice(parameters.length)));
      inner.set('kwargs', new Map<Value, Value>(others));
      inner.set('caller', caller ?? new Undefined('caller'));
      const text = this.render(body, inner);
      this.#depth -= 1;
      return text;
    };
    return new Macro(name, call);
  }

  #value(expression: Expression, scope: Scope): Value {
    return this.#at(expression.line, () => this.#evaluate(expression, scope));
  }

  /** The value, where it need not be defined: a name is not yet used by naming it. */
  #evaluate(expression: Expression, scope: Scope): Value {
    switch (expression.type) {
      case 'constant':
        return expression.value;
      case 'name':
        return valueOr(scope.get(expression.name), new Undefined(expression.name));
      case 'list':
        return expression.items.map((item) => defined(this.#value(item, scope)));
      case 'tuple':
        return new Tuple(expression.items.map((item) => defined(this.#value(item, scope))));
      case 'dict':
        return new Map(
          expression.pairs.map(([key, value]) => [keyOf(this.#value(key, scope)), defined(this.#value(value, scope))]),
        );
      case 'attribute':
        return this.#attribute(defined(this.#value(expression.object, scope)), expression.name, pathOf(expression));
      case 'item':
        return this.#item(
          defined(this.#value(expression.object, scope)),
          this.#value(expression.key, scope),
          pathOf(expression),
        );
      case 'slice':
        return this.#slice(expression, scope);
      case 'call':
        return this.#call(expression, scope);
      case 'filter': {
        const value = this.#value(expression.operand, scope);
        if (!LENIENT_FILTERS.has(expression.name)) defined(value);
        return applyFilter(expression.name, value, this.#arguments(expression.args, scope), this.#filters);
      }
      case 'test': {
        const value = this.#value(expression.operand, scope);
        if (!LENIENT_TESTS.has(expression.name)) defined(value);
        return applyTest(expression.name, value, this.#arguments(expression.args, scope));
      }
      case 'unary':
        return this.#unary(expression.operator, this.#value(expression.operand, scope));
      case 'binary':
        return operate(expression.operator, this.#value(expression.left, scope), this.#value(expression.right, scope));
      case 'logical': {
        const left = this.#value(expression.left, scope);
        return isTrue(left) === (expression.operator === 'or') ? left : this.#value(expression.right, scope);
      }
      case 'compare':
        return this.#compare(expression, scope);
      case 'concat':
        return expression.parts.map((part) => textOf(this.#value(part, scope))).join('');
      case 'conditional':
        if (isTrue(this.#value(expression.condition, scope))) return this.#value(expression.then, scope);
        if (expression.otherwise !== undefined) return this.#value(expression.otherwise, scope);
        return new Undefined('the value of an if without else', false);
    }
  }

  #arguments({ positional, named }: CallArguments, scope: Scope): Arguments {
    return {
      positional: positional.map((argument) => this.#value(argument, scope)),
      named: new Map(named.map(([name, argument]) => [name, this.#value(argument, scope)])),
    };
  }

  #call(expression: Expression, scope: Scope, caller?: Callable): Value {
    if (expression.type !== 'call') throw new Error('{% call %} needs a call');
    const callee = defined(this.#value(expression.callee, scope));
    if (!(callee instanceof Callable)) throw new Error(`${pathOf(expression.callee)} is not a function`);
    const args = this.#arguments(expression.args, scope);
    try {
      return callee instanceof Macro ? callee.run(args, caller) : callee.call(args);
    } catch (error) {
      if (error instanceof TemplateProblem || !(error instanceof Error)) throw error;
      throw new Error(`${callee.name}(): ${error.message}`, { cause: error });
    }
  }

  #unary(operator: '-' | '+' | 'not', value: Value): Value {
    if (operator === 'not') return !isTrue(value);
    const integer = integerOf(defined(value));
    if (integer !== undefined) return operator === '-' ? -integer : integer;
    const number = numberOf(value);
    if (number === undefined) throw new Error(`${operator} does not go with ${typeOf(value)}`);
    return operator === '-' ? -number : number;
  }

  #compare({ first, rest }: Extract<Expression, { type: 'compare' }>, scope: Scope): boolean {
    let left = this.#value(first, scope);
    for (const { operator, operand } of rest) {
      const right = this.#value(operand, scope);
      if (!holds(operator, defined(left), defined(right))) return false;
      left = right;
    }
    return true;
  }

  /** Jinja's `x.name`: an attribute of Python's object, else an item. */
  #attribute(object: Value, name: string, path: string): Value {
    if (object instanceof Undefined) throw new Error(`${object.name} is not defined`);
    if (object instanceof Namespace) return valueOr(object.values.get(name), new Undefined(path));
    if (object instanceof Callable && object.fields.has(name)) return object.fields.get(name) ?? null;
    const method = methodOf(object, name);
    if (method !== undefined) return method;
    if (hasPythonAttribute(object, name)) throw new Error(`${path} of Python is not supported`);
    if (object instanceof Map) return valueOr(object.get(name), new Undefined(path));
    return new Undefined(path);
  }

  /** Jinja's `x[key]`: an item of Python's object, else an attribute. */
  #item(object: Value, given: Value, path: string): Value {
    const key = defined(given);
    if (object instanceof Undefined) throw new Error(`${object.name} is not defined`);
    if (object instanceof Map) {
      const found = [...object].find(([other]) => equals(other, key));
      if (found !== undefined) return found[1];
    } else {
      const items = sequenceOf(object);
      const index = integerOf(key);
      if (items !== undefined && index !== undefined) return valueOr(items.at(Number(index)), new Undefined(path));
      if (object instanceof Namespace) throw new Error(`${path} of a namespace is not supported`);
    }
    return typeof key === 'string' ? this.#attribute(object, key, path) : new Undefined(path);
  }

  #path(value: Value, path: Value): Value {
    if (integerOf(path) !== undefined) return this.#item(defined(value), path, 'the item');
    let found = value;
    for (const part of textOf(path).split('.')) {
      const key = /^\d+$/.test(part) ? BigInt(part) : part;
      found = this.#item(defined(found), key, part);
    }
    return found;
  }

  #slice({ object, start, stop, step }: Extract<Expression, { type: 'slice' }>, scope: Scope): Value {
    const value = defined(this.#value(object, scope));
    const bound = (part: Expression | undefined) => {
      const index = part === undefined ? null : defined(this.#value(part, scope));
      if (index === null) return undefined;
      const integer = integerOf(index);
      if (integer === undefined) throw new Error('a slice needs whole numbers');
      return Number(integer);
    };
    const [from, to, by] = [bound(start), bound(stop), bound(step)];
    if (typeof value === 'string') return slice([...value], from, to, by).join('');
    if (Array.isArray(value)) return slice(value, from, to, by);
    if (value instanceof Tuple) return new Tuple(slice(value.items, from, to, by));
    throw new Error(`a slice of ${typeOf(value)} is not supported`);
  }
}

/** A macro, which a `{% call %}` gives its own body as `caller`. */
class Macro extends Callable {
  readonly run: (args: Arguments, caller?: Callable) => Value;

  constructor(name: string, run: (args: Arguments, caller?: Callable) => Value) {
    super(name, run);
    this.run = run;
  }
}
