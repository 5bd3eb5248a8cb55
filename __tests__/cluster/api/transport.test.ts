import type { ServerResponse } from 'node:http';
import { Cluster } from '../../../src/cluster/api/client.ts';
import { FakeClock } from '../../fake-clock.ts';
import { type ApiServer, sendJson, startApiServer } from '../api-server.ts';

const REF = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one', namespace: 'n' } };

let api: ApiServer;
let cluster: Cluster;
let clock: FakeClock;
let lines: string[];
/** What the server does with each request, in turn; the last one counts for all that follow. */
let answers: ((response: ServerResponse) => void)[];
beforeEach(async () => {
  lines = [];
  clock = new FakeClock({ isAutomatic: true });
  api = await startApiServer((_, response) => (answers.length > 1 ? answers.shift() : answers[0])?.(response));
  const options = { clock, onRetry: (line: string) => lines.push(line) };
  cluster = await Cluster.connect({ source: { kind: 'content', text: api.kubeconfig } }, options);
});
afterEach(async () => {
  await cluster.close();
  await api.stop();
});

const status =
  (code: number, headers = {}) =>
  (response: ServerResponse) =>
    sendJson(response, code, { kind: 'Status', message: `status ${code}`, reason: 'R' }, headers);
const found = (response: ServerResponse) => sendJson(response, 200, REF);
const drop = (response: ServerResponse) => response.destroy();
/** An answer whose body ends in the middle. */
const cut = (response: ServerResponse) =>
  response.writeHead(200, { 'content-length': '100' }).write('{"a":', () => setImmediate(() => response.destroy()));

describe('a request', () => {
  it.each([
    ['408', status(408)],
    ['429', status(429)],
    ['500', status(500)],
    ['502', status(502)],
    ['503', status(503)],
    ['504', status(504)],
    ['522 of a gateway', status(522)],
    ['a dropped connection', drop],
    ['an answer that is cut', cut],
  ])('is sent again after %s, and the log says so', async (_, fault) => {
    answers = [fault, found];
    expect(await cluster.read(REF)).toEqual(REF);
    expect(api.requests).toHaveLength(2);
    expect(lines).toEqual([expect.stringMatching(/Attempt 2 in 0\.\d s, for (59|60) s at most\.$/)]);
  });

  it.each([400, 401, 403, 405, 409, 413, 422, 501, 505, 507])('is not sent again after %i', async (code) => {
    answers = [status(code), found];
    await expect(cluster.read(REF)).rejects.toMatchObject({ code: 'cluster-refused', status: code });
    expect(api.requests).toHaveLength(1);
  });

  it('waits as long as Retry-After says', async () => {
    answers = [status(429, { 'retry-after': '7' }), found];
    await cluster.read(REF);
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(7_000);
    expect(clock.monotonicMs()).toBeLessThan(8_000);
  });

  it('is given up after a minute, with the last error', async () => {
    answers = [status(503)];
    await expect(cluster.read(REF)).rejects.toMatchObject({ status: 503 });
    expect(clock.monotonicMs()).toBeGreaterThan(45_000);
    expect(clock.monotonicMs()).toBeLessThanOrEqual(60_000);
    expect(api.requests.length).toBeLessThan(20);
  });

  it('is given up at once where Retry-After passes the minute', async () => {
    answers = [status(429, { 'retry-after': '61' })];
    await expect(cluster.read(REF)).rejects.toMatchObject({ status: 429 });
    expect(api.requests).toHaveLength(1);
  });

  it('ends its wait with the reason of the signal', async () => {
    const manual = new FakeClock();
    const other = await Cluster.connect(
      { source: { kind: 'content', text: api.kubeconfig } },
      { clock: manual, onRetry: () => cancel.abort(new Error('cancelled')) },
    );
    const cancel = new AbortController();
    answers = [status(503)];
    await expect(other.until(cancel.signal).read(REF)).rejects.toThrow('cancelled');
    expect(api.requests).toHaveLength(1);
    await other.close();
  });

  it('that would change something is refused in a dry run, before it is sent', async () => {
    answers = [found];
    const dry = cluster.readOnly();
    await expect(dry.create(REF)).rejects.toMatchObject({ code: 'read-only' });
    await expect(dry.patch(REF, {})).rejects.toMatchObject({ code: 'read-only' });
    await expect(dry.delete(REF)).rejects.toMatchObject({ code: 'read-only' });
    expect(api.requests).toHaveLength(0);
    await dry.apply(REF, { force: false, isDryRun: true });
    expect(api.requests).toHaveLength(1);
  });
});
