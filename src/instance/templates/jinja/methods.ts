import { type Bound, bind, REQUIRED, refuse, type Signature } from './arguments.ts';
import { formatBraces } from './format.ts';
import {
  capitalize,
  isSpace,
  lines,
  lower,
  pad,
  replace,
  split,
  splitFromRight,
  strip,
  title,
  words,
} from './strings.ts';
import { textOf } from './text.ts';
import {
  type Arguments,
  Callable,
  compare,
  type Dict,
  equals,
  Items,
  iterate,
  keyOf,
  Markup,
  Tuple,
  typeOf,
  type Value,
  valueOr,
} from './values.ts';

/** A method of a type: its parameters, and what it does. */
type Method<T> = readonly [Signature, (self: T, args: Bound) => Value];

const NONE: Signature = {};
const CHARACTERS: Signature = { chars: null };
const ONE: Signature = { value: REQUIRED };
const SPLIT: Signature = { sep: null, maxsplit: -1n };
const PADDED: Signature = { width: REQUIRED, fillchar: ' ' };
const RANGE: Signature = { sub: REQUIRED, start: null, end: null };

const STRING: Readonly<Record<string, Method<string>>> = {
  upper: [NONE, (self) => self.toUpperCase()],
  lower: [NONE, (self) => lower(self)],
  title: [NONE, (self) => title(self)],
  capitalize: [NONE, (self) => capitalize(self)],
  swapcase: [NONE, (self) => Array.from(self, swapCase).join('')],
  strip: [CHARACTERS, (self, args) => strip(self, args.optionalText(0), 'both')],
  lstrip: [CHARACTERS, (self, args) => strip(self, args.optionalText(0), 'left')],
  rstrip: [CHARACTERS, (self, args) => strip(self, args.optionalText(0), 'right')],
  removeprefix: [ONE, (self, args) => (self.startsWith(args.text(0)) ? self.slice(args.text(0).length) : self)],
  removesuffix: [
    ONE,
    (self, args) => (args.text(0) !== '' && self.endsWith(args.text(0)) ? self.slice(0, -args.text(0).length) : self),
  ],
  replace: [
    { old: REQUIRED, new: REQUIRED, count: -1n },
    (self, args) => replace(self, args.text(0), args.text(1), args.integer(2)),
  ],
  split: [SPLIT, (self, args) => splitWith(self, args, split)],
  rsplit: [SPLIT, (self, args) => splitWith(self, args, splitFromRight)],
  splitlines: [{ keepends: false }, (self, args) => lines(self, args.isTrue(0))],
  partition: [ONE, (self, args) => partition(self, args.text(0), self.indexOf(args.text(0)), [self, '', ''])],
  rpartition: [ONE, (self, args) => partition(self, args.text(0), self.lastIndexOf(args.text(0)), ['', '', self])],
  join: [ONE, (self, args) => iterate(args.value(0)).map(joined).join(self)],
  startswith: [RANGE, (self, args) => affixes(args).some((affix) => part(self, args).startsWith(affix))],
  endswith: [RANGE, (self, args) => affixes(args).some((affix) => part(self, args).endsWith(affix))],
  find: [ONE, (self, args) => position(self, self.indexOf(args.text(0)))],
  rfind: [ONE, (self, args) => position(self, self.lastIndexOf(args.text(0)))],
  index: [ONE, (self, args) => found(position(self, self.indexOf(args.text(0))))],
  rindex: [ONE, (self, args) => found(position(self, self.lastIndexOf(args.text(0))))],
  count: [
    ONE,
    (self, args) => BigInt(args.text(0) === '' ? [...self].length + 1 : self.split(args.text(0)).length - 1),
  ],
  center: [PADDED, (self, args) => pad(self, args.integer(0), args.text(1), 'both')],
  ljust: [PADDED, (self, args) => pad(self, args.integer(0), args.text(1), 'right')],
  rjust: [PADDED, (self, args) => pad(self, args.integer(0), args.text(1), 'left')],
  zfill: [{ width: REQUIRED }, (self, args) => zeroFill(self, args.integer(0))],
  expandtabs: [NONE, (self) => (self.includes('\t') ? refuse('expandtabs() of a text with tabs') : self)],
  isdigit: [NONE, (self) => isAll(plainNumbers(self), /^\p{Nd}$/u)],
  isdecimal: [NONE, (self) => isAll(self, /^\p{Nd}$/u)],
  isnumeric: [NONE, (self) => isAll(plainNumbers(self), /^\p{Nd}$/u)],
  isalpha: [NONE, (self) => isAll(self, /^\p{L}$/u)],
  isalnum: [NONE, (self) => isAll(plainNumbers(self), /^[\p{L}\p{Nd}]$/u)],
  isspace: [NONE, (self) => self !== '' && [...self].every(isSpace)],
  isascii: [NONE, (self) => /^[\0-\x7f]*$/.test(self)],
  islower: [NONE, (self) => self === self.toLowerCase() && self !== self.toUpperCase()],
  isupper: [NONE, (self) => self === self.toUpperCase() && self !== self.toLowerCase()],
  isidentifier: [NONE, (self) => /^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*$/u.test(self)],
};

