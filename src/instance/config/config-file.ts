// What reads YAML: config.yml is read by our own reader (../yaml/), as PyYAML and so Tutor reads it, with the place of each
// value; hidden-values.ts uses the same one. js-yaml reads all other files (application.ts, manifests, kubeconfigs). `yaml`
// only finds where a text stands in a copied application.yml (copied-application.ts).

import { isDeepStrictEqual } from 'node:util';
import { LaunchpadError } from '../../core/errors.ts';
import { quoted, withoutSecrets } from '../../core/quote.ts';
import { requirePlainYaml } from '../plain-yaml.ts';
import { Unportable } from '../yaml/scalars.ts';
import { type Entry, editText, type Layout, layoutOf } from './config-layout.ts';
import { expandReferences, hasJinja, UnresolvedReference } from './config-references.ts';
import { type ConfigText, decodeConfig, readYaml, type YamlValues } from './config-text.ts';
import {
  type ConfigValue,
  configError,
  isOperatorValue,
  isSecretKey,
  type OperatorValue,
  positionAt,
} from './config-values.ts';

const AMBIGUOUS = 'is one value in YAML 1.1, which Tutor reads, and another in YAML 1.2';

/**
 * An instance's config.yml: read as Tutor reads it, edited without a change to any other byte.
 *
 * A key counts as absent where its value is empty or `None`. A plain scalar that YAML 1.1, which Tutor reads, and YAML
 * 1.2 read as different values is refused when it is asked for; keys that the action does not use may have any value.
 */
export class ConfigFile {
  /** The path that errors name. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly #source: ConfigText;
  readonly #layout: Layout;
  readonly #values: YamlValues;

  private constructor(name: string, bytes: Uint8Array, source: ConfigText) {
    this.name = name;
    this.bytes = bytes;
    this.#source = source;
    this.#values = readYaml(source.text, name);
    this.#layout = layoutOf(this.#values.document, source.text, name);
  }

  /** @throws LaunchpadError `config-invalid` with path, line and column; those of `requirePlainYaml` */
  static parse(bytes: Uint8Array, name: string): ConfigFile {
    requirePlainYaml(bytes, name);
    return new ConfigFile(name, bytes, decodeConfig(bytes, name));
  }

  /** Whether the key has a value. */
  has(key: string): boolean {
    const value = this.#value(key);
    return value !== undefined && value !== null && value !== '' && value !== 'None';
  }

