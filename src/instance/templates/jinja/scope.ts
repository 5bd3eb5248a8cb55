import type { Value } from './values.ts';

/** The names that a part of a template sees: its own, then those around it. What a loop sets stays in its round. */
export class Scope {
  readonly #values = new Map<string, Value>();
  readonly #around: Scope | undefined;

  constructor(around?: Scope) {
    this.#around = around;
  }

  child(): Scope {
    return new Scope(this);
  }

  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }

  /** The value of a name; undefined where it has none, as None is a value. */
  get(name: string): Value | undefined {
    const value = this.#values.get(name);
    return value === undefined ? this.#around?.get(name) : value;
  }
}
