import { messageOf } from '../../core/errors.ts';
import { FILTERS } from './filters.ts';
import {
  Interpreter,
  identifierOf,
  NewScope,
  type Node,
  parseTemplate,
  partOf,
  partsOf,
  pathOf,
  type Scope,
} from './interpreter.ts';
import { OUTPUT, prepare } from './prepare.ts';
import { type TemplateValue, textOf } from './python-text.ts';
import { TemplateProblem } from './template-files.ts';

/** What a template can use: texts, numbers, booleans, null, lists and mappings of these, and functions on them. */
export type TemplateContext = Readonly<Record<string, unknown>>;

/** Jinja's options of the same names (https://jinja.palletsprojects.com/en/stable/api/#jinja2.Environment). */
export interface JinjaOptions {
  readonly trimBlocks?: boolean;
  readonly lstripBlocks?: boolean;
}

/** Most numbers that `range()` gives. */
const LONGEST_RANGE = 10_000;

/**
 * Renders a template as Jinja does for cookiecutter: a name that is not defined is an error, a last line end stays. The
 * interpreter is @huggingface/jinja, which compiles no JavaScript and reaches no prototype.
 *
 * @throws TemplateProblem with the line, where it is known
 */
export function renderJinja(source: string, context: TemplateContext, options: JinjaOptions = {}): string {
  const text = source.replaceAll(/\r\n?/g, '\n');
  try {
    // The tokenizer drops one line end, as Jinja does by default.
    const program = parseTemplate(`${prepare(text)}\n`, {
      trim_blocks: options.trimBlocks ?? false,
      lstrip_blocks: options.lstripBlocks ?? false,
    });
    const rendered = new StrictInterpreter(scopeOf(context)).run(program);
    return String(rendered.value);
  } catch (error) {
    if (error instanceof TemplateProblem && error.line !== undefined) throw error;
    const message = messageOf(error);
    throw new TemplateProblem(message, error instanceof UndefinedName ? lineOf(error.path, text) : undefined);
  }
}

/** A name that a template uses without a definition. */
class UndefinedName extends Error {
  readonly path: string;

  constructor(path: string) {
    super(`${path} is not defined`);
    this.path = path;
  }
}

function lineOf(name: string, source: string): number | undefined {
  const index = source.indexOf(name);
  return index < 0 ? undefined : source.slice(0, index).split('\n').length;
}

function scopeOf(context: TemplateContext): Scope {
  const scope = new NewScope();
  const globals = { true: true, false: false, none: null, True: true, False: false, None: null, range };
  const filters = Object.fromEntries([...FILTERS].map(([name, filter]) => [functionOf(name), filter]));
  for (const [name, value] of Object.entries({ ...globals, ...filters, ...context })) scope.set(name, value);
  return scope;
}

/** Name of a filter's function: no template can write it. */
function functionOf(filter: string): string {
  return `filter ${filter}`;
}

function range(first: unknown, second?: unknown, step: unknown = 1): number[] {
  const [start, stop] = second === undefined ? [0, Number(first)] : [Number(first), Number(second)];
  const by = Number(step);
  const length = Math.max(Math.ceil((stop - start) / by), 0);
  if (!(length <= LONGEST_RANGE)) throw new Error(`range() gives at most ${LONGEST_RANGE} numbers`);
  return Array.from({ length }, (_, index) => start + index * by);
}

/** The interpreter with Jinja's StrictUndefined, the filters that it lacks, and Python's way to write values. */
class StrictInterpreter extends Interpreter {
  /** Expressions that may be undefined: a test or `default` checks them. */
  readonly #asked = new WeakSet<object>();

  override evaluate(statement: Node | undefined, scope: Scope): TemplateValue {
    switch (statement?.type) {
      case 'CallExpression':
        if (identifierOf(partOf(statement, 'callee')) === OUTPUT) return this.#write(statement, scope);
        break;
      case 'FilterExpression':
        return this.#filter(statement, scope);
      case 'TestExpression':
        if (/^(un)?defined$/.test(identifierOf(partOf(statement, 'test')))) this.#ask(partOf(statement, 'operand'));
        break;
      case 'Identifier':
      case 'MemberExpression': {
        const value = super.evaluate(statement, scope);
        if (value.type === 'UndefinedValue' && !this.#asked.has(statement)) throw new UndefinedName(pathOf(statement));
        return value;
      }
    }
    return super.evaluate(statement, scope);
  }

  #ask(operand: Node | undefined): void {
    if (operand !== undefined) this.#asked.add(operand);
  }

  #write(call: Node, scope: Scope): TemplateValue {
    const [line, expression] = partsOf(call, 'args');
    try {
      const text = textOf(this.evaluate(expression, scope));
      if (text === undefined) throw new Error('the expression has no value');
      return new NewScope().set('text', text);
    } catch (error) {
      if (error instanceof TemplateProblem) throw error;
      throw new TemplateProblem(messageOf(error), Number(this.evaluate(line, scope).value));
    }
  }

  #filter(statement: Node, scope: Scope): TemplateValue {
    const operand = partOf(statement, 'operand');
    const filter = partOf(statement, 'filter');
    const name = identifierOf(filter) || identifierOf(partOf(filter, 'callee'));
    const args = partsOf(filter, 'args');
    const call = (callee: string, all: readonly (Node | undefined)[]) => ({
      type: 'CallExpression',
      callee: { type: 'Identifier', value: callee },
      args: all,
    });
    if (FILTERS.has(name)) return super.evaluate(call(functionOf(name), [operand, ...args]), scope);
    if (name !== 'default' && name !== 'd') return super.evaluate(statement, scope);
    this.#ask(operand);
    const withArguments = { type: 'FilterExpression', operand, filter: call('default', args) };
    return super.evaluate(withArguments, scope);
  }
}
