import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { abortedAfter, mapConcurrently, Queue, settleAll, sleep } from '../../src/core/concurrency.ts';

describe('a queue', () => {
  it('does one piece of work at a time, in the order of the calls', async () => {
    const queue = new Queue();
    const events: string[] = [];
    const work = (name: string) => async () => {
      events.push(`${name} begins`);
      await setImmediate();
      events.push(`${name} ends`);
      return name;
    };
    const results = await Promise.all(['a', 'b', 'c'].map((name) => queue.add(work(name))));
    expect(results).toEqual(['a', 'b', 'c']);
    expect(events).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('continues after work that fails, or throws at once', async () => {
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

  it('ends the wait of cancelled work, lets begun work finish, and keeps the order of the rest', async () => {
    const queue = new Queue();
    const cancel = new AbortController();
    const held = Promise.withResolvers<string>();
    const events: string[] = [];
    const first = queue.add(() => held.promise, cancel.signal);
    const second = queue.add(async () => events.push('second'), cancel.signal);
    const third = queue.add(async () => events.push('third'));
    await setImmediate();
    cancel.abort(new Error('cancelled'));
    await expect(second).rejects.toThrow('cancelled');
    expect(events).toEqual([]);
    held.resolve('done');
    await expect(first).resolves.toBe('done');
    await third;
    expect(events).toEqual(['third']);
  });
});

describe('promises that are settled together', () => {
  it('give their results in order', async () => {
    expect(await settleAll([Promise.resolve(1), Promise.resolve('two')])).toEqual([1, 'two']);
  });

  it('fail with all errors, after all have ended', async () => {
    const first = new Error('first');
    const second = new Error('second');
    const slow = Promise.withResolvers<void>();
    const failed = settleAll([Promise.reject(first), slow.promise]);
    slow.reject(second);
    await expect(failed).rejects.toMatchObject({ errors: [first, second] });
  });

  it('fail with one error if all fail for the same reason, as when they are cancelled', async () => {
    const reason = new Error('cancelled');
    await expect(settleAll([Promise.reject(reason), Promise.reject(reason)])).rejects.toBe(reason);
  });
});

describe('work on several items', () => {
  it('runs concurrently up to a limit, each in a lane of its own, with the results in order', async () => {
    let running = 0;
    let most = 0;
    const lanes = new Set<number>();
    const results = await mapConcurrently([5, 1, 4, 2, 3], 2, async (turns, lane) => {
      running += 1;
      most = Math.max(most, running);
      expect(lanes.has(lane)).toBe(false);
      lanes.add(lane);
      for (let turn = 0; turn < turns; turn += 1) await setImmediate();
      lanes.delete(lane);
      expect([0, 1]).toContain(lane);
      running -= 1;
      return turns * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(2);
  });

  it('is nothing without items', async () => {
    expect(await mapConcurrently([], 5, () => Promise.reject(new Error('never')))).toEqual([]);
  });
});

describe('a wait', () => {
  it('ends with the reason of its signal', async () => {
    const reason = new Error('cancelled');
    const cancel = new AbortController();
    const waits = sleep(3_600_000, cancel.signal);
    cancel.abort(reason);
    await expect(waits).rejects.toBe(reason);
    await expect(sleep(3_600_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

it.each(['before', 'after'])('a signal follows one that aborts %s it is made, with its reason', async (when) => {
  const reason = new Error('cancelled');
  const first = new AbortController();
  if (when === 'before') first.abort(reason);
  const later = abortedAfter(first.signal, 1);
  if (when === 'after') first.abort(reason);
  expect(later.aborted).toBe(false);
  await once(later, 'abort');
  expect(later.reason).toBe(reason);
});
