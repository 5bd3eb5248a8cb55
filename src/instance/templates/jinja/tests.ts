import { type Bound, bind, REQUIRED, refuse, type Signature } from './arguments.ts';
import { lower } from './strings.ts';
import { textOf } from './text.ts';
import {
  type Arguments,
  Callable,
  compare,
  defined,
  equals,
  Items,
  integerOf,
  iterate,
  Markup,
  numberOf,
  Range,
  Tuple,
  Undefined,
  type Value,
} from './values.ts';

type Test = readonly [Signature, (value: Value, args: Bound) => boolean];

const NONE: Signature = {};
const OTHER: Signature = { other: REQUIRED };

const equal: Test = [OTHER, (value, args) => equals(value, args.value(0))];
const unequal: Test = [OTHER, (value, args) => !equals(value, args.value(0))];
const less: Test = [OTHER, (value, args) => compare(value, args.value(0)) < 0];
const lessOrEqual: Test = [OTHER, (value, args) => compare(value, args.value(0)) <= 0];
const greater: Test = [OTHER, (value, args) => compare(value, args.value(0)) > 0];
const greaterOrEqual: Test = [OTHER, (value, args) => compare(value, args.value(0)) >= 0];
const isSequence = (value: Value) =>
  typeof value === 'string' ||
  value instanceof Markup ||
  Array.isArray(value) ||
  value instanceof Tuple ||
  value instanceof Range ||
  value instanceof Map;

/** Jinja's tests (https://jinja.palletsprojects.com/en/stable/templates/#list-of-builtin-tests). */
const TESTS: Readonly<Record<string, Test>> = {
  defined: [NONE, (value) => !(value instanceof Undefined)],
  undefined: [NONE, (value) => value instanceof Undefined],
  none: [NONE, (value) => value === null],
  boolean: [NONE, (value) => typeof value === 'boolean'],
  true: [NONE, (value) => value === true],
  false: [NONE, (value) => value === false],
  integer: [NONE, (value) => typeof value === 'bigint'],
  float: [NONE, (value) => typeof value === 'number'],
  number: [NONE, (value) => numberOf(value) !== undefined],
  string: [NONE, (value) => typeof value === 'string' || value instanceof Markup],
  mapping: [NONE, (value) => value instanceof Map],
  sequence: [NONE, (value) => isSequence(value)],
  iterable: [NONE, (value) => isSequence(value) || value instanceof Items],
  callable: [NONE, (value) => value instanceof Callable],
  escaped: [NONE, (value) => value instanceof Markup],
  lower: [NONE, (value) => isCased(textOf(value), lower(textOf(value)))],
  upper: [NONE, (value) => isCased(textOf(value), textOf(value).toUpperCase())],
  odd: [NONE, (value) => remainder(value, 2n) === 1n],
  even: [NONE, (value) => remainder(value, 2n) === 0n],
  divisibleby: [{ num: REQUIRED }, (value, args) => remainder(value, integerOf(args.value(0)) ?? 0n) === 0n],
  in: [{ seq: REQUIRED }, (value, args) => contains(args.value(0), value)],
  sameas: [OTHER, () => refuse('the test sameas')],
  eq: equal,
  equalto: equal,
  '==': equal,
  ne: unequal,
  '!=': unequal,
  lt: less,
  lessthan: less,
  '<': less,
  le: lessOrEqual,
  '<=': lessOrEqual,
  gt: greater,
  greaterthan: greater,
  '>': greater,
  ge: greaterOrEqual,
  '>=': greaterOrEqual,
};

/** Tests that may be asked about a name that is not defined: they look at its type alone. */
export const LENIENT_TESTS: ReadonlySet<string> = new Set([
  'defined',
  'undefined',
  'none',
  'boolean',
  'true',
  'false',
  'integer',
  'float',
  'number',
  'string',
  'mapping',
  'escaped',
]);

/** @throws Error where there is no such test */
export function applyTest(name: string, value: Value, args: Arguments): boolean {
  if (!LENIENT_TESTS.has(name)) defined(value);
  const test = Object.hasOwn(TESTS, name) ? TESTS[name] : undefined;
  if (test === undefined) throw new Error(`the test ${name} is not supported`);
  const [signature, body] = test;
  return body(value, bind(args, signature));
}

/** Python's `in`. */
export function contains(container: Value, given: Value): boolean {
  const value = defined(given);
  if (typeof container === 'string' || container instanceof Markup) {
    if (typeof value !== 'string') throw new Error('only a text can be looked for in a text');
    return textOf(container).includes(value);
  }
  return iterate(container).some((item) => equals(item, value));
}

function remainder(value: Value, by: bigint): bigint {
  const integer = integerOf(value);
  if (integer === undefined || by === 0n) throw new Error('needs whole numbers, and not zero to divide by');
  const rest = integer % by;
  return rest !== 0n && rest < 0n !== by < 0n ? rest + by : rest;
}

/** Python's `islower` and `isupper` need a letter that has a case. */
function isCased(text: string, changed: string): boolean {
  return text === changed && text.toLowerCase() !== text.toUpperCase();
}
