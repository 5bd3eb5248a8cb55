import { type Bound, refuse } from './arguments.ts';
import { fixed } from './format.ts';
import { lines, lower, strip } from './strings.ts';
import { jsonOf, textOf } from './text.ts';
import { compare, integerOf, iterate, Markup, numberOf, Tuple, typeOf, type Value } from './values.ts';

/** Jinja's `title` differs from Python's: words begin after white space, a hyphen or an opening bracket. */
export function titleOf(text: string): string {
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

export function truncate(value: Value, args: Bound): string {
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

export function indent(value: Value, args: Bound): string {
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

export function stripTags(text: string): string {
  if (/[<&]/.test(text)) return refuse('striptags of text with tags');
  return text
    .split(/\s+/u)
    .filter((word) => word !== '')
    .join(' ');
}

/** Percent-encoding as Python's `quote`: letters, digits and `_.-~/` stay; in a mapping the slash does not. */
export function urlEncode(value: Value): string {
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

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>'"]/g, (character) => HTML[character] ?? character);
}

/** Jinja's `tojson`: keys in order, and the characters of HTML escaped. */
export function toJson(value: Value, indentBy: number | undefined): Markup {
  const json = jsonOf(sorted(value), indentBy);
  return new Markup(
    json.replaceAll(/[<>&']/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}

export function sorted(value: Value): Value {
  if (Array.isArray(value)) return value.map(sorted);
  if (value instanceof Tuple) return value.items.map(sorted);
  if (!(value instanceof Map)) return value;
  return new Map([...value].sort(([a], [b]) => compare(a, b)).map(([key, item]) => [key, sorted(item)]));
}

/** As python-slugify for text in Latin letters; its table of all other letters is not here. */
export function slugify(text: string): string {
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '');
  if (/[^\p{ASCII}]|&\w+;|&#/u.test(plain)) throw new Error('the filter slugify takes text in Latin letters only here');
  return plain
    .toLowerCase()
    .replaceAll(/(\d),(?=\d)/g, '$1')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}

export function toInteger(value: Value, args: Bound): Value {
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
  if (/^[+-]?(\d+(_\d+)*(\.(\d+(_\d+)*)?)?|\.\d+(_\d+)*)(e[+-]?\d+)?$/i.test(text))
    return Number(text.replaceAll('_', ''));
  if (/^[+-]?(inf|infinity|nan)$/i.test(text)) return refuse('float of a text such as inf');
  if (/[^\p{ASCII}]/u.test(text)) return refuse('a number of other digits');
  return undefined;
}

export function toFloat(value: Value, args: Bound): Value {
  const number = typeof value === 'string' ? floatOf(strip(value, undefined, 'both')) : numberOf(value);
  return number ?? args.value(0);
}

export function absolute(value: Value): Value {
  const integer = integerOf(value);
  if (integer !== undefined) return integer < 0n ? -integer : integer;
  const number = numberOf(value);
  if (number === undefined) throw new Error(`abs needs a number, and got ${typeOf(value)}`);
  return Math.abs(number);
}

export function round(value: Value, args: Bound): Value {
  const number = numberOf(value);
  if (number === undefined) throw new Error(`round needs a number, and got ${typeOf(value)}`);
  const [precision, method] = [args.integer(0), args.text(1)];
  if (method === 'common') {
    if (typeof value === 'bigint' && precision >= 0) return value;
    if (typeof value !== 'number' || precision < 0 || precision > 20) return refuse('such a rounding');
    return precision === 0 ? halfToEven(number) : Math.sign(number) * Number(fixed(Math.abs(number), precision));
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

export function fileSize(value: Value, args: Bound): string {
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
