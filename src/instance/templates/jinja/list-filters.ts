import type { Bound } from './arguments.ts';
import { refuse } from './arguments.ts';
import { lower } from './strings.ts';
import { textOf } from './text.ts';
import {
  type Arguments,
  compare,
  defined,
  equals,
  Items,
  integerOf,
  isTrue,
  iterate,
  keyOf,
  numberOf,
  Tuple,
  typeOf,
  Undefined,
  type Value,
  valueOr,
} from './values.ts';

export function join(value: Value, args: Bound, context: FilterContext): string {
  const attribute = args.value(1);
  const items = iterate(value).map((item) => (attribute === null ? item : context.field(item, attribute)));
  return items.map(textOf).join(textOf(args.value(0)));
}

/** The value by which items are compared; texts without their case, unless asked for. */
function keyFor(item: Value, attribute: Value, isCaseSensitive: boolean, context: FilterContext): Value {
  const key = attribute === null ? item : fields(item, attribute, context);
  return isCaseSensitive ? key : withoutCase(key);
}

function fields(item: Value, attribute: Value, context: FilterContext): Value {
  if (typeof attribute !== 'string' || !attribute.includes(',')) return context.field(item, attribute);
  return attribute.split(',').map((path) => context.field(item, path));
}

function withoutCase(key: Value): Value {
  if (typeof key === 'string') return lower(key);
  return Array.isArray(key) ? key.map(withoutCase) : key;
}

export function sort(value: Value, args: Bound, context: FilterContext): Value[] {
  const keyed = iterate(value).map((item) => ({
    item,
    key: defined(keyFor(item, args.value(2), args.isTrue(1), context)),
  }));
  const direction = args.isTrue(0) ? -1 : 1;
  return keyed.sort((a, b) => direction * compare(a.key, b.key)).map(({ item }) => item);
}

export function unique(value: Value, args: Bound, context: FilterContext): Items {
  const seen: Value[] = [];
  return new Items(
    iterate(value).filter((item) => {
      const key = keyOf(keyFor(item, args.value(1), args.isTrue(0), context));
      if (seen.some((other) => equals(other, key))) return false;
      seen.push(key);
      return true;
    }),
  );
}

export function extreme(value: Value, args: Bound, context: FilterContext, direction: 1 | -1): Value {
  let best: { readonly item: Value; readonly key: Value } | undefined;
  for (const item of iterate(value)) {
    const key = keyFor(item, args.value(1), args.isTrue(0), context);
    if (best === undefined || direction * compare(key, best.key) > 0) best = { item, key };
  }
  return valueOr(best?.item, new Undefined('an item of an empty list'));
}

export function sum(value: Value, args: Bound, context: FilterContext): Value {
  let total: Value = args.value(1);
  for (const item of iterate(value)) {
    const next = args.value(0) === null ? item : context.field(item, args.value(0));
    const [a, b] = [integerOf(total), integerOf(next)];
    if (a !== undefined && b !== undefined) total = a + b;
    else {
      const [x, y] = [numberOf(total), numberOf(next)];
      if (x === undefined || y === undefined) throw new Error('sum needs numbers');
      total = x + y;
    }
  }
  return total;
}

export function pairsOf(value: Value): Tuple[] {
  if (!(value instanceof Map)) throw new Error(`needs a mapping, and got ${typeOf(value)}`);
  return [...value].map((pair) => new Tuple(pair));
}

export function dictSort(value: Value, args: Bound): Value[] {
  const by = args.text(1);
  if (by !== 'key' && by !== 'value') throw new Error('dictsort sorts by key or value');
  const keyOfPair = ({ items: [key = null, item = null] }: Tuple) => {
    const chosen = by === 'key' ? key : item;
    return args.isTrue(0) ? chosen : withoutCase(chosen);
  };
  const direction = args.isTrue(2) ? -1 : 1;
  return pairsOf(value).sort((a, b) => direction * compare(keyOfPair(a), keyOfPair(b)));
}

