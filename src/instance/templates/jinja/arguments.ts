import { type Arguments, defined, integerOf, isTrue, textValue, typeOf, type Value } from './values.ts';

/** Marks a parameter without a default. */
export const REQUIRED = Symbol('required');

/** The names of parameters with their defaults, in order. */
export type Signature = Readonly<Record<string, Value | typeof REQUIRED>>;

/** The arguments of a call in the order of its parameters. @throws Error for one too many, an unknown or a missing one */
export function bind({ positional, named }: Arguments, signature: Signature): Bound {
  const parameters = Object.entries(signature);
  if (positional.length > parameters.length) throw new Error(`takes at most ${parameters.length} arguments`);
  const unknown = [...named.keys()].find((name) => !Object.hasOwn(signature, name));
  if (unknown !== undefined) throw new Error(`has no argument ${unknown}`);
  return new Bound(
    parameters.map(([name, fallback], index) => {
      const given = positional[index];
      if (given !== undefined && named.has(name)) throw new Error(`has two values for argument ${name}`);
      const value = given === undefined ? named.get(name) : given;
      if (value !== undefined) return value;
      if (fallback === REQUIRED) throw new Error(`needs argument ${name}`);
      return fallback;
    }),
  );
}

/** Arguments that can be read as the type that a function needs. */
export class Bound {
  readonly #values: readonly Value[];

  constructor(values: readonly Value[]) {
    this.#values = values;
  }

  value(index: number): Value {
    return this.#values[index] ?? null;
  }

  /** @throws Error where it is not a str */
  text(index: number): string {
    const text = this.optionalText(index);
    if (text === undefined) throw new Error('needs a text, and got None');
    return text;
  }

  /** A str, or undefined for None. */
  optionalText(index: number): string | undefined {
    const value = defined(this.value(index));
    if (value === null) return undefined;
    const text = textValue(value);
    if (text === undefined) throw new Error(`needs a text, and got ${typeOf(value)}`);
    return text;
  }

  /** @throws Error where it is not an int that JavaScript can count with */
  integer(index: number): number {
    const number = this.optionalInteger(index);
    if (number === undefined) throw new Error('needs a whole number, and got None');
    return number;
  }

  optionalInteger(index: number): number | undefined {
    const value = defined(this.value(index));
    if (value === null) return undefined;
    const integer = integerOf(value);
    if (integer === undefined) throw new Error(`needs a whole number, and got ${typeOf(value)}`);
    if (integer > 1_000_000n || integer < -1_000_000n) throw new Error(`the number ${integer} is too large`);
    return Number(integer);
  }

  isTrue(index: number): boolean {
    return isTrue(this.value(index));
  }
}

/** For what Jinja can do and this interpreter cannot. @throws Error always */
export function refuse(what: string): never {
  throw new Error(`${what} is not supported`);
}
