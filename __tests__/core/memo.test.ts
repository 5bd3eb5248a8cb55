import { Memo, once } from '../../src/core/concurrency.ts';

describe('a memo', () => {
  it('asks once for each key, and all callers share the answer', async () => {
    const memo = new Memo<string>();
    const asked: string[] = [];
    const ask = (key: string) => memo.get(key, async () => `${key}${asked.push(key)}`);
    expect(await Promise.all([ask('a'), ask('b'), ask('a')])).toEqual(['a1', 'b2', 'a1']);
    expect(await ask('a')).toBe('a1');
    expect(asked).toEqual(['a', 'b']);
  });

  it('asks again after a failure, which all callers get', async () => {
    const memo = new Memo<string>();
    const failing = () => Promise.reject(new Error('no'));
    const both = await Promise.allSettled([memo.get('a', failing), memo.get('a', async () => 'unused')]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await memo.get('a', async () => 'yes')).toBe('yes');
  });

  it('asks again for a forgotten key, also while an answer is awaited', async () => {
    const memo = new Memo<string>();
    const slow = Promise.withResolvers<string>();
    const first = memo.get('a', () => slow.promise);
    memo.forget('a');
    const second = memo.get('a', async () => 'second');
    slow.reject(new Error('no'));
    await expect(first).rejects.toThrow('no');
    expect(await second).toBe('second');
    expect(await memo.get('a', async () => 'third')).toBe('second');
  });
});

it('work that is done once is done again after a failure only', async () => {
  let calls = 0;
  const work = once(async () => {
    calls += 1;
    if (calls === 1) throw new Error('no');
    return calls;
  });
  await expect(work()).rejects.toThrow('no');
  expect(await Promise.all([work(), work()])).toEqual([2, 2]);
  expect(await work()).toBe(2);
});
