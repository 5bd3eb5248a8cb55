import { setImmediate } from 'node:timers/promises';
import { mapConcurrently } from '../../src/core/concurrency.ts';

it('work is done side by side, never more than so many at once, with the results in order', async () => {
  let running = 0;
  let most = 0;
  const results = await mapConcurrently([5, 1, 4, 2, 3], 2, async (turns) => {
    running += 1;
    most = Math.max(most, running);
    for (let turn = 0; turn < turns; turn += 1) await setImmediate();
    running -= 1;
    return turns * 10;
  });
  expect(results).toEqual([50, 10, 40, 20, 30]);
  expect(most).toBe(2);
});

it('nothing to do is done', async () => {
  expect(await mapConcurrently([], 5, () => Promise.reject(new Error('never')))).toEqual([]);
});
