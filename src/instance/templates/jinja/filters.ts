import { type Bound, bind, REQUIRED, type Signature } from './arguments.ts';
import { formatPercent } from './format.ts';
import { capitalize, lines, lower, pad, replace, strip } from './strings.ts';
import { jsonOf, textOf } from './text.ts';
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
  lengthOf,
  Markup,
  numberOf,
  Tuple,
  typeOf,
  Undefined,
  type Value,
  valueOr,
} from './values.ts';

/** What a filter needs of the interpreter. */
export interface FilterContext {
  /** Applies a filter or a test by its name. */
  readonly filter: (name: string, value: Value, args: Arguments) => Value;
  readonly test: (name: string, value: Value, args: Arguments) => boolean;
  /** A field by a dotted path, as Jinja's `attribute` has it; without a value it is not defined. */
  readonly field: (value: Value, path: Value) => Value;
}

/** A filter's parameters after its value, and what it does. */
type Filter = readonly [Signature, (value: Value, args: Bound, context: FilterContext) => Value];

const NONE: Signature = [];
const ORDER: Signature = [
  ['reverse', false],
  ['case_sensitive', false],
  ['attribute', null],
];
const EXTREME: Signature = [
  ['case_sensitive', false],
  ['attribute', null],
];

/** Jinja's filters (https://jinja.palletsprojects.com/en/stable/templates/#list-of-builtin-filters), and cookiecutter's. */
const FILTERS: Readonly<Record<string, Filter>> = {
  upper: [NONE, (value) => textOf(value).toUpperCase()],
  lower: [NONE, (value) => lower(textOf(value))],
  capitalize: [NONE, (value) => capitalize(textOf(value))],
  title: [NONE, (value) => titleOf(textOf(value))],
  trim: [[['chars', null]], (value, args) => strip(textOf(value), args.optionalText(0), 'both')],
  string: [NONE, (value) => (value instanceof Markup ? value : textOf(value))],
  replace: [
    [
      ['old', REQUIRED],
      ['new', REQUIRED],
      ['count', null],
    ],
    (value, args) => replace(textOf(value), textOf(args.value(0)), textOf(args.value(1)), args.optionalInteger(2)),
  ],
  center: [[['width', 80n]], (value, args) => pad(textOf(value), args.integer(0), ' ', 'both')],
  truncate: [
    [
      ['length', 255n],
      ['killwords', false],
      ['end', '...'],
      ['leeway', 5n],
    ],
    truncate,
  ],
  indent: [
    [
      ['width', 4n],
      ['first', false],
      ['blank', false],
    ],
    indent,
  ],
  wordcount: [NONE, (value) => BigInt(textOf(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0)],
  format: [NONE, (value) => value],
  striptags: [NONE, (value) => stripTags(textOf(value))],
  urlencode: [NONE, urlEncode],
  escape: [NONE, (value) => (value instanceof Markup ? value : new Markup(escapeHtml(textOf(value))))],
  e: [NONE, (value) => (value instanceof Markup ? value : new Markup(escapeHtml(textOf(value))))],
  forceescape: [NONE, (value) => new Markup(escapeHtml(textOf(value)))],
  safe: [NONE, (value) => new Markup(textOf(value))],
  tojson: [[['indent', null]], (value, args) => toJson(value, args.optionalInteger(0))],
  jsonify: [[['indent', 4n]], (value, args) => jsonOf(sorted(value), args.optionalInteger(0))],
  slugify: [NONE, (value) => slugify(textOf(value))],
  int: [
    [
      ['default', 0n],
      ['base', 10n],
    ],
    toInteger,
  ],
  float: [[['default', 0]], toFloat],
  abs: [NONE, absolute],
  round: [
    [
      ['precision', 0n],
      ['method', 'common'],
    ],
    round,
  ],
  filesizeformat: [[['binary', false]], fileSize],
  length: [NONE, lengthOf],
  count: [NONE, lengthOf],
  first: [NONE, (value) => valueOr(iterate(value)[0], new Undefined('the first item of an empty list'))],
  last: [NONE, (value) => valueOr(reversible(value).at(-1), new Undefined('the last item of an empty list'))],
  list: [NONE, (value) => [...iterate(value)]],
  reverse: [
    NONE,
    (value) => (typeof value === 'string' ? [...value].reverse().join('') : new Items(reversible(value).toReversed())),
  ],
  join: [
    [
      ['d', ''],
      ['attribute', null],
    ],
    join,
  ],
  sort: [ORDER, (value, args, context) => sort(value, args, context)],
  unique: [EXTREME, unique],
  min: [EXTREME, (value, args, context) => extreme(value, args, context, -1)],
  max: [EXTREME, (value, args, context) => extreme(value, args, context, 1)],
  sum: [
    [
      ['attribute', null],
      ['start', 0n],
    ],
    sum,
  ],
  dictsort: [
    [
      ['case_sensitive', false],
      ['by', 'key'],
      ['reverse', false],
    ],
    dictSort,
  ],
  items: [NONE, (value) => (value instanceof Undefined ? new Items([]) : new Items(pairsOf(value)))],
  batch: [
    [
      ['linecount', REQUIRED],
      ['fill_with', null],
    ],
    batch,
  ],
  slice: [
    [
      ['slices', REQUIRED],
      ['fill_with', null],
    ],
    slices,
  ],
  groupby: [
    [
      ['attribute', REQUIRED],
      ['default', null],
      ['case_sensitive', false],
    ],
    groupBy,
  ],
  attr: [[['name', REQUIRED]], () => refuse('attr')],
  default: [
    [
      ['default_value', ''],
      ['boolean', false],
    ],
    (value, args) => fallback(value, args),
  ],
  d: [
    [
      ['default_value', ''],
      ['boolean', false],
    ],
    (value, args) => fallback(value, args),
  ],
};

/** Filters that may be asked about a name that is not defined. */
export const LENIENT_FILTERS: ReadonlySet<string> = new Set(['default', 'd']);

/** @throws Error where there is no such filter, or where Jinja's could give another result */
export function applyFilter(name: string, value: Value, args: Arguments, context: FilterContext): Value {
  if (!LENIENT_FILTERS.has(name)) defined(value);
  if (name === 'map') return map(value, args, context);
  if (name === 'select' || name === 'reject') return select(value, args, context, name === 'select');
  if (name === 'selectattr' || name === 'rejectattr') return selectField(value, args, context, name === 'selectattr');
  if (name === 'format') {
    const right = args.named.size > 0 ? new Map<Value, Value>(args.named) : new Tuple(args.positional);
    return formatPercent(textOf(value), right);
  }
  const filter = Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined;
  if (filter === undefined) throw new Error(`the filter ${name} is not supported`);
  const [signature, body] = filter;
  return body(value, bind(args, signature), context);
}

function fallback(value: Value, args: Bound): Value {
  if (value instanceof Undefined) return args.value(0);
  return args.isTrue(1) && !isTrue(value) ? args.value(0) : value;
}

/** Jinja's `title` differs from Python's: words begin after white space, a hyphen or an opening bracket. */
function titleOf(text: string): string {
  return text
    .split(/([-\s({[<]+)/u)
    .filter((item) => item !== '')
    .map((item) => {
      const [first = '', ...rest] = item;
      if ([...first.toUpperCase()].length > 1) throw new Error(`the upper case of ${first} is not supported here`);
      return first.toUpperCase() + lower(rest.join(''));
    })
    .join('');
}

function truncate(value: Value, args: Bound): string {
  const text = textOf(value);
  const characters = [...text];
  const [length, end, leeway] = [args.integer(0), args.text(2), args.integer(3)];
  if (length < [...end].length) throw new Error(`truncate needs a length of at least ${[...end].length}`);
  if (characters.length <= length + leeway) return text;
  const kept = characters.slice(0, length - [...end].length).join('');
  if (args.isTrue(1)) return kept + end;
  const space = kept.lastIndexOf(' ');
  return (space < 0 ? kept : kept.slice(0, space)) + end;
}

function indent(value: Value, args: Bound): string {
  const width = args.value(0);
  const by = typeof width === 'string' ? width : ' '.repeat(args.integer(0));
  const text = `${textOf(value)}\n`;
  const newline = '\n';
  const isBlankIndented = args.isTrue(2);
  let result: string;
  if (isBlankIndented) result = lines(text).join(newline + by);
  else {
    const [first = '', ...rest] = lines(text);
    result = [first, ...rest.map((line) => (line === '' ? line : by + line))].join(newline);
  }
  return args.isTrue(1) ? by + result : result;
}

function stripTags(text: string): string {
  if (/[<&]/.test(text)) return refuse('striptags of text with tags');
  return text
    .split(/\s+/u)
    .filter((word) => word !== '')
    .join(' ');
}

/** Percent-encoding as Python's `quote`: letters, digits and `_.-~/` stay; in a mapping the slash does not. */
function urlEncode(value: Value): string {
  const encode = (part: string) =>
    encodeURIComponent(part).replaceAll(
      /[!'()*]/g,
      (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  if (!(value instanceof Map) && !Array.isArray(value)) return encode(textOf(value)).replaceAll('%2F', '/');
  const pairs = value instanceof Map ? [...value] : value.map(pairOf);
  return pairs
    .map(
      ([key, item]) => `${encode(textOf(key)).replaceAll('%20', '+')}=${encode(textOf(item)).replaceAll('%20', '+')}`,
    )
    .join('&');
}

function pairOf(item: Value): readonly [Value, Value] {
  const [key, value, more] = iterate(item);
  if (key === undefined || value === undefined || more !== undefined) throw new Error('needs pairs of values');
  return [key, value];
}

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&#39;', '"': '&#34;' };

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>'"]/g, (character) => HTML[character] ?? character);
}

/** Jinja's `tojson`: keys in order, and the characters of HTML escaped. */
function toJson(value: Value, indentBy: number | undefined): Markup {
  const json = jsonOf(sorted(value), indentBy);
  return new Markup(
    json.replaceAll(/[<>&']/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}

function sorted(value: Value): Value {
  if (Array.isArray(value)) return value.map(sorted);
  if (value instanceof Tuple) return value.items.map(sorted);
  if (!(value instanceof Map)) return value;
  return new Map([...value].sort(([a], [b]) => compare(a, b)).map(([key, item]) => [key, sorted(item)]));
}

/** As python-slugify for text in Latin letters; its table of all other letters is not here. */
function slugify(text: string): string {
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '');
  if (/[^\p{ASCII}]|&\w+;|&#/u.test(plain)) throw new Error('the filter slugify takes text in Latin letters only here');
  return plain
    .toLowerCase()
    .replaceAll(/(\d),(?=\d)/g, '$1')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
}

function toInteger(value: Value, args: Bound): Value {
  const base = args.integer(1);
  if (typeof value === 'number') return Number.isFinite(value) ? BigInt(Math.trunc(value)) : args.value(0);
  const integer = integerOf(value);
  if (integer !== undefined) return integer;
  if (typeof value !== 'string') return args.value(0);
  if (base !== 10) return refuse('int with a base');
  const text = strip(value, undefined, 'both');
  if (/^[+-]?\d+(_\d+)*$/.test(text)) return BigInt(text.replaceAll(/[_+]/g, ''));
  const float = floatOf(text);
  return float === undefined || !Number.isFinite(float) ? args.value(0) : BigInt(Math.trunc(float));
}

function floatOf(text: string): number | undefined {
  if (/^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+)?$/i.test(text))
    return Number(text.replaceAll('_', ''));
  if (/^[+-]?(inf|infinity|nan)$/i.test(text)) return refuse('float of a text such as inf');
  if (/[^\p{ASCII}]/u.test(text)) return refuse('a number of other digits');
  return undefined;
}

function toFloat(value: Value, args: Bound): Value {
  const number = typeof value === 'string' ? floatOf(strip(value, undefined, 'both')) : numberOf(value);
  return number ?? args.value(0);
}

function absolute(value: Value): Value {
  const integer = integerOf(value);
  if (integer !== undefined) return integer < 0n ? -integer : integer;
  const number = numberOf(value);
  if (number === undefined) throw new Error(`abs needs a number, and got ${typeOf(value)}`);
  return Math.abs(number);
}

function round(value: Value, args: Bound): Value {
  const number = numberOf(value);
  if (number === undefined) throw new Error(`round needs a number, and got ${typeOf(value)}`);
  const [precision, method] = [args.integer(0), args.text(1)];
  if (method === 'common') {
    if (typeof value === 'bigint' && precision >= 0) return value;
    if (typeof value !== 'number' || precision < 0 || precision > 20) return refuse('such a rounding');
    return precision === 0 ? halfToEven(number) : Number(number.toFixed(precision));
  }
  if (method !== 'ceil' && method !== 'floor') throw new Error('round knows common, ceil and floor');
  const factor = 10 ** precision;
  return Math[method](number * factor) / factor;
}

function halfToEven(number: number): number {
  const floor = Math.floor(number);
  const rest = number - floor;
  if (rest !== 0.5) return Math.round(number);
  return floor % 2 === 0 ? floor : floor + 1;
}

function fileSize(value: Value, args: Bound): string {
  const bytes = numberOf(value);
  if (bytes === undefined) return refuse('filesizeformat of a text');
  const isBinary = args.isTrue(0);
  const base = isBinary ? 1024 : 1000;
  const units = isBinary
    ? ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB']
    : ['kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];
  if (bytes === 1) return '1 Byte';
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
  const index = Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(base) + 1e-12) - 1);
  return `${((base * bytes) / base ** (index + 2)).toFixed(1)} ${units[index]}`;
}

function reversible(value: Value): readonly Value[] {
  if (value instanceof Items && !value.isView) throw new Error('a generator cannot be reversed');
  return iterate(value);
}

function join(value: Value, args: Bound, context: FilterContext): string {
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

function sort(value: Value, args: Bound, context: FilterContext): Value[] {
  const keyed = iterate(value).map((item) => ({
    item,
    key: defined(keyFor(item, args.value(2), args.isTrue(1), context)),
  }));
  const direction = args.isTrue(0) ? -1 : 1;
  return keyed.sort((a, b) => direction * compare(a.key, b.key)).map(({ item }) => item);
}

function unique(value: Value, args: Bound, context: FilterContext): Items {
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

function extreme(value: Value, args: Bound, context: FilterContext, direction: 1 | -1): Value {
  let best: { readonly item: Value; readonly key: Value } | undefined;
  for (const item of iterate(value)) {
    const key = keyFor(item, args.value(1), args.isTrue(0), context);
    if (best === undefined || direction * compare(key, best.key) > 0) best = { item, key };
  }
  return valueOr(best?.item, new Undefined('an item of an empty list'));
}

function sum(value: Value, args: Bound, context: FilterContext): Value {
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

function pairsOf(value: Value): Tuple[] {
  if (!(value instanceof Map)) throw new Error(`needs a mapping, and got ${typeOf(value)}`);
  return [...value].map((pair) => new Tuple(pair));
}

function dictSort(value: Value, args: Bound): Value[] {
  const by = args.text(1);
  if (by !== 'key' && by !== 'value') throw new Error('dictsort sorts by key or value');
  const keyOfPair = ({ items: [key = null, item = null] }: Tuple) => {
    const chosen = by === 'key' ? key : item;
    return args.isTrue(0) ? chosen : withoutCase(chosen);
  };
  const direction = args.isTrue(2) ? -1 : 1;
  return pairsOf(value).sort((a, b) => direction * compare(keyOfPair(a), keyOfPair(b)));
}

function batch(value: Value, args: Bound): Items {
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

function slices(value: Value, args: Bound): Items {
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

function groupBy(value: Value, args: Bound, context: FilterContext): Value[] {
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

function map(value: Value, args: Arguments, context: FilterContext): Items {
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

function select(value: Value, args: Arguments, context: FilterContext, isWanted: boolean): Items {
  const [name, ...positional] = args.positional;
  const accepts = (item: Value) =>
    name === undefined ? isTrue(item) : context.test(textOf(name), item, { positional, named: args.named });
  return new Items(iterate(value).filter((item) => accepts(item) === isWanted));
}

function selectField(value: Value, args: Arguments, context: FilterContext, isWanted: boolean): Items {
  const [attribute, name, ...positional] = args.positional;
  if (attribute === undefined) throw new Error('needs the name of an attribute');
  const accepts = (item: Value) => {
    const found = context.field(item, attribute);
    return name === undefined ? isTrue(found) : context.test(textOf(name), found, { positional, named: args.named });
  };
  return new Items(iterate(value).filter((item) => accepts(item) === isWanted));
}

function refuse(what: string): never {
  throw new Error(`${what} is not supported`);
}
