/**
 * Values as Python has them: `bigint` is an int, `number` a float, `null` None, an array a list and a Map a dict. What a
 * template can do with any other value is refused, so that nothing is rendered otherwise than by Jinja.
 */
export type Value =
  | string
  | bigint
  | number
  | boolean
  | null
  | Value[]
  | Dict
  | Tuple
  | Range
  | Items
  | Markup
  | Undefined
  | Namespace
  | Callable;

export type Dict = Map<Value, Value>;

export class Tuple {
  readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    this.items = items;
  }
}

/** Python's `range`: its length is known before its numbers are made. */
export class Range {
  readonly start: bigint;
  readonly stop: bigint;
  readonly step: bigint;
  readonly length: number;

  constructor(start: bigint, stop: bigint, step: bigint) {
    if (step === 0n) throw new Error('range() needs a step that is not zero');
    const distance = step > 0n ? stop - start : start - stop;
    const size = step > 0n ? step : -step;
    this.start = start;
    this.stop = stop;
    this.step = step;
    this.length = distance <= 0n ? 0 : Number((distance + size - 1n) / size);
  }

  get items(): bigint[] {
    return Array.from({ length: this.length }, (_, index) => this.start + BigInt(index) * this.step);
  }
}

/** What can only be gone through: a generator, an iterator, or the view of a dict. Python writes an address or a view for it. */
export class Items {
  readonly items: readonly Value[];
  /** Whether it has a length, as the view of a dict has. */
  readonly isView: boolean;

  constructor(items: readonly Value[], isView = false) {
    this.items = items;
    this.isView = isView;
  }
}

/** Text that is safe in HTML: of the filters `escape`, `safe` and `tojson`. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A name without a value. A strict one may only be asked whether it is defined; the other one is of an `if` without `else`. */
export class Undefined {
  readonly name: string;
  readonly isStrict: boolean;

  constructor(name: string, isStrict = true) {
    this.name = name;
    this.isStrict = isStrict;
  }
}

export class Namespace {
  readonly values = new Map<string, Value>();
}

export interface Arguments {
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

/** A function, a method or a macro. */
export class Callable {
  readonly name: string;
  readonly call: (args: Arguments) => Value;
  /** Fields that a template may read, as those of `loop`. */
  readonly fields: ReadonlyMap<string, Value>;

  constructor(name: string, call: (args: Arguments) => Value, fields: ReadonlyMap<string, Value> = new Map()) {
    this.name = name;
    this.call = call;
    this.fields = fields;
  }
}

/** A value, or the other one where there is none: None is a value. */
export function valueOr(value: Value | undefined, other: Value): Value {
  return value === undefined ? other : value;
}

/** Name of a value's type as Python has it. */
export function typeOf(value: Value): string {
  if (value === null) return 'NoneType';
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'bigint':
      return 'int';
    case 'number':
      return 'float';
    case 'boolean':
      return 'bool';
  }
  if (Array.isArray(value)) return 'list';
  if (value instanceof Map) return 'dict';
  if (value instanceof Tuple) return 'tuple';
  if (value instanceof Range) return 'range';
  if (value instanceof Items) return 'iterator';
  if (value instanceof Markup) return 'Markup';
  if (value instanceof Undefined) return 'Undefined';
  return value instanceof Namespace ? 'Namespace' : 'function';
}

/** Requires a value that may be used. @throws Error for a name that is not defined */
export function defined(value: Value): Value {
  if (value instanceof Undefined && value.isStrict) throw new Error(`${value.name} is not defined`);
  return value;
}

/** Whether Python takes the value for true. */
export function isTrue(given: Value): boolean {
  const value = defined(given);
  if (value === null || value instanceof Undefined) return false;
  if (typeof value === 'string') return value !== '';
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return value !== 0n;
  if (typeof value === 'number') return value !== 0;
  if (value instanceof Map) return value.size > 0;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Tuple) return value.items.length > 0;
  if (value instanceof Range) return value.length > 0;
  if (value instanceof Markup) return value.text !== '';
  if (value instanceof Items) return !value.isView || value.items.length > 0;
  return true;
}

