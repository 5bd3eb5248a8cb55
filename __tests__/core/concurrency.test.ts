import { setImmediate } from 'node:timers/promises';
import { Queue } from '../../src/core/concurrency.ts';

describe('a queue', () => {
  it('does one thing at a time, in the order in which they were asked for', async () => {
    const queue = new Queue();
    const told: string[] = [];
    const work = (name: string) => async () => {
      told.push(`${name} begins`);
      await setImmediate();
      told.push(`${name} ends`);
      return name;
    };
    const results = await Promise.all(['a', 'b', 'c'].map((name) => queue.add(work(name))));
    expect(results).toEqual(['a', 'b', 'c']);
    expect(told).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('goes on after one that fails, or throws at once', async () => {
    const queue = new Queue();
    const failing = queue.add(() => Promise.reject(new Error('no')));
    const throwing = queue.add(() => {
      throw new Error('at once');
    });
    const last = queue.add(async () => 'last');
    await expect(failing).rejects.toThrow('no');
    await expect(throwing).rejects.toThrow('at once');
    await expect(last).resolves.toBe('last');
  });

  it('ends the wait of one that is cancelled, lets what has begun end, and keeps the order of the rest', async () => {
    const queue = new Queue();
    const cancel = new AbortController();
    const held = Promise.withResolvers<string>();
    const told: string[] = [];
    const first = queue.add(() => held.promise, cancel.signal);
    const second = queue.add(async () => told.push('second'), cancel.signal);
    const third = queue.add(async () => told.push('third'));
    await setImmediate();
    cancel.abort(new Error('cancelled'));
    await expect(second).rejects.toThrow('cancelled');
    expect(told).toEqual([]);
    held.resolve('done');
    await expect(first).resolves.toBe('done');
    await third;
    expect(told).toEqual(['third']);
  });
});