const DICT: Readonly<Record<string, Method<Dict>>> = {
  get: [{ key: REQUIRED, default: null }, (self, args) => valueOr(self.get(keyOf(args.value(0))), args.value(1))],
  keys: [NONE, (self) => new Items([...self.keys()], true)],
  values: [NONE, (self) => new Items([...self.values()], true)],
  items: [
    NONE,
    (self) =>
      new Items(
        [...self].map((pair) => new Tuple(pair)),
        true,
      ),
  ],
  copy: [NONE, (self) => new Map(self)],
  update: [ONE, (self, args) => update(self, args.value(0))],
  pop: [{ key: REQUIRED, default: refused() }, (self, args) => pop(self, args)],
  setdefault: [{ key: REQUIRED, default: null }, (self, args) => setDefault(self, args)],
};

const LIST: Readonly<Record<string, Method<Value[]>>> = {
  append: [ONE, (self, args) => nothing(self.push(args.value(0)))],
  extend: [ONE, (self, args) => nothing(self.push(...iterate(args.value(0))))],
  insert: [
    { index: REQUIRED, value: REQUIRED },
    (self, args) => nothing(self.splice(args.integer(0), 0, args.value(1))),
  ],
  index: [ONE, (self, args) => found(BigInt(self.findIndex((item) => equals(item, args.value(0)))))],
  count: [ONE, (self, args) => BigInt(self.filter((item) => equals(item, args.value(0))).length)],
  copy: [NONE, (self) => [...self]],
  reverse: [NONE, (self) => nothing(self.reverse())],
  sort: [NONE, (self) => nothing(self.sort(compare))],
  pop: [{ index: -1n }, (self, args) => popItem(self, args.integer(0))],
};

/** A method of a value, or undefined where Python's type has none of that name that is supported. */
export function methodOf(self: Value, name: string): Callable | undefined {
  if (typeof self === 'string') {
    if (name === 'format') return new Callable(name, (args) => formatBraces(self, args.positional, args.named));
    return bound(STRING, self, name);
  }
  if (self instanceof Map) return bound(DICT, self, name);
  if (Array.isArray(self)) return bound(LIST, self, name);
  if (self instanceof Tuple && (name === 'index' || name === 'count')) return bound(LIST, [...self.items], name);
  if (self instanceof Markup) throw new Error(`${name}() of text that is safe in HTML is not supported`);
  return undefined;
}

function bound<T>(methods: Readonly<Record<string, Method<T>>>, self: T, name: string): Callable | undefined {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method === undefined) return undefined;
  const [signature, body] = method;
  return new Callable(name, (args: Arguments) => body(self, bind(args, signature)));
}

function splitWith(self: string, args: Bound, by: typeof split): Value {
  const separator = args.optionalText(0);
  if (separator !== undefined) return by(self, separator, args.integer(1));
  if (by === splitFromRight && args.integer(1) >= 0) return refuse('rsplit() without a separator, but with a number');
  return words(self, args.integer(1));
}

function partition(self: string, separator: string, at: number, without: readonly string[]): Tuple {
  if (separator === '') throw new Error('needs a separator that is not empty');
  return new Tuple(at < 0 ? without : [self.slice(0, at), separator, self.slice(at + separator.length)]);
}

function joined(item: Value): string {
  if (typeof item !== 'string' && !(item instanceof Markup))
    throw new Error(`join() needs texts, and got ${typeOf(item)}`);
  return textOf(item);
}

function affixes(args: Bound): string[] {
  const affix = args.value(0);
  return affix instanceof Tuple ? affix.items.map(joined) : [args.text(0)];
}

function part(self: string, args: Bound): string {
  const [start, end] = [args.optionalInteger(1), args.optionalInteger(2)];
  return start === undefined && end === undefined ? self : [...self].slice(start, end).join('');
}

/** A position in UTF-16 units as one in code points. */
function position(self: string, at: number): bigint {
  return BigInt(at < 0 ? -1 : [...self.slice(0, at)].length);
}

function found(at: bigint): bigint {
  if (at < 0n) throw new Error('the value is not found');
  return at;
}

function zeroFill(self: string, width: number): string {
  const [, sign = '', rest = ''] = /^([+-]?)(.*)$/s.exec(self) ?? [];
  return sign + pad(rest, width - sign.length, '0', 'left');
}

function swapCase(character: string): string {
  return character === character.toUpperCase() ? character.toLowerCase() : character.toUpperCase();
}

/** Python counts some signs as numbers that have no digit, such as `²`, `Ⅷ` and `一`: such text is refused. */
function plainNumbers(text: string): string {
  return /[\p{No}\p{Nl}\p{Lo}]/u.test(text) ? refuse('a question about signs that stand for numbers') : text;
}

function isAll(text: string, pattern: RegExp): boolean {
  return text !== '' && [...text].every((character) => pattern.test(character));
}

function nothing(_: unknown): null {
  return null;
}

function update(self: Dict, other: Value): null {
  if (!(other instanceof Map)) return refuse('update() with anything but a mapping');
  for (const [key, value] of other) self.set(key, value);
  return null;
}

function refused(): Value {
  return new Tuple([]);
}

function pop(self: Dict, args: Bound): Value {
  const key = keyOf(args.value(0));
  const value = self.get(key);
  self.delete(key);
  if (value !== undefined) return value;
  const fallback = args.value(1);
  if (fallback instanceof Tuple && fallback.items.length === 0) throw new Error('the key is not found');
  return fallback;
}

function setDefault(self: Dict, args: Bound): Value {
  const key = keyOf(args.value(0));
  const value = valueOr(self.get(key), args.value(1));
  self.set(key, value);
  return value;
}

function popItem(self: Value[], at: number): Value {
  const [item] = self.splice(at, 1);
  if (item === undefined) throw new Error('the list is too short');
  return item;
}