/** The values that Python's `iter` gives. @throws Error where it gives none */
export function iterate(given: Value): readonly Value[] {
  const value = defined(given);
  if (value instanceof Undefined) return [];
  if (typeof value === 'string') return [...value];
  if (value instanceof Markup) return [...value.text];
  if (Array.isArray(value)) return value;
  if (value instanceof Map) return [...value.keys()];
  if (value instanceof Tuple || value instanceof Range || value instanceof Items) return value.items;
  throw new Error(`${typeOf(value)} cannot be iterated`);
}

/** Python's `len`. @throws Error where the value has none */
export function lengthOf(given: Value): bigint {
  const value = defined(given);
  if (value instanceof Range) return BigInt(value.length);
  if (value instanceof Items && !value.isView) throw new Error('a generator has no length');
  return BigInt(iterate(value).length);
}

/** A number of either kind as a float; a bool counts as 0 or 1. */
export function numberOf(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'boolean' ? Number(value) : undefined;
}

/** An int; a bool counts as 0 or 1. */
export function integerOf(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return typeof value === 'boolean' ? BigInt(value) : undefined;
}

/** Python's `==`. */
export function equals(a: Value, b: Value): boolean {
  const [left, right] = [defined(a), defined(b)];
  if (left instanceof Undefined || right instanceof Undefined)
    return left instanceof Undefined && right instanceof Undefined;
  const [x, y] = [numberOf(left), numberOf(right)];
  if (x !== undefined && y !== undefined) {
    const [i, j] = [integerOf(left), integerOf(right)];
    return i !== undefined && j !== undefined ? i === j : x === y;
  }
  const [s, t] = [textValue(left), textValue(right)];
  if (s !== undefined && t !== undefined) return s === t;
  if (Array.isArray(left) && Array.isArray(right)) return listsEqual(left, right);
  if (left instanceof Tuple && right instanceof Tuple) return listsEqual(left.items, right.items);
  if (left instanceof Range && right instanceof Range) return listsEqual(left.items, right.items);
  if (left instanceof Map && right instanceof Map) {
    return (
      left.size === right.size &&
      [...left].every(([key, value]) => right.has(key) && equals(value, right.get(key) ?? null))
    );
  }
  return left === right;
}

function listsEqual(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((item, index) => equals(item, b[index] ?? null));
}

/** A str or Markup as text. */
export function textValue(value: Value): string | undefined {
  if (typeof value === 'string') return value;
  return value instanceof Markup ? value.text : undefined;
}

/** Python's `<` as a number: negative, zero or positive. @throws Error for values without an order */
export function compare(a: Value, b: Value): number {
  const [left, right] = [defined(a), defined(b)];
  const [x, y] = [numberOf(left), numberOf(right)];
  if (x !== undefined && y !== undefined) {
    const [i, j] = [integerOf(left), integerOf(right)];
    if (i !== undefined && j !== undefined) return i < j ? -1 : i > j ? 1 : 0;
    if (Number.isNaN(x) || Number.isNaN(y)) throw new Error('nan has no order');
    return x - y;
  }
  const [s, t] = [textValue(left), textValue(right)];
  if (s !== undefined && t !== undefined) return compareTexts(s, t);
  const lists = [listOf(left), listOf(right)] as const;
  if (lists[0] !== undefined && lists[1] !== undefined && typeOf(left) === typeOf(right))
    return compareLists(lists[0], lists[1]);
  throw new Error(`${typeOf(left)} and ${typeOf(right)} have no order`);
}

function listOf(value: Value): readonly Value[] | undefined {
  if (Array.isArray(value)) return value;
  return value instanceof Tuple ? value.items : undefined;
}

function compareLists(a: readonly Value[], b: readonly Value[]): number {
  for (const [index, item] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (!equals(item, other)) return compare(item, other);
  }
  return a.length - b.length;
}

/** By code points, as Python does, and not by UTF-16 units. */
function compareTexts(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (const [index, character] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (character !== other) return (character.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
  }
  return left.length - right.length;
}

/** A dict's key: Python takes 1, 1.0 and True for the same one, and no list. @throws Error for what cannot be a key */
export function keyOf(given: Value): Value {
  const value = defined(given);
  if (value instanceof Markup) return value.text;
  if (typeof value === 'string' || typeof value === 'bigint' || value === null) return value;
  throw new Error(`${typeOf(value)} as a key is not supported`);
}
