import { load } from 'js-yaml';
import { fieldsOf, isFields } from '../../core/fields.ts';

const DEEPEST = 8;

/** The secrets of the users in a kubeconfig: tokens, passwords, keys, and such variables of exec plugins. */
export function kubeconfigSecrets(text: string): string[] {
  return secretStrings(fieldsOf(parse(text)).users, '', 0);
}

function parse(text: string): unknown {
  try {
    return load(text);
  } catch {
    return undefined;
  }
}

function secretStrings(value: unknown, name: string, depth: number): string[] {
  if (typeof value === 'string') return isSecretName(name) && value !== '' ? [value] : [];
  if (depth > DEEPEST) return [];
  if (Array.isArray(value)) return value.flatMap((element) => secretStrings(element, name, depth + 1));
  if (!isFields(value)) return [];
  const variable = value.name;
  return Object.entries(value).flatMap(([key, element]) =>
    secretStrings(element, key === 'value' && typeof variable === 'string' ? variable : key, depth + 1),
  );
}

function isSecretName(name: string): boolean {
  return /token|password|secret|key-data|access.?key/i.test(name) && !/file|path|url|command/i.test(name);
}
