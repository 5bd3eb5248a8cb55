import { createServer } from 'node:http';
import { type HttpFront, startHttpFront } from '../../sandbox/faults/http.ts';
import { type Fault, Rules } from '../../sandbox/faults/rules.ts';
import { listenAt, stopHttp } from '../../sandbox/listening.ts';

const PAST: Fault = { kind: 'drop', when: 'before' };

describe('rules', () => {
  const asked = (path: string, method = 'GET') => ({ method, path, query: '?a=1' });

  it('count for their method, path and query, and as often as they say', () => {
    const rules = new Rules();
    rules.add({ method: 'POST', path: /x\?a=1$/, times: 2, fault: PAST });
    const taken = [asked('/x'), asked('/y', 'POST'), asked('/x', 'POST'), asked('/x', 'POST'), asked('/x', 'POST')];
    expect(taken.map((one) => rules.take(one))).toEqual([undefined, undefined, PAST, PAST, undefined]);
  });

  it('let the first requests pass if they are to', () => {
    const rules = new Rules();
    rules.add({ path: /x/, skip: 2, times: 1, fault: PAST });
    expect([1, 2, 3, 4].map(() => rules.take(asked('/x')))).toEqual([undefined, undefined, PAST, undefined]);
  });
});

describe('a server before another', () => {
  const done: string[] = [];
  const server = createServer((request, response) => {
    done.push(request.url ?? '');
    response.end('0123456789');
  });
  let front: HttpFront;
  beforeAll(async () => {
    front = await startHttpFront({ url: `http://127.0.0.1:${await listenAt(server)}` });
  });
  beforeEach(() => {
    front.clear();
    done.length = 0;
  });
  afterAll(async () => {
    await front.stop();
    await stopHttp(server);
  });
  const ask = async (fault: Fault) => {
    front.add({ path: /./, times: 1, fault });
    expect(front.isIdle).toBe(true);
    const response = await fetch(`${front.url}/x`);
    return { status: response.status, text: await response.text() };
  };
  const whole = { status: 200, text: '0123456789' };

  it.each([
    ['an answer of its own', { kind: 'answer', status: 503, body: 'later' }, { status: 503, text: 'later' }, []],
    [
      'an answer of its own once the work is done',
      { kind: 'answer', when: 'after', status: 500, body: '' },
      { status: 500, text: '' },
      ['/x'],
    ],
    [
      'half of the answer, as if it were whole',
      { kind: 'cut', looksComplete: true },
      { status: 200, text: '01234' },
      ['/x'],
    ],
    ['the answer after a while', { kind: 'delay', ms: 20 }, whole, ['/x']],
  ] as const)('gives %s', async (_, fault, answer, requests) => {
    expect(await ask(fault)).toEqual(answer);
    expect(done).toEqual(requests);
    expect(await (await fetch(`${front.url}/y`)).text()).toBe(whole.text);
  });

  it.each([
    ['before the work', { kind: 'drop', when: 'before' }, []],
    ['after the work', { kind: 'drop', when: 'after' }, ['/x']],
    ['in the answer', { kind: 'cut' }, ['/x']],
  ] as const)('drops the connection %s', async (_, fault, requests) => {
    await expect(ask(fault)).rejects.toThrow(/fetch failed|terminated/);
    expect(done).toEqual(requests);
  });

  it('does something else before or after the work', async () => {
    const order: string[] = [];
    const note = (word: string) => () => {
      order.push(`${word} ${done.length}`);
    };
    expect(await ask({ kind: 'call', when: 'before', work: note('before') })).toEqual(whole);
    expect(await ask({ kind: 'call', when: 'after', work: note('after') })).toEqual(whole);
    expect(order).toEqual(['before 0', 'after 2']);
    expect(front.isIdle).toBe(false);
  });

  it('gives no answer until the client goes', async () => {
    front.add({ path: /./, times: 1, fault: { kind: 'hang', when: 'after' } });
    const gone = new AbortController();
    const asked = fetch(`${front.url}/x`, { signal: gone.signal });
    while (done.length === 0) await new Promise((resolve) => setImmediate(resolve));
    gone.abort();
    await expect(asked).rejects.toThrow('aborted');
  });
});
