import { isDeepStrictEqual } from 'node:util';
import { LaunchpadError } from '../../core/errors.ts';
import { isFields } from '../../core/fields.ts';
import { type Entry, type Layout, layoutOf } from './config-entries.ts';
import { configError, isSecretKey, type Position, positionAt } from './config-problems.ts';
import { expandReferences, hasJinja, UnresolvedReference } from './config-references.ts';
import { type ConfigText, decodeConfig } from './config-text.ts';
import { readYaml, type YamlValues } from './yaml-values.ts';

/** What a key can be set to: a string, which is written in double quotes, or a boolean, which Tutor needs as one. */
export type ConfigValue = string | boolean;

/** What an operator may set a key to: all that JSON can say, which YAML 1.1 and 1.2 read alike. */
export type OperatorValue =
  | string
  | number
  | boolean
  | null
  | readonly OperatorValue[]
  | { readonly [key: string]: OperatorValue };

/**
 * An instance's config.yml: read as Tutor reads it, edited without changing a byte that is not to be changed.
 *
 * A key counts as absent where its value is empty or `None`. A plain scalar that YAML 1.1, which Tutor reads, and YAML
 * 1.2 take for different values is refused when it is asked for; keys that nobody asks for may hold anything.
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
    this.#layout = layoutOf(source.text, name);
  }

  /** @throws LaunchpadError `config-invalid` with path, line and column */
  static parse(bytes: Uint8Array, name: string): ConfigFile {
    return new ConfigFile(name, bytes, decodeConfig(bytes, name));
  }

  /** Whether the key has a value. */
  has(key: string): boolean {
    const value = this.#value(key);
    return value !== undefined && value !== null && value !== '' && value !== 'None';
  }

  /** The keys of the file, in its order. */
  keys(): readonly string[] {
    return [...this.#layout.entries.keys()];
  }

  /**
   * A string or an integer, as text, with `{{ KEY }}` references expanded; undefined where the key is absent.
   *
   * @throws LaunchpadError `config-invalid` where it is something else, or is not the same in YAML 1.1 and 1.2
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

  /** A string as it is written, references and all; undefined for all else. For keys that nothing hangs on. */
  written(key: string): string | undefined {
    const value = this.#value(key);
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  /** Whether the text of the key's value has this in it, comments in a list or mapping included. */
  mentions(key: string, what: RegExp): boolean {
    const { start, end } = this.#layout.entries.get(key) ?? { start: 0, end: 0 };
    return what.test(this.#source.text.slice(start, end));
  }

  /** `true` or `false`, quoted or not; undefined where the key is absent. @throws LaunchpadError `config-invalid` */
  flag(key: string): boolean | undefined {
    if (!this.has(key)) return undefined;
    const value = this.#value(key);
    if (value === this.#values.asYaml12[key] && typeof value === 'boolean') return value;
    const text = typeof value === 'string' ? this.text(key) : '';
    if (text === undefined || /^(true|false)$/i.test(text))
      return text === undefined ? text : text.toLowerCase() === 'true';
    throw this.#error(key, `${key} is neither true nor false${this.#shown(key)}.`, 'Write true or false.');
  }

  /** A boolean as Tutor takes it, `yes` and `on` among them; undefined where it is none. For keys that nothing hangs on. */
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
    throw this.#error(key, `${key} is no port: ${JSON.stringify(text)}.`, 'Write a number from 1 to 65535.');
  }

  /**
   * The file with these keys set. A key that is there gets a new value in its place, one that is not is
   * appended; all other bytes stay. A key that has the value already is left as it is written.
   *
   * @throws LaunchpadError `config-invalid` where a value cannot be replaced (a collection, a block, an alias)
   */
  edit(values: ReadonlyMap<string, ConfigValue>): Uint8Array {
    for (const [key, value] of values) {
      if (this.says(key, value)) continue;
      const entry = this.#layout.entries.get(key);
      if (entry !== undefined) this.#requireReplaceable(entry);
      this.#requirePlain(key, value);
    }
    return this.#set(values);
  }

  /**
   * The file with what an operator sets: as `edit`, but a value may be a list or a mapping, may replace one, and may have
   * Jinja in it, which Tutor renders.
   *
   * @throws LaunchpadError `config-invalid` where it cannot be set without changing something else
   */
  merge(values: ReadonlyMap<string, OperatorValue>): Uint8Array {
    return this.#set(values);
  }

  /**
   * All keys with their values.
   *
   * @throws LaunchpadError `config-invalid` where one is not the same in YAML 1.1 and 1.2, or no plain value
   */
  values(): ReadonlyMap<string, OperatorValue> {
    return new Map(
      this.keys().map((key) => {
        const value = this.#value(key) ?? null;
        if (isOperatorValue(value) && isDeepStrictEqual(value, this.#values.asYaml12[key] ?? null)) return [key, value];
        const what = 'is one value in YAML 1.1, which Tutor reads, and another in YAML 1.2';
        throw this.#error(key, `${key} ${what}: quote it.`, `Write the text in the value of ${key} in double quotes.`);
      }),
    );
  }

  #set(values: ReadonlyMap<string, OperatorValue>): Uint8Array {
    const changes = [...values].filter(([key, value]) => !this.says(key, value));
    if (changes.length === 0) return this.bytes;
    const pieces = changes.flatMap(([key, value]) => this.#replacement(key, value));
    const added = changes
      .filter(([key]) => !this.#layout.entries.has(key))
      .map(([key, value]) => this.#line(key, value));
    if (added.length > 0) pieces.push(this.#appended(added));
    let { text } = this.#source;
    for (const { start, end, replacement } of pieces.toSorted((a, b) => b.start - a.start)) {
      text = text.slice(0, start) + replacement + text.slice(end);
    }
    const bytes = new TextEncoder().encode(this.#source.mark + text);
    this.#verify(bytes, values);
    return bytes;
  }

  /** The error for a key, at its place: for whoever finds its value wrong. */
  #error(key: string, what: string, remedy: string): LaunchpadError {
    return configError(this.name, this.#position(key), what, remedy);
  }

  #position(key: string): Position {
    return positionAt(this.#source.text, this.#layout.entries.get(key)?.offset ?? 0);
  }

  #value(key: string): unknown {
    return Object.hasOwn(this.#values.asYaml11, key) ? this.#values.asYaml11[key] : undefined;
  }

  /** The value before references are expanded. */
  #raw(key: string): string | undefined {
    if (!this.has(key)) return undefined;
    const value = this.#value(key);
    const other = this.#values.asYaml12[key];
    if (value === other && typeof value === 'string') return value;
    if (value === other && Number.isSafeInteger(value)) return String(value);
    if (typeof value === 'object' && !(value instanceof Date)) {
      throw this.#error(key, `${key} must be a string, and is a list or a mapping.`, `Write ${key}: "value".`);
    }
    const what =
      value === other ? 'is no string' : 'is one value in YAML 1.1, which Tutor reads, and another in YAML 1.2';
    throw this.#error(
      key,
      `${key} ${what}${this.#shown(key)}: quote it.`,
      `Write the value of ${key} in double quotes.`,
    );
  }

  /** The value as it is written, for a message; nothing where it is secret. */
  #shown(key: string): string {
    const entry = this.#layout.entries.get(key);
    if (isSecretKey(key) || entry === undefined || entry.form !== 'scalar') return '';
    return ` (${this.#source.text.slice(entry.start, entry.end)})`;
  }

  /** Whether the key has exactly this value, in YAML 1.1 and 1.2 alike. */
  says(key: string, value: OperatorValue): boolean {
    if (!Object.hasOwn(this.#values.asYaml11, key)) return false;
    return isDeepStrictEqual(this.#value(key), value) && isDeepStrictEqual(this.#values.asYaml12[key], value);
  }

  #replacement(key: string, value: OperatorValue): { start: number; end: number; replacement: string }[] {
    const entry = this.#layout.entries.get(key);
    if (entry === undefined) return [];
    const { start, end, form } = entry;
    return [{ start, end, replacement: form === 'scalar' ? written(value) : ` ${written(value)}` }];
  }

  #requireReplaceable({ key, form }: Entry): void {
    if (form === 'scalar' || form === 'empty') return;
    const what = form === 'block' ? 'a block (| or >)' : 'a collection, or has an anchor, an alias or a tag';
    throw this.#error(key, `${key} must be set, but its value is ${what}.`, `Write ${key}: "value" on one line.`);
  }

  #line(key: string, value: OperatorValue): string {
    return `${' '.repeat(this.#layout.indent)}${key}: ${written(value)}`;
  }

  /** The new lines, in the file's own line ends, at the end of the document. */
  #appended(lines: readonly string[]): { start: number; end: number; replacement: string } {
    const { text } = this.#source;
    const lineEnd = /\r?\n/.exec(text)?.[0] ?? '\n';
    const { end, endsInBlock } = this.#layout;
    if (endsInBlock && text[end - 1] !== '\n') throw this.#unfinished();
    const gap = end === 0 || text[end - 1] === '\n' ? '' : lineEnd;
    return { start: end, end, replacement: gap + lines.map((line) => line + lineEnd).join('') };
  }

  /** What nobody wrote by hand must be a text that Tutor takes as it is. */
  #requirePlain(key: string, value: ConfigValue): void {
    if (typeof value === 'boolean' || (!hasJinja(value) && value.isWellFormed())) return;
    throw new LaunchpadError(
      'config-value',
      `${this.name}: ${key} cannot be set to a value with Jinja in it, or that is no text.`,
      {
        remedy: `Choose another value for ${key}.`,
      },
    );
  }

  /** Reads the result again: the keys have their values, and all others theirs. */
  #verify(bytes: Uint8Array, values: ReadonlyMap<string, OperatorValue>): void {
    const edited = ConfigFile.parse(bytes, this.name);
    const rest = (file: ConfigFile) => Object.entries(file.#values.asYaml11).filter(([key]) => !values.has(key));
    const set = [...values].every(([key, value]) => edited.says(key, value));
    if (set && isDeepStrictEqual(rest(this), rest(edited))) return;
    throw this.#unfinished();
  }

  #unfinished(): LaunchpadError {
    return new LaunchpadError(
      'config-invalid',
      `${this.name} cannot be edited without changing something else in it.`,
      { remedy: 'End the file with a line end after its last value, then run again.' },
    );
  }
}

/** A value on one line, strings in double quotes; JSON is YAML, and 1.1 and 1.2 read both alike. */
function written(value: OperatorValue): string {
  return JSON.stringify(value).replace(
    /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function isOperatorValue(value: unknown): value is OperatorValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isOperatorValue);
  return isFields(value) && !(value instanceof Date) && Object.values(value).every(isOperatorValue);
}
