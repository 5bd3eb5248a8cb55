import type { ServerResponse } from 'node:http';
import { Cluster } from '../../../src/cluster/api/client.ts';
import { watchObjects } from '../../../src/cluster/api/watch.ts';
import { parseLog, readPodLog } from '../../../src/cluster/workflows/pod-report.ts';
import { FakeClock } from '../../fake-clock.ts';
import { type ApiServer, sendJson, startApiServer } from '../api-server.ts';

const TYPE = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'n' };
const object = (name: string, resourceVersion: string) => ({ metadata: { name, uid: name, resourceVersion } });
const list = (resourceVersion: string, ...items: ReturnType<typeof object>[]) => ({
  metadata: { resourceVersion },
  items,
});
const line = (type: string, what: unknown) => `${JSON.stringify({ type, object: what })}\n`;

/** Plays a script: the first list, the first watch, the second list, … each a body, or what to do with the response. */
async function play(script: { lists: unknown[]; watches: ((response: ServerResponse) => void)[] }, silenceMs = 30_000) {
  const api: ApiServer = await startApiServer((request, response) => {
    if (request.url?.includes('watch=true')) {
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      script.watches.shift()?.(response);
    } else sendJson(response, 200, script.lists.shift());
  });
  const clock = new FakeClock({ isAutomatic: true });
  const cluster = await Cluster.connect({ source: { kind: 'content', text: api.kubeconfig } }, { clock });
  const seen: string[] = [];
  const stop = new AbortController();
  for await (const event of watchObjects(cluster, TYPE, { silenceMs }, stop.signal)) {
    seen.push(`${event.type} ${event.object.metadata?.name} ${event.object.metadata?.resourceVersion}`);
    if (event.object.metadata?.name === 'last') stop.abort();
  }
  await cluster.close();
  await api.stop();
  const waitedMs = clock.monotonicMs();
  const versions = api.requests.flatMap(({ url }) =>
    /watch=true/.test(url) ? [new URL(url, 'http://x').searchParams.get('resourceVersion')] : [],
  );
  return { seen, versions, waitedMs };
}

it('tells what is there, then what changes', async () => {
  const { seen, versions } = await play({
    lists: [list('5', object('a', '3'))],
    watches: [
      (response) =>
        response.write(
          line('MODIFIED', object('a', '6')) + line('DELETED', object('a', '7')) + line('ADDED', object('last', '8')),
        ),
    ],
  });
  expect(seen).toEqual(['ADDED a 3', 'MODIFIED a 6', 'DELETED a 7', 'ADDED last 8']);
  expect(versions).toEqual(['5']);
});

it('goes on where it was after a drop, an end and a bookmark, and tells nothing twice', async () => {
  const { seen, versions } = await play({
    lists: [list('5')],
    watches: [
      (response) => response.write(line('ADDED', object('a', '6')), () => setTimeout(() => response.destroy(), 30)),
      (response) => response.end(line('BOOKMARK', object('', '9'))),
      (response) => response.write(line('MODIFIED', object('a', '6')) + line('ADDED', object('last', '10'))),
    ],
  });
  expect(seen).toEqual(['ADDED a 6', 'ADDED last 10']);
  expect(versions).toEqual(['5', '6', '9']);
});

it('lists again when its version is too old, and tells the difference', async () => {
  const { seen } = await play({
    lists: [list('5', object('a', '1'), object('b', '2')), list('20', object('b', '15'), object('c', '16'))],
    watches: [
      (response) => response.end(line('ERROR', { code: 410, message: 'too old' })),
      (response) => response.write(line('ADDED', object('last', '21'))),
    ],
  });
  expect(seen).toEqual(['ADDED a 1', 'ADDED b 2', 'DELETED a 1', 'MODIFIED b 15', 'ADDED c 16', 'ADDED last 21']);
});

it('asks again after silence', async () => {
  const { seen, versions } = await play(
    {
      lists: [list('5')],
      watches: [() => undefined, (response) => response.write(line('ADDED', object('last', '6')))],
    },
    100,
  );
  expect(seen).toEqual(['ADDED last 6']);
  expect(versions).toEqual(['5', '5']);
});

it('puts lines together that come in pieces', async () => {
  const text = line('ADDED', object('é', '6')) + line('ADDED', object('last', '7'));
  const { seen } = await play({
    lists: [list('5')],
    watches: [
      (response) => {
        for (const byte of Buffer.from(text)) response.write(Buffer.from([byte]));
      },
    ],
  });
  expect(seen).toEqual(['ADDED é 6', 'ADDED last 7']);
});

it('waits longer after each failure, and not long', async () => {
  const drop = (response: ServerResponse) => response.destroy();
  const { seen, waitedMs } = await play({
    lists: [list('5')],
    watches: [drop, drop, drop, drop, (response) => response.write(line('ADDED', object('last', '6')))],
  });
  expect(seen).toEqual(['ADDED last 6']);
  expect(waitedMs).toBeGreaterThanOrEqual((250 + 500 + 1_000 + 2_000) / 2);
  expect(waitedMs).toBeLessThanOrEqual(250 + 500 + 1_000 + 2_000);
});

it.each([400, 401, 403, 404])('ends where the server refuses it with %i', async (status) => {
  const api = await startApiServer((_, response) => sendJson(response, status, { message: 'no' }));
  const cluster = await Cluster.connect({ source: { kind: 'content', text: api.kubeconfig } });
  const watch = watchObjects(cluster, TYPE, {}, new AbortController().signal);
  await expect(watch.next()).rejects.toMatchObject({ status });
  await cluster.close();
  await api.stop();
});

describe("a provisioner's log", () => {
  it('gives its lines, its error and its resources, without those of Argo', () => {
    const log = [
      'database x: created',
      'time="2026-11-24T10:00:00Z" level=info msg="sub-process exited" argo=true error="<nil>"',
      'Error: exit status 1',
      '{"launchpad":"error","code":"mysql-access-denied","message":"MySQL denies","host":"db:3306","hint":"Check"}',
      '{"launchpad":"result","resources":[{"kind":"Bucket","name":"b","state":"created"},{"kind":"x","state":"odd"},7]}',
      '{"launchpad":broken',
    ].join('\n');
    expect(parseLog(log)).toEqual({
      lines: ['database x: created', '{"launchpad":broken'],
      error: { code: 'mysql-access-denied', message: 'MySQL denies', host: 'db:3306', hint: 'Check' },
      resources: [{ kind: 'Bucket', name: 'b', state: 'created' }],
    });
  });

  it('is read up to a limit, and its last lines also where those before are longer than that', async () => {
    const error = '{"launchpad":"error","code":"mysql-lost","message":"MySQL is lost"}';
    const lines = ['begun', 'a word '.repeat(50_000), error, 'Error: exit status 1'];
    // As the API server does: the last lines, of which what is beyond the limit is left out.
    const api = await startApiServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'https://api');
      const tail = lines.slice(searchParams.get('tailLines') === '50' ? 0 : 2).join('\n');
      response.end(tail.slice(0, Number(searchParams.get('limitBytes'))));
    });
    const cluster = await Cluster.connect({ source: { kind: 'content', text: api.kubeconfig } });
    const report = await readPodLog(cluster, 'school', 'mysql-1');
    await cluster.close();
    await api.stop();
    expect(report.error).toMatchObject({ code: 'mysql-lost', message: 'MySQL is lost' });
    expect(report.lines.map((one) => one.slice(0, 12))).toEqual(['begun', 'a word a wor']);
    expect(Math.max(...report.lines.map((one) => one.length))).toBeLessThanOrEqual(2_000);
  });
});
