import { type Arguments, Callable, equals, iterate, Undefined, type Value, valueOr } from './values.ts';

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
