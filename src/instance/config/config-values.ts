import { LaunchpadError } from '../../core/errors.ts';
import { type Fields, isFields } from '../../core/fields.ts';

/** A value that the action sets: a string, which is written in double quotes, or a boolean, which Tutor needs as one. */
export type ConfigValue = string | boolean;

/** A value that an operator may set: all of JSON, which YAML 1.1 and 1.2 read alike. */
export type OperatorValue =
  | string
  | number
  | boolean
  | null
  | readonly OperatorValue[]
  | { readonly [key: string]: OperatorValue };

/** A date, a float such as 1.0, and a mapping with keys that are no strings have classes of their own. */
function isPlain(value: unknown): value is Fields {
  return isFields(value) && Object.getPrototypeOf(value) === Object.prototype;
}

/** Whether JSON can write the value. */
export function isOperatorValue(value: unknown): value is OperatorValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isOperatorValue);
  return isPlain(value) && Object.values(value).every(isOperatorValue);
}

/** A place in a file: line and column from 1, the column in characters. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The place of a character, by its offset in the text. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}

/** The error for a config.yml: where, what, and what to do. Never pass it the value of a secret. */
export function configError(name: string, what: string, remedy: string, position?: Position): LaunchpadError {
  const place = position === undefined ? name : `${name}:${position.line}:${position.column}`;
  return new LaunchpadError('config-invalid', `${place}: ${what}`, { remedy });
}

/** Whether values of this key must not be shown. */
export function isSecretKey(key: string): boolean {
  return /PASS|PWD|SECRET|KEY|TOKEN|CREDENTIAL/i.test(key);
}
