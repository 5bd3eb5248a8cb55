import { InvalidValue } from '../problems.ts';

/** Prefixes of labels that this action and the controllers of the cluster set themselves. */
const RESERVED = /^(?:launchpad-provision\/|workflows\.argoproj\.io\/|kubernetes\.io\/metadata\.name$)/;
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const KEY = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;

/** `key=value`, one a line or between commas; the value as Kubernetes takes it for a label. @throws InvalidValue */
export function labels(value: string): string {
  const pairs = Object.entries(pairsOf(value, /[\n,]/));
  for (const [key, text] of pairs) {
    if (!LABEL_VALUE.test(text)) {
      throw new InvalidValue(
        `has the label ${key} with a value that Kubernetes does not take: give at most 63 letters, digits, "-", "_" and "."`,
      );
    }
  }
  return value;
}

/** The value of a label. @throws InvalidValue */
export function labelValue(value: string): string {
  if (LABEL_VALUE.test(value)) return value;
  throw new InvalidValue('is not the value of a label: give at most 63 letters, digits, "-", "_" and "."');
}

/** `key=value`, one a line; the value may be any text. @throws InvalidValue */
export function annotations(value: string): string {
  pairsOf(value, /\n/);
  return value;
}

/** The pairs of a value that `labels` or `annotations` took. */
export function labelsOf(value: string | undefined): Readonly<Record<string, string>> {
  return pairsOf(value ?? '', /[\n,]/);
}

export function annotationsOf(value: string | undefined): Readonly<Record<string, string>> {
  return pairsOf(value ?? '', /\n/);
}

function pairsOf(value: string, separator: RegExp): Record<string, string> {
  const parts = value.split(separator).map((part) => part.trim());
  return Object.fromEntries(parts.filter((part) => part !== '').map(pairOf));
}

function pairOf(part: string): readonly [string, string] {
  const [key = '', ...rest] = part.split('=');
  if (rest.length === 0 || !KEY.test(key.trim())) {
    throw new InvalidValue('is not a list of key=value: give one a line, such as "team=courses"');
  }
  if (RESERVED.test(key)) throw new InvalidValue(`has ${key}, which is set by the action or the cluster: leave it out`);
  return [key.trim(), rest.join('=').trim()];
}
