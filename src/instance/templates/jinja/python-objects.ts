import { Markup, Range, Tuple, type Value } from './values.ts';

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
