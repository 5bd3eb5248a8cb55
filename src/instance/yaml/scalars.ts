/** A value that JSON cannot write as what it is: a date, or a float such as 1.0, `.inf` and `.nan`. */
export class Unportable {
  readonly kind: 'date' | 'float';
  /** As Python writes a float; a date as it stands in the file. */
  readonly text: string;

  constructor(kind: 'date' | 'float', text: string) {
    this.kind = kind;
    this.text = text;
  }
}

/** Large integers are bigint. A float is a number only where it has a fraction, so that 1.0 is not taken for 1. */
export type Scalar = string | number | bigint | boolean | null | Unportable;

/** What a scalar without quotes is: its value, the merge key `<<`, or undefined where PyYAML raises an error for it. */
export type Resolution = { readonly value: Scalar } | 'merge' | undefined;

/** Digits that Python converts at most (https://docs.python.org/3/library/stdtypes.html#int-max-str-digits). */
const MOST_DIGITS = 4300;

const NULL = /^(?:~|null|Null|NULL|)$/;
const BOOL = /^(?:(yes|Yes|YES|true|True|TRUE|on|On|ON)|no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*)$/;
const NOT_FINITE = /^(?:([-+]?)\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const INT =
  /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const DATE =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.\d*)?(?:[ \t]*(?:Z|[-+](\d\d?)(?::(\d\d))?))?)?$/;

/** A scalar as PyYAML's safe_load reads YAML 1.1 (https://github.com/yaml/pyyaml, resolver.py and constructor.py). */
export function resolvePyYaml(text: string): Resolution {
  const bool = BOOL.exec(text);
  if (bool !== null) return { value: bool[1] !== undefined };
  if (FLOAT.test(text)) return { value: floatOf(text) };
  const notFinite = NOT_FINITE.exec(text);
  if (notFinite !== null) return { value: notFiniteOf(notFinite[1]) };
  if (INT.test(text)) return integer(text);
  if (text === '<<') return 'merge';
  if (NULL.test(text)) return { value: null };
  const date = DATE.exec(text);
  // Without a time, month and day have two digits.
  if (date !== null && (date[4] !== undefined || text.length === 10)) return isDate(date) ? dateOf(text) : undefined;
  return text === '=' ? undefined : { value: text };
}

const CORE_INT = /^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$/;
const CORE_FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/**
 * A scalar as the core schema of YAML 1.2 reads it (https://yaml.org/spec/1.2.2/#103-core-schema), with the merge key. A
 * number that overflows stays a text: no tool would read a password `80e21234` otherwise and keep it.
 */
export function resolveCore(text: string): Resolution {
  if (NULL.test(text)) return { value: null };
  if (/^(?:true|True|TRUE|false|False|FALSE)$/.test(text)) return { value: /^t/i.test(text) };
  if (CORE_INT.test(text)) return { value: exact(text, text.startsWith('-')) };
  const notFinite = NOT_FINITE.exec(text);
  if (notFinite !== null) return { value: notFiniteOf(notFinite[1]) };
  if (CORE_FLOAT.test(text) && Number.isFinite(Number(text))) return { value: portable(Number(text)) };
  return text === '<<' ? 'merge' : { value: text };
}

function exact(text: string, isNegative: boolean): number | bigint {
  const magnitude = BigInt(text.replace(/^[-+]/, ''));
  const value = isNegative ? -magnitude : magnitude;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** Undefined for digits that Python does not convert: none, or too many. */
function integer(text: string): Resolution {
  const digits = text.replaceAll('_', '').replace(/^[-+]/, '');
  const isNegative = text.startsWith('-');
  if (digits.length > MOST_DIGITS || /^0[bx]$/.test(digits)) return undefined;
  if (digits.includes(':')) {
    const value = digits.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n);
    return { value: exact(String(value), isNegative) };
  }
  const isOctal = /^0[0-7]/.test(digits);
  return { value: exact(isOctal ? `0o${digits.slice(1)}` : digits, isNegative) };
}

function floatOf(text: string): Scalar {
  const digits = text.replaceAll('_', '').replace(/^[-+]/, '');
  const parts = digits.split(':').map(Number).toReversed();
  const magnitude = parts.reduce((sum, part, index) => sum + part * 60 ** index, 0);
  return portable(text.startsWith('-') ? -magnitude : magnitude);
}

function notFiniteOf(sign: string | undefined): Scalar {
  if (sign === undefined) return new Unportable('float', 'nan');
  return new Unportable('float', sign === '-' ? '-inf' : 'inf');
}

/** A float with a fraction is a number; others would be written as an integer, or not at all. */
function portable(value: number): Scalar {
  if (Number.isFinite(value) && !Number.isInteger(value)) return value;
  if (!Number.isFinite(value)) return notFiniteOf(value < 0 ? '-' : '+');
  const digits = Object.is(value, -0) ? '-0' : String(value);
  return new Unportable('float', digits.includes('e') ? digits : `${digits}.0`);
}

function dateOf(text: string): Resolution {
  return { value: new Unportable('date', text) };
}

/** Whether Python's datetime takes it. */
function isDate([, ...parts]: readonly (string | undefined)[]): boolean {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, zoneHours = 0, zoneMinutes = 0] = parts.map(
    (part) => Number(part ?? 0),
  );
  const days = month === 0 ? 0 : new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  const isDay = year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= days;
  return isDay && hour < 24 && minute < 60 && second < 60 && zoneHours * 60 + zoneMinutes < 24 * 60;
}
