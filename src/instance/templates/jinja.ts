import { bind, REQUIRED } from './jinja/arguments.ts';
import { JinjaInterpreter } from './jinja/interpreter.ts';
import type { JinjaOptions } from './jinja/lexer.ts';
import { parse } from './jinja/parser.ts';
import { Scope } from './jinja/scope.ts';
import { Callable, Namespace, Range, textValue, type Value } from './jinja/values.ts';
import { TemplateProblem } from './template-files.ts';

export type { JinjaOptions };

/** What a template can use: texts, numbers, booleans, null, lists and mappings of these, and functions of texts. */
export type TemplateContext = Readonly<Record<string, unknown>>;

/** Longest template in characters. */
const LONGEST = 1024 * 1024;
/** Most numbers that `range()` gives. */
const LONGEST_RANGE = 100_000;

/**
 * Renders a template as Jinja does for cookiecutter: a name that is not defined is an error, a last line end stays. What
 * would be rendered otherwise than by Jinja is an error too. No JavaScript is compiled and no prototype reached: values
 * are Python's, and each has the methods of a table.
 *
 * Our own interpreter, as no package is Jinja: nunjucks compiles JavaScript, @huggingface/jinja ignores arguments that it
 * does not know, and minijinja writes `true` for Python's `True`.
 *
 * @throws TemplateProblem with the line, where it is known
 */
export function renderJinja(
  source: string,
  context: TemplateContext,
  options: JinjaOptions & { readonly now?: Date } = {},
): string {
  if (source.length > LONGEST) throw new TemplateProblem(`the template is longer than ${LONGEST} characters`);
  const text = source.replaceAll(/\r\n?/g, '\n');
  const scope = new Scope();
  for (const [name, value] of Object.entries(GLOBALS)) scope.set(name, value);
  for (const [name, value] of Object.entries(context)) scope.set(name, fromJavaScript(value, name));
  return new JinjaInterpreter(options.now ?? new Date()).render(parse(text, options), scope.child());
}

const GLOBALS: Readonly<Record<string, Value>> = {
  range: new Callable('range', (args) => {
    const bound = bind(args, { start: REQUIRED, stop: null, step: 1n });
    const [first, second] = [BigInt(bound.integer(0)), bound.optionalInteger(1)];
    const range =
      second === undefined ? new Range(0n, first, 1n) : new Range(first, BigInt(second), BigInt(bound.integer(2)));
    if (range.length > LONGEST_RANGE) throw new Error(`gives at most ${LONGEST_RANGE} numbers`);
    return range;
  }),
  dict: new Callable('dict', ({ positional, named }) => {
    const [other] = positional;
    if (other !== undefined && !(other instanceof Map)) throw new Error('needs a mapping');
    return new Map<Value, Value>([...(other ?? []), ...named]);
  }),
  namespace: new Callable('namespace', ({ positional: [other], named }) => {
    const namespace = new Namespace();
    if (other instanceof Map) for (const [key, value] of other) namespace.values.set(textValue(key) ?? '', value);
    for (const [key, value] of named) namespace.values.set(key, value);
    return namespace;
  }),
};

/** A value of JavaScript as Python's. Whole numbers become ints, as those of JSON are. */
function fromJavaScript(value: unknown, name: string): Value {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (value instanceof Callable) return value;
  if (Array.isArray(value)) return value.map((item) => fromJavaScript(item, name));
  return new Map(Object.entries(value).map(([key, item]): [Value, Value] => [key, fromJavaScript(item, key)]));
}
