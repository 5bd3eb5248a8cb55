import { type Arguments, Callable, equals, iterate, Undefined, type Value, valueOr } from './values.ts';

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

/** What `loop` is in one round (https://jinja.palletsprojects.com/en/stable/templates/#for). */
export function loopValue(
  items: readonly Value[],
  index: number,
  depth: number,
  changed: { last: readonly Value[] | undefined },
  recurse: ((items: Value) => Value) | undefined,
): Callable {
  const count = (number: number) => BigInt(number);
  const fields = new Map<string, Value>([
    ['index', count(index + 1)],
    ['index0', count(index)],
    ['revindex', count(items.length - index)],
    ['revindex0', count(items.length - index - 1)],
    ['first', index === 0],
    ['last', index === items.length - 1],
    ['length', count(items.length)],
    ['depth', count(depth + 1)],
    ['depth0', count(depth)],
    ['previtem', valueOr(items[index - 1], new Undefined('loop.previtem'))],
    ['nextitem', valueOr(items[index + 1], new Undefined('loop.nextitem'))],
    [
      'cycle',
      new Callable('loop.cycle', ({ positional }) => {
        const item = positional[index % Math.max(positional.length, 1)];
        if (item === undefined) throw new Error('needs values');
        return item;
      }),
    ],
    [
      'changed',
      new Callable('loop.changed', ({ positional }) => {
        const { last } = changed;
        changed.last = positional;
        return (
          last === undefined ||
          last.length !== positional.length ||
          !last.every((item, at) => equals(item, positional[at] ?? null))
        );
      }),
    ],
  ]);
  const call = ({ positional: [inner] }: Arguments) => {
    if (recurse === undefined || inner === undefined) throw new Error('only a recursive loop can be called');
    iterate(inner);
    return recurse(inner);
  };
  return new Callable('loop', call, fields);
}
