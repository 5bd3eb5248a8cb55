import type { Bound } from './arguments.ts';
import { refuse } from './arguments.ts';
import { fixed } from './format.ts';
import { strip } from './strings.ts';
import { integerOf, numberOf, typeOf, type Value } from './values.ts';

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