  /** Whether the key has exactly this value, in YAML 1.1 and 1.2 alike. */
  says(key: string, value: OperatorValue): boolean {
    if (!Object.hasOwn(this.#values.asYaml11, key)) return false;
    return isDeepStrictEqual(this.#value(key), value) && isDeepStrictEqual(this.#values.asYaml12[key], value);
  }

  /** The keys of the file, in its order. */
  keys(): readonly string[] {
    return [...this.#layout.entries.keys()];
  }

  /**
   * A string or an integer, as text, with `{{ KEY }}` references expanded; undefined where the key is absent.
   *
   * @throws LaunchpadError `config-invalid` for another value, or one that YAML 1.1 and 1.2 read differently
   */
  text(key: string): string | undefined {
    const raw = this.#raw(key);
    if (raw === undefined) return undefined;
    try {
      const expanded = expandReferences(raw, (other) => this.#raw(other), [key]);
      return expanded === '' || expanded === 'None' ? undefined : expanded;
    } catch (error) {
      if (!(error instanceof UnresolvedReference)) throw error;
      throw this.#error(key, `${key}: ${error.message}.`, 'Write the value itself.');
    }
  }

  /** A string as it is written, with its references; undefined for all else. Never throws. */
  written(key: string): string | undefined {
    const value = this.#value(key);
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  /** A text of the file, such as one in a list, with its references expanded; undefined where only Tutor can. Never throws. */
  expanded(text: string): string | undefined {
    try {
      return expandReferences(text, (other) => this.#raw(other));
    } catch {
      return undefined;
    }
  }

  /** Whether the pattern matches in the text of the key's value, comments in a list or mapping included. */
  mentions(key: string, pattern: RegExp): boolean {
    const { start, end } = this.#layout.entries.get(key) ?? { start: 0, end: 0 };
    return pattern.test(this.#source.text.slice(start, end));
  }

  /** `true` or `false`, quoted or not; undefined where the key is absent. @throws LaunchpadError `config-invalid` */
  flag(key: string): boolean | undefined {
    if (!this.has(key)) return undefined;
    const value = this.#value(key);
    if (value === this.#values.asYaml12[key] && typeof value === 'boolean') return value;
    const text = typeof value === 'string' ? this.text(key) : '';
    if (text === undefined) return undefined;
    if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
    throw this.#error(key, `${key} is neither true nor false${this.#shown(key)}.`, 'Write true or false.');
  }

  /** The key's value as YAML 1.1 has it; undefined where the file does not have the key. Never throws. */
  value(key: string): unknown {
    return this.#value(key);
  }

  /** A boolean as Tutor reads it, `yes` and `on` included; undefined for all else. Never throws. */
  looseFlag(key: string): boolean | undefined {
    const value = this.#value(key);
    if (typeof value === 'boolean') return value;
    return typeof value === 'string' && /^(true|false)$/i.test(value) ? value.toLowerCase() === 'true' : undefined;
  }

  /** A TCP port; undefined where the key is absent. @throws LaunchpadError `config-invalid` */
  port(key: string): number | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    const port = Number(text);
    if (/^\d+$/.test(text) && port >= 1 && port <= 65535) return port;
    throw this.#error(key, `${key} is not a port: ${quoted(text)}.`, 'Write a number from 1 to 65535.');
  }

  /**
   * All keys with their values.
   *
   * @throws LaunchpadError `config-invalid` where YAML 1.1 and 1.2 read one differently, or JSON cannot write it
   */
  values(): ReadonlyMap<string, OperatorValue> {
    return new Map(
      this.keys().map((key) => {
        const value = this.#value(key) ?? null;
        if (isOperatorValue(value) && isDeepStrictEqual(value, this.#values.asYaml12[key] ?? null)) return [key, value];
        const remedy = `Write the text in the value of ${key} in double quotes.`;
        throw this.#error(key, `${key} ${AMBIGUOUS}: quote it.`, remedy);
      }),
    );
  }

  /**
   * The file with these keys set. A key of the file gets its new value in place, the others are appended; all other bytes
   * stay, and a key that has the value already.
   *
   * @throws LaunchpadError `config-invalid` where a value cannot be replaced (a collection, a block, an alias),
   *   `config-value` for a new value that Tutor would change
   */
  edit(values: ReadonlyMap<string, ConfigValue>): Uint8Array {
    for (const [key, value] of values) {
      if (this.says(key, value)) continue;
      const entry = this.#layout.entries.get(key);
      if (entry !== undefined) this.#requireReplaceable(entry);
      this.#requirePlain(key, value);
    }
    return this.merge(values);
  }

  /**
   * The file with what an operator sets: as `edit`, but a value may be a list or a mapping, may replace one, and may have
   * Jinja in it, which Tutor renders.
   *
   * @throws LaunchpadError `config-invalid` where it cannot be set without changing something else
   */
  merge(values: ReadonlyMap<string, OperatorValue>): Uint8Array {
    const changes = [...values].filter(([key, value]) => !this.says(key, value));
    if (changes.length === 0) return this.bytes;
    const text = editText(this.#source.text, this.#layout, changes);
    const bytes = new TextEncoder().encode(this.#source.mark + text);
    this.#verify(bytes, values);
    return bytes;
  }

  #value(key: string): unknown {
    return Object.hasOwn(this.#values.asYaml11, key) ? this.#values.asYaml11[key] : undefined;
  }

  /** The value before references are expanded. */
  #raw(key: string): string | undefined {
    if (!this.has(key)) return undefined;
    const value = this.#value(key);
    const isSame = isDeepStrictEqual(value, this.#values.asYaml12[key]);
    if (isSame && typeof value === 'string') return value;
    if (isSame && (Number.isSafeInteger(value) || typeof value === 'bigint')) return String(value);
    if (typeof value === 'object' && !(value instanceof Unportable)) {
      throw this.#error(key, `${key} must be a string, and is a list or a mapping.`, `Write ${key}: "value".`);
    }
    const what = `${key} ${isSame ? 'is not a string' : AMBIGUOUS}${this.#shown(key)}: quote it.`;
    throw this.#error(key, what, `Write the value of ${key} in double quotes.`);
  }

  /** The value as it is written, for a message; empty where it is secret. */
  #shown(key: string): string {
    const entry = this.#layout.entries.get(key);
    if (isSecretKey(key) || entry?.form !== 'scalar') return '';
    return ` (${withoutSecrets(this.#source.text.slice(entry.start, entry.end))})`;
  }

  #requireReplaceable({ key, form }: Entry): void {
    if (form === 'scalar' || form === 'empty') return;
    const what = form === 'block' ? 'a block (| or >)' : 'a collection, or has an anchor, an alias or a tag';
    throw this.#error(key, `${key} must be set, but its value is ${what}.`, `Write ${key}: "value" on one line.`);
  }

  /** A generated value must be a text that Tutor does not render. */
  #requirePlain(key: string, value: ConfigValue): void {
    if (typeof value === 'boolean' || (!hasJinja(value) && value.isWellFormed())) return;
    const what = `${this.name}: ${key} must be plain text without Jinja.`;
    throw new LaunchpadError('config-value', what, { remedy: `Choose another value for ${key}.` });
  }

  /** Reads the result again: the keys must have their new values, and all others their old ones. */
  #verify(bytes: Uint8Array, values: ReadonlyMap<string, OperatorValue>): void {
    const edited = ConfigFile.parse(bytes, this.name);
    const rest = (file: ConfigFile) => Object.entries(file.#values.asYaml11).filter(([key]) => !values.has(key));
    const isSet = [...values].every(([key, value]) => edited.says(key, value));
    if (!isSet || !isDeepStrictEqual(rest(this), rest(edited))) throw this.#unfinished();
  }

  #error(key: string, what: string, remedy: string): LaunchpadError {
    const position = positionAt(this.#source.text, this.#layout.entries.get(key)?.offset ?? 0);
    return configError(this.name, what, remedy, position);
  }

  #unfinished(): LaunchpadError {
    const what = `${this.name} cannot be edited without changing something else in it.`;
    const remedy = 'End the file with a line end after its last value, then run again.';
    return new LaunchpadError('config-invalid', what, { remedy });
  }
}
