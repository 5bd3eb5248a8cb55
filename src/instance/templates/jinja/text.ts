import {
  Callable,
  Items,
  integerOf,
  Markup,
  Namespace,
  Range,
  Tuple,
  typeOf,
  Undefined,
  type Value,
} from './values.ts';

/** Python's `str`. @throws Error for what Python writes with an address, and for a name that is not defined */
export function textOf(value: Value): string {
  if (typeof value === 'string') return value;
  if (value instanceof Markup) return value.text;
  if (value instanceof Undefined) {
    if (value.isStrict) throw new Error(`${value.name} is not defined`);
    return '';
  }
  return represent(value);
}

/** Python's `repr`. @throws Error as `textOf` */
export function represent(value: Value): string {
  if (value === null) return 'None';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return floatText(value);
  if (Array.isArray(value)) return `[${value.map(represent).join(', ')}]`;
  if (value instanceof Tuple) {
    return `(${value.items.map(represent).join(', ')}${value.items.length === 1 ? ',' : ''})`;
  }
  if (value instanceof Map) {
    return `{${[...value].map(([key, item]) => `${represent(key)}: ${represent(item)}`).join(', ')}}`;
  }
  if (value instanceof Range) {
    const step = value.step === 1n ? '' : `, ${value.step}`;
    return `range(${value.start}, ${value.stop}${step})`;
  }
  if (value instanceof Markup) return `Markup(${quote(value.text)})`;
  if (value instanceof Undefined) throw new Error(`${value.name} is not defined`);
  if (value instanceof Items || value instanceof Callable || value instanceof Namespace)
    throw new Error(`${typeOf(value)} has no text`);
  return '';
}

/** Python's `repr` of a float: the shortest digits, with an exponent from 1e16 and below 1e-4. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const size = Math.abs(value);
  if (size < 1e16 && size >= 1e-4) {
    const text = String(value);
    return Number.isInteger(value) ? `${text}.0` : text;
  }
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  const power = exponent.replace(/^([+-])(\d)$/, '$10$2');
  return `${digits}e${power}`;
}

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = Array.from(text, (character) => {
    if (character === mark) return `\\${mark}`;
    const named = NAMED[character];
    if (named !== undefined) return named;
    return isPrintable(character) ? character : escapeOf(character.codePointAt(0) ?? 0);
  });
  return `${mark}${escaped.join('')}${mark}`;
}

/** Python's `str.isprintable`: no control, format, separator or unassigned character but the space. */
function isPrintable(character: string): boolean {
  return character === ' ' || !/[\p{C}\p{Z}]/u.test(character);
}

function escapeOf(code: number): string {
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** Python's `json.dumps`, with the separators `, ` and `: `. @throws Error for what JSON has no form of */
export function jsonOf(value: Value, indent: number | undefined, depth = 0): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error('JSON has no such number');
    return floatText(value);
  }
  if (typeof value === 'string' || value instanceof Markup) return jsonText(textOf(value));
  const around = (open: string, parts: readonly string[], close: string) => {
    if (parts.length === 0) return open + close;
    if (indent === undefined) return open + parts.join(', ') + close;
    const inner = `\n${' '.repeat(indent * (depth + 1))}`;
    return `${open}${inner}${parts.join(`,${inner}`)}\n${' '.repeat(indent * depth)}${close}`;
  };
  if (Array.isArray(value) || value instanceof Tuple) {
    const items = Array.isArray(value) ? value : value.items;
    return around(
      '[',
      items.map((item) => jsonOf(item, indent, depth + 1)),
      ']',
    );
  }
  if (value instanceof Map) {
    const pairs = [...value].map(([key, item]) => {
      if (typeof key !== 'string' && integerOf(key) === undefined) throw new Error('JSON needs texts as keys');
      return `${jsonText(String(key))}: ${jsonOf(item, indent, depth + 1)}`;
    });
    return around('{', pairs, '}');
  }
  throw new Error(`JSON has no form of ${typeOf(value)}`);
}

function jsonText(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
