import { formatPercent } from './format.ts';
import type { BinaryOperator, ComparisonOperator } from './nodes.ts';
import { contains } from './tests.ts';
import { compare, defined, equals, integerOf, Markup, numberOf, Range, Tuple, typeOf, type Value } from './values.ts';

/** Longest text or list, and largest number of bits, that an operator makes. */
const LONGEST = 1_000_000;

/** Python's arithmetic. @throws Error for types that do not go together, and for results that are too large */
export function operate(operator: BinaryOperator, a: Value, b: Value): Value {
  const [left, right] = [defined(a), defined(b)];
  if (operator === '%' && typeof left === 'string') return formatPercent(left, right);
  const [i, j] = [integerOf(left), integerOf(right)];
  if (i !== undefined && j !== undefined) return integers(operator, i, j);
  const [x, y] = [numberOf(left), numberOf(right)];
  if (x !== undefined && y !== undefined) return floats(operator, x, y);
  if (operator === '+') {
    if (typeof left === 'string' && typeof right === 'string') return checked(left + right);
    if (Array.isArray(left) && Array.isArray(right)) return [...left, ...right];
    if (left instanceof Tuple && right instanceof Tuple) return new Tuple([...left.items, ...right.items]);
  }
  if (operator === '*') {
    if (i !== undefined) return repeat(right, i, left);
    if (j !== undefined) return repeat(left, j, right);
  }
  throw wrongTypes(operator, left, right);
}

/** One step of a comparison. */
export function holds(operator: ComparisonOperator, left: Value, right: Value): boolean {
  switch (operator) {
    case '==':
      return equals(left, right);
    case '!=':
      return !equals(left, right);
    case '<':
      return compare(left, right) < 0;
    case '<=':
      return compare(left, right) <= 0;
    case '>':
      return compare(left, right) > 0;
    case '>=':
      return compare(left, right) >= 0;
    case 'in':
      return contains(right, left);
    case 'not in':
      return !contains(right, left);
  }
}

function integers(operator: BinaryOperator, a: bigint, b: bigint): Value {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return bounded(a * b);
    case '/':
      return floats('/', Number(a), Number(b));
    case '//':
      return floorDivision(a, b);
    case '%':
      return a - floorDivision(a, b) * b;
    case '**':
      if (b < 0n) return floats('**', Number(a), Number(b));
      if (b * BigInt(a.toString(2).length) > LONGEST) throw new Error('the number is too large');
      return a ** b;
  }
}

function bounded(number: bigint): bigint {
  if (number.toString(2).length > LONGEST) throw new Error('the number is too large');
  return number;
}

/** Python rounds down, JavaScript towards zero. */
function floorDivision(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new Error('division by zero');
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

function floats(operator: BinaryOperator, a: number, b: number): number {
  if (b === 0 && (operator === '/' || operator === '//' || operator === '%')) throw new Error('division by zero');
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '//':
      return Math.floor(a / b);
    case '%': {
      const rest = a % b;
      return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
    }
    case '**': {
      const power = a ** b;
      if (Number.isNaN(power)) throw new Error('the power is not a number here');
      return power;
    }
  }
}

function repeat(value: Value, times: bigint, other: Value): Value {
  const count = times < 0n ? 0 : Number(times);
  const length =
    typeof value === 'string'
      ? value.length
      : Array.isArray(value)
        ? value.length
        : value instanceof Tuple
          ? value.items.length
          : undefined;
  if (length === undefined) throw wrongTypes('*', value, other);
  if (count > LONGEST || length * count > LONGEST) throw new Error('the result is too long');
  if (typeof value === 'string') return value.repeat(count);
  const items = Array.isArray(value) ? value : value instanceof Tuple ? value.items : [];
  const all = Array.from({ length: count }, () => items).flat();
  return Array.isArray(value) ? all : new Tuple(all);
}

function checked(text: string): string {
  if (text.length > LONGEST) throw new Error('the text is too long');
  return text;
}

function wrongTypes(operator: string, left: Value, right: Value): Error {
  return new Error(`${operator} does not go with ${typeOf(left)} and ${typeOf(right)}`);
}

/** The items that an index reaches. */
export function sequenceOf(value: Value): readonly Value[] | undefined {
  if (typeof value === 'string') return [...value];
  if (value instanceof Markup) return [...value.text];
  if (Array.isArray(value)) return value;
  return value instanceof Tuple || value instanceof Range ? value.items : undefined;
}

/** Attributes of Python's types that are not here: another value of that name must not take their place. */
export function hasPythonAttribute(value: Value, name: string): boolean {
  if (name.startsWith('__') && name.endsWith('__')) return true;
  if (value instanceof Map) return PYTHON_DICT.has(name);
  if (typeof value === 'string' || value instanceof Markup) return PYTHON_STRING.has(name);
  return Array.isArray(value)
    ? name === 'remove' || name === 'clear'
    : typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
}

const PYTHON_DICT: ReadonlySet<string> = new Set(['clear', 'fromkeys', 'popitem']);
const PYTHON_STRING: ReadonlySet<string> = new Set([
  'casefold',
  'encode',
  'format_map',
  'isprintable',
  'istitle',
  'maketrans',
  'translate',
]);
