import { floatText, represent, textOf } from './text.ts';
import { defined, integerOf, numberOf, Tuple, typeOf, type Value } from './values.ts';

/** Widest field that a format may ask for. */
const WIDEST = 10_000;

interface Spec {
  readonly fill: string;
  readonly align: '<' | '>' | '^' | '=';
  readonly sign: '' | '+' | ' ';
  readonly width: number;
  readonly precision: number | undefined;
}

const PERCENT = /%(?:\(([^)]{0,60})\))?([-+ 0#]*)(\d+)?(?:\.(\d*))?([hlL]?)(.?)/gs;

/** Python's `%` for texts (https://docs.python.org/3/library/stdtypes.html#printf-style-string-formatting). */
export function formatPercent(format: string, right: Value): string {
  const values = right instanceof Tuple ? right.items : [right];
  let next = 0;
  let isNamed = false;
  const text = format.replaceAll(PERCENT, (...match: readonly (string | undefined)[]) => {
    const [whole = '', key, flags = '', width, precision, , kind = ''] = match;
    if (kind === '%') return whole === '%%' ? '%' : refuse(whole);
    let value: Value | undefined;
    if (key === undefined) {
      value = values[next];
      next += 1;
    } else {
      isNamed = true;
      if (!(right instanceof Map)) throw new Error('a format with names needs a mapping');
      value = right.get(key);
    }
    if (value === undefined) throw new Error('not enough values for the format');
    if (flags.includes('#')) refuse(whole);
    const spec: Spec = {
      fill: flags.includes('0') && !flags.includes('-') && 'dioxXeEfFgGu'.includes(kind) ? '0' : ' ',
      align: flags.includes('-') ? '<' : flags.includes('0') && kind !== 's' && kind !== 'r' ? '=' : '>',
      sign: flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '',
      width: widthOf(width),
      precision: precision === undefined ? undefined : Number(precision),
    };
    return percentValue(defined(value), kind, spec, whole);
  });
  const isMapping = right instanceof Map || Array.isArray(right);
  if (!isNamed && next < values.length && !(isMapping && next === 0))
    throw new Error('not all values of the format are used');
  return text;
}

function percentValue(value: Value, kind: string, spec: Spec, whole: string): string {
  switch (kind) {
    case 's':
      return align(cut(textOf(value), spec.precision), spec);
    case 'r':
      return align(cut(represent(value), spec.precision), spec);
    case 'd':
    case 'i':
    case 'u': {
      const integer = typeof value === 'number' ? BigInt(Math.trunc(value)) : integerOf(value);
      if (integer === undefined) throw new Error(`%${kind} needs a number, and got ${typeOf(value)}`);
      return number(digits(integer, spec.precision), integer < 0n, spec);
    }
    case 'x':
    case 'X':
    case 'o': {
      const integer = integerOf(value);
      if (integer === undefined) throw new Error(`%${kind} needs a whole number, and got ${typeOf(value)}`);
      const text = absolute(integer)
        .toString(kind === 'o' ? 8 : 16)
        .padStart(spec.precision ?? 0, '0');
      return number(kind === 'X' ? text.toUpperCase() : text, integer < 0n, spec);
    }
    case 'f':
    case 'F':
    case 'e':
    case 'E': {
      const float = numberOf(value);
      if (float === undefined) throw new Error(`%${kind} needs a number, and got ${typeOf(value)}`);
      return number(
        floatDigits(float, kind.toLowerCase(), spec.precision ?? 6, kind !== kind.toLowerCase()),
        float < 0 || Object.is(float, -0),
        spec,
      );
    }
    default:
      return refuse(whole);
  }
}

const BRACES = /\{\{|\}\}|\{([^{}!:]*)(?:!([rs]))?(?::([^{}]*))?\}|[{}]/g;
const FORMAT_SPEC = /^(?:(.)?([<>=^]))?([-+ ])?(0)?(\d+)?(,)?(?:\.(\d+))?([sdfFxXoe%b])?$/su;

/** Python's `str.format` (https://docs.python.org/3/library/string.html#format-string-syntax), without fields of fields. */
export function formatBraces(format: string, positional: readonly Value[], named: ReadonlyMap<string, Value>): string {
  let next = 0;
  return format.replaceAll(BRACES, (...match: readonly (string | undefined)[]) => {
    const [whole = '', field, conversion, spec = ''] = match;
    if (whole === '{{' || whole === '}}') return whole.slice(1);
    if (field === undefined) throw new Error(`${whole} stands alone in a format`);
    if (/[.[]/.test(field)) return refuse(whole);
    const index = field === '' ? next : Number(field);
    if (field === '') next += 1;
    const value = /^\d*$/.test(field) ? positional[index] : named.get(field);
    if (value === undefined) throw new Error(`the format has no value for ${whole}`);
    if (conversion !== undefined)
      return formatValue(conversion === 'r' ? represent(defined(value)) : textOf(value), spec, whole);
    return formatValue(defined(value), spec, whole);
  });
}

function formatValue(value: Value, text: string, whole: string): string {
  if (text === '') return textOf(value);
  const match = FORMAT_SPEC.exec(text);
  if (match === null) return refuse(whole);
  const [, fill, align_, sign, zero, width, comma, precision, kind] = match;
  const isNumber = numberOf(value) !== undefined && typeof value !== 'boolean';
  const spec: Spec = {
    fill: fill ?? (zero === undefined ? ' ' : '0'),
    align: alignOf(align_) ?? (isNumber ? (zero === undefined ? '>' : '=') : '<'),
    sign: sign === '+' || sign === ' ' ? sign : '',
    width: widthOf(width),
    precision: precision === undefined ? undefined : Number(precision),
  };
  if (typeof value === 'string') {
    if ((kind ?? 's') !== 's' || sign !== undefined || comma !== undefined || zero !== undefined || spec.align === '=')
      return refuse(whole);
    return align(cut(value, spec.precision), spec);
  }
  if (!isNumber || (comma !== undefined && spec.fill === '0')) return refuse(whole);
  const group = (digitsText: string) => (comma === undefined ? digitsText : digitsText.replace(/^\d+/, inThousands));
  if (typeof value === 'bigint' && (kind === undefined || kind === 'd') && spec.precision === undefined)
    return number(group(String(absolute(value))), value < 0n, spec);
  if (
    typeof value === 'bigint' &&
    kind !== undefined &&
    'xXob'.includes(kind) &&
    comma === undefined &&
    spec.precision === undefined
  ) {
    const base = { x: 16, X: 16, o: 8, b: 2 }[kind] ?? 10;
    const digitsText = absolute(value).toString(base);
    return number(kind === 'X' ? digitsText.toUpperCase() : digitsText, value < 0n, spec);
  }
  const float = numberOf(value) ?? 0;
  const isNegative = float < 0 || Object.is(float, -0);
  if (kind === '%') return number(`${floatDigits(float * 100, 'f', spec.precision ?? 6, false)}%`, isNegative, spec);
  if (kind === undefined && typeof value === 'number' && spec.precision === undefined)
    return number(group(floatText(Math.abs(value))), isNegative, spec);
  if (kind === undefined || !'fFe'.includes(kind)) return refuse(whole);
  return number(group(floatDigits(float, kind.toLowerCase(), spec.precision ?? 6, kind === 'F')), isNegative, spec);
}

function alignOf(text: string | undefined): Spec['align'] | undefined {
  return text === '<' || text === '>' || text === '^' || text === '=' ? text : undefined;
}

function widthOf(text: string | undefined): number {
  const width = Number(text ?? 0);
  if (width > WIDEST) throw new Error(`a field of ${width} characters is too wide`);
  return width;
}

function absolute(integer: bigint): bigint {
  return integer < 0n ? -integer : integer;
}

function digits(integer: bigint, precision = 0): string {
  return String(absolute(integer)).padStart(precision, '0');
}

/** The digits of a float without its sign. */
function floatDigits(float: number, kind: string, precision: number, isUpper: boolean): string {
  const size = Math.abs(float);
  if (!Number.isFinite(size) || precision > 50 || size >= 1e21)
    throw new Error('such a number cannot be formatted here');
  const text = kind === 'f' ? fixed(size, precision) : exponential(size, precision).replace(/e([+-])(\d)$/, 'e$10$2');
  return isUpper ? text.toUpperCase() : text;
}

/** Digits beyond those asked for that show whether a number lies exactly between two roundings. */
const FURTHER_DIGITS = 40;

/** As `toFixed`, but a number exactly between two goes to the even one, as in Python. */
/** Digits with a comma before each three. */
function inThousands(digitsText: string): string {
  const first = digitsText.length % 3;
  const groups = [digitsText.slice(0, first), ...(digitsText.slice(first).match(/\d{3}/g) ?? [])];
  return groups.filter((group) => group !== '').join(',');
}

export function fixed(size: number, precision: number): string {
  const exact = size.toFixed(precision + FURTHER_DIGITS);
  const kept = exact.slice(0, exact.length - FURTHER_DIGITS).replace(/\.$/, '');
  return isEvenTie(kept, exact.slice(-FURTHER_DIGITS)) ? kept : size.toFixed(precision);
}

function exponential(size: number, precision: number): string {
  const [exact = '', exponent = ''] = size.toExponential(precision + FURTHER_DIGITS).split('e');
  const kept = exact.slice(0, exact.length - FURTHER_DIGITS).replace(/\.$/, '');
  const isTie = isEvenTie(kept, exact.slice(-FURTHER_DIGITS));
  return isTie ? `${kept}e${exponent}` : size.toExponential(precision);
}

function isEvenTie(kept: string, rest: string): boolean {
  return /^50*$/.test(rest) && '02468'.includes(kept.at(-1) ?? '');
}

function number(text: string, isNegative: boolean, spec: Spec): string {
  return align(text, spec, isNegative ? '-' : spec.sign);
}

function align(text: string, { fill, align: side, width }: Spec, sign = ''): string {
  const missing = Math.max(0, width - [...text].length - sign.length);
  if (side === '=') return sign + fill.repeat(missing) + text;
  if (side === '<') return sign + text + fill.repeat(missing);
  if (side === '>') return fill.repeat(missing) + sign + text;
  const left = Math.floor(missing / 2);
  return fill.repeat(left) + sign + text + fill.repeat(missing - left);
}

function cut(text: string, precision: number | undefined): string {
  return precision === undefined ? text : [...text].slice(0, precision).join('');
}

function refuse(part: string): never {
  throw new Error(`the format ${part} is not supported`);
}
