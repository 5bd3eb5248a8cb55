import { type Input, type InputReading, missing, readInput } from './input.ts';
import type { InputSource } from './input-source.ts';
import { SettingsInvalid } from './problems.ts';

type Value = string | number;

/** A table of inputs whose values have these types. */
type Table<V extends Readonly<Record<keyof V, Value>>> = { readonly [K in keyof V]: Input<V[K]> };

/** The types of the values in a table. */
export type ValuesOf<T extends Readonly<Record<string, Input>>> = {
  readonly [K in keyof T]: ReturnType<T[K]['parse']>;
};

/** All inputs of a table, each read once. */
export class TableReading<V extends Readonly<Record<keyof V, Value>>> {
  /** Valid values, defaults included; an input that has none, or a wrong one, is absent. */
  readonly values: Readonly<Partial<V>>;
  readonly #table: Table<V>;
  readonly #readings = new Map<string, InputReading<Value>>();

  constructor(table: Table<V>, inputSource: InputSource) {
    const values: Partial<V> = {};
    for (const key in table) {
      const reading = readInput(table[key], inputSource);
      this.#readings.set(table[key].input, reading);
      if (reading.value !== undefined) values[key] = reading.value;
    }
    this.values = values;
    this.#table = table;
  }

  /** The value of an input that must have one. @throws SettingsInvalid if it has none, or a wrong one */
  required<K extends keyof V>(key: K): V[K] {
    const value = this.values[key];
    if (value !== undefined) return value;
    throw new SettingsInvalid([this.problemOf(this.#table[key]) ?? missing(this.#table[key])]);
  }

  /** The value that the caller set: no default. */
  given<K extends keyof V>(key: K): V[K] | undefined {
    return this.isGiven(this.#table[key]) ? this.values[key] : undefined;
  }

  /** Whether the caller set the input, even to a wrong value. */
  isGiven({ input }: Input): boolean {
    return this.#readings.get(input)?.isGiven === true;
  }

  /** The value of a row of the table, or of the row with that name. */
  valueFor({ input }: Pick<Input, 'input'>): Value | undefined {
    return this.#readings.get(input)?.value;
  }

  /** What is wrong with the value of an input. */
  problemOf({ input }: Input): string | undefined {
    return this.#readings.get(input)?.problem;
  }

  /** What is wrong with the values, in the order of the table. */
  get problems(): string[] {
    return [...this.#readings.values()].flatMap(({ problem }) => problem ?? []);
  }
}
