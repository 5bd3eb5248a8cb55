import { load } from 'js-yaml';
import { LaunchpadError } from '../../core/errors.ts';
import { fieldsOf, isFields } from '../../core/fields.ts';
import { isSecretKey } from '../../instance/config/config-values.ts';
import { parseOperatorKeys } from '../../instance/config/operator-keys.ts';
import { type Input, readValue } from '../input.ts';
import { type InputSource, inputOf, variableOf } from '../input-source.ts';
import { INPUTS } from '../inputs.ts';
import { ALL_SETTINGS, SETTINGS } from '../settings.ts';
import { decodeRegistryCredentials } from '../values/registry-credentials.ts';

/** Characters. A shorter value from config.yml gets no mask: one on `admin` or `0123` would mangle the log. */
export const SHORTEST_MASK = 8;

/** The forms in which a secret can appear: itself, each of its lines, and its base64, as in a Kubernetes Secret. */
export function formsOf(secret: string): string[] {
  const lines = secret.split(/[\r\n]+/).map((line) => line.trim());
  const base64 = Buffer.from(secret).toString('base64');
  return [...new Set([secret, ...lines, base64])].filter((form) => form.trim() !== '');
}

/** All secrets among the inputs and variables, used or not, valid or not, of any length: mask them first of all. */
export function secretsIn(inputSource: InputSource): string[] {
  const secretSettings = ALL_SETTINGS.filter(({ secret }) => secret !== undefined);
  const found: (string | undefined)[] = [
    ...[...secretSettings, INPUTS.githubToken, INPUTS.apiToken].flatMap((input) => textsOf(input, inputSource)),
    ...gitSecrets(inputSource),
    ...registrySecrets(inputSource),
    ...clusterSecrets(inputSource),
    ...proxySecrets(inputSource),
    ...configSecrets(inputSource),
  ];
  return [...new Set(found.flatMap((text) => (text === undefined || text === '' ? [] : [text])))];
}

/** All texts that are given for an input, also those that another one overrides. */
function textsOf({ input, variables = [] }: Input, inputSource: InputSource): (string | undefined)[] {
  return [inputOf(inputSource, input), ...variables.map((name) => variableOf(inputSource, name))];
}

/** The header in which git sends a token to GitHub: that of actions/checkout, and ours. */
function gitSecrets(inputSource: InputSource): string[] {
  const token = inputOf(inputSource, INPUTS.githubToken.input);
  return token === undefined ? [] : [Buffer.from(`x-access-token:${token}`).toString('base64')];
}

function registrySecrets(inputSource: InputSource): string[] {
  const value = readValue(SETTINGS.dockerRegistryCredentials, inputSource);
  return value === undefined ? [] : [value, decodeRegistryCredentials(value).password];
}

/** The secrets in a kubeconfig, and its base64. A mask on each of its lines would hide every `name:` in the log. */
function clusterSecrets(inputSource: InputSource): string[] {
  const given = inputOf(inputSource, INPUTS.kubeconfig.input) ?? '';
  if (given.includes(':')) return kubeconfigSecrets(given);
  return [given, ...kubeconfigSecrets(Buffer.from(given, 'base64').toString())];
}

/** Passwords and keys in input `config`; if it cannot be read, the run does not use it either. */
function configSecrets(inputSource: InputSource): string[] {
  try {
    const keys = parseOperatorKeys(inputOf(inputSource, INPUTS.config.input) ?? '');
    const secrets = [...keys].filter(([key]) => isSecretKey(key)).map(([, value]) => value);
    return secrets.flatMap((value) => (typeof value === 'string' && value.length >= SHORTEST_MASK ? [value] : []));
  } catch (error) {
    if (error instanceof LaunchpadError) return [];
    throw error;
  }
}

/** A proxy's URL may have a password in it. */
function proxySecrets(inputSource: InputSource): string[] {
  return ['HTTPS_PROXY', 'HTTP_PROXY', 'https_proxy', 'http_proxy'].flatMap((name) => {
    const password = URL.parse(variableOf(inputSource, name) ?? '')?.password ?? '';
    return [password, decode(password)];
  });
}

function decode(percentEncoded: string): string {
  try {
    return decodeURIComponent(percentEncoded);
  } catch {
    return percentEncoded;
  }
}

const DEEPEST = 8;

/** The secrets of the users in a kubeconfig: tokens, passwords, keys, and such variables of exec plugins. */
function kubeconfigSecrets(text: string): string[] {
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

/** The secrets that are known so far; it removes them from text. */
export class Redaction {
  readonly #secrets = new Set<string>();
  #pattern: RegExp | undefined;

  /** Adds a secret of the instance, unless it is too short to be hidden. @returns its new forms */
  add(value: string): string[] {
    return value.length >= SHORTEST_MASK ? this.addAlways(value) : [];
  }

  /** Adds a secret of the caller, whatever its length. @returns its new forms */
  addAlways(value: string): string[] {
    const added = formsOf(value).filter((form) => !this.#secrets.has(form));
    for (const form of added) this.#secrets.add(form);
    if (added.length > 0) this.#pattern = undefined;
    return added;
  }

  /** The text with `***` for every known secret. */
  redact(text: string): string {
    if (this.#secrets.size === 0) return text;
    this.#pattern ??= anyOf(this.#secrets);
    return text.replace(this.#pattern, '***');
  }
}

/** The longest first: a secret may be a part of another. */
function anyOf(texts: Iterable<string>): RegExp {
  const longestFirst = [...texts].sort((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'), 'g');
}

/**
 * Text of a pod or a server must not act as a command to GitHub's runner, which reads `::name::` at the start of a line and
 * `##[name]` anywhere (actions/runner, ActionCommand.cs): a zero-width space breaks them up.
 */
export function withoutCommands(text: string): string {
  return text.replace(/^([^\S\n\r\u2028\u2029]*):(?=:)/gm, '$1:\u200b').replaceAll('##[', '##\u200b[');
}
