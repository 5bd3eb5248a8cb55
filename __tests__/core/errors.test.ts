import { settleAll } from '../../src/core/concurrency.ts';

describe('things that are awaited together', () => {
  it('give back their results in order', async () => {
    expect(await settleAll([Promise.resolve(1), Promise.resolve('two')])).toEqual([1, 'two']);
  });

  it('fail with each error, after all have ended', async () => {
    const first = new Error('first');
    const second = new Error('second');
    const slow = Promise.withResolvers<void>();
    const failed = settleAll([Promise.reject(first), slow.promise]);
    slow.reject(second);
    await expect(failed).rejects.toMatchObject({ errors: [first, second] });
  });

  it('fail with one error where all fail for the same reason, as when they are cancelled', async () => {
    const reason = new Error('cancelled');
    await expect(settleAll([Promise.reject(reason), Promise.reject(reason)])).rejects.toBe(reason);
  });
});
