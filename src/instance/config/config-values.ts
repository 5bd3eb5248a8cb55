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