export function batch(value: Value, args: Bound): Items {
  const [size, fill] = [args.integer(0), args.value(1)];
  if (size < 1) return refuse('batch with less than one item');
  const items = iterate(value);
  const rows = Array.from({ length: Math.ceil(items.length / size) }, (_, row) =>
    items.slice(row * size, (row + 1) * size),
  );
  return new Items(
    rows.map((row) => (fill === null ? [...row] : [...row, ...Array.from({ length: size - row.length }, () => fill)])),
  );
}

export function slices(value: Value, args: Bound): Items {
  const [count, fill] = [args.integer(0), args.value(1)];
  if (count < 1) return refuse('slice into less than one');
  const items = iterate(value);
  const [size, extra] = [Math.floor(items.length / count), items.length % count];
  let at = 0;
  const rows = Array.from({ length: count }, (_, row) => {
    const end = at + size + (row < extra ? 1 : 0);
    const part = items.slice(at, end);
    at = end;
    return fill !== null && row >= extra && extra > 0 ? [...part, fill] : [...part];
  });
  return new Items(rows);
}

export function groupBy(value: Value, args: Bound, context: FilterContext): Value[] {
  const fieldOf = (item: Value) => {
    const found = context.field(item, args.value(0));
    return found instanceof Undefined && args.value(1) !== null ? args.value(1) : found;
  };
  const keyed = iterate(value).map((item) => {
    const found = defined(fieldOf(item));
    return { item, found, key: args.isTrue(2) ? found : withoutCase(found) };
  });
  keyed.sort((a, b) => compare(a.key, b.key));
  const groups: { readonly key: Value; readonly found: Value; readonly items: Value[] }[] = [];
  for (const { item, found, key } of keyed) {
    const last = groups.at(-1);
    if (last !== undefined && equals(last.key, key)) last.items.push(item);
    else groups.push({ key, found, items: [item] });
  }
  return groups.map(({ found, items }) => new Tuple([found, items]));
}

export function map(value: Value, args: Arguments, context: FilterContext): Items {
  const items = iterate(value);
  const attribute = args.named.get('attribute');
  if (attribute !== undefined) {
    const other = args.named.get('default');
    if (args.positional.length > 0) return refuse('map with a filter and an attribute');
    return new Items(
      items.map((item) => {
        const found = context.field(item, attribute);
        return found instanceof Undefined && other !== undefined && other !== null ? other : found;
      }),
    );
  }
  const [name, ...positional] = args.positional;
  if (typeof name !== 'string') throw new Error('map needs the name of a filter');
  return new Items(items.map((item) => context.filter(name, item, { positional, named: args.named })));
}

export function select(value: Value, args: Arguments, context: FilterContext, isWanted: boolean): Items {
  const [name, ...positional] = args.positional;
  const accepts = (item: Value) =>
    name === undefined ? isTrue(item) : context.test(textOf(name), item, { positional, named: args.named });
  return new Items(iterate(value).filter((item) => accepts(item) === isWanted));
}

export function selectField(value: Value, args: Arguments, context: FilterContext, isWanted: boolean): Items {
  const [attribute, name, ...positional] = args.positional;
  if (attribute === undefined) throw new Error('needs the name of an attribute');
  const accepts = (item: Value) => {
    const found = context.field(item, attribute);
    return name === undefined ? isTrue(found) : context.test(textOf(name), found, { positional, named: args.named });
  };
  return new Items(iterate(value).filter((item) => accepts(item) === isWanted));
}

/** What a filter needs of the interpreter. */
export interface FilterContext {
  /** Applies a filter or a test by its name. */
  readonly filter: (name: string, value: Value, args: Arguments) => Value;
  readonly test: (name: string, value: Value, args: Arguments) => boolean;
  /** A field by a dotted path, as Jinja's `attribute` has it; without a value it is not defined. */
  readonly field: (value: Value, path: Value) => Value;
}
