import { load } from 'js-yaml';

const DEEPEST = 8;

/** The secrets in the users of a kubeconfig: tokens, passwords, keys, and such variables of exec plugins. */
export function kubeconfigSecrets(text: string): string[] {
  const users = field(parse(text), 'users');
  return secretStrings(users, '', 0);
}

function parse(text: string): unknown {
  try {
    return load(text);
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

function secretStrings(value: unknown, name: string, depth: number): string[] {
  if (typeof value === 'string') return isSecretName(name) && value !== '' ? [value] : [];
  if (depth > DEEPEST) return [];
  if (Array.isArray(value)) return value.flatMap((element) => secretStrings(element, name, depth + 1));
  if (!isRecord(value)) return [];
  const variable = value.name;
  return Object.entries(value).flatMap(([key, element]) =>
    secretStrings(element, key === 'value' && typeof variable === 'string' ? variable : key, depth + 1),
  );
}

function isSecretName(name: string): boolean {
  return /token|password|secret|key-data|access.?key/i.test(name) && !/file|path|url|command/i.test(name);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
