import type { ServerResponse } from 'node:http';
import { Cluster } from '../../../src/cluster/api/client.ts';
import type { ClusterError } from '../../../src/cluster/api/errors.ts';
import { watchObjects } from '../../../src/cluster/api/watch.ts';
import { parseLog, readPodLog } from '../../../src/cluster/workflows/pod-report.ts';
import { FakeClock } from '../../fake-clock.ts';
import { type ApiServer, sendJson, startApiServer } from '../api-server.ts';

const TYPE = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'n' };
const object = (name: string, resourceVersion: string) => ({ metadata: { name, uid: name, resourceVersion } });
const list = (resourceVersion: string, ...items: ReturnType<typeof object>[]) => ({
  kind: 'ConfigMapList',
  metadata: { resourceVersion },
  items,
});
const line = (type: string, what: unknown) => `${JSON.stringify({ type, object: what })}\n`;

/** Plays a script: the first list, the first watch, the second list, … each a body, or what to do with the response. */
async function play(script: { lists: unknown[]; watches: ((response: ServerResponse) => void)[] }) {
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
  const broken: string[] = [];
  const options = { onBroken: ({ message }: ClusterError) => broken.push(message) };
  for await (const event of watchObjects(cluster, TYPE, options, stop.signal)) {
    seen.push(`${event.type} ${event.object.metadata?.name} ${event.object.metadata?.resourceVersion}`);
    if (event.object.metadata?.name === 'last') stop.abort();
  }
  await cluster.close();
  await api.stop();
  const waitedMs = clock.monotonicMs();
  const versions = api.requests.flatMap(({ url }) =>
    /watch=true/.test(url) ? [new URL(url, 'http://x').searchParams.get('resourceVersion')] : [],
  );
  return { seen, versions, waitedMs, broken };
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

it('asks again after half a minute of silence, and not before', async () => {
  let open: ServerResponse | undefined;
  const versions: (string | null)[] = [];
  const api = await startApiServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    if (!url.searchParams.has('watch')) return sendJson(response, 200, list('5'));
    versions.push(url.searchParams.get('resourceVersion'));
    open = response;
    response.writeHead(200).write(line('ADDED', object(versions.length === 1 ? 'first' : 'last', '6')));
  });
  const clock = new FakeClock();
  const cluster = await Cluster.connect({ source: { kind: 'content', text: api.kubeconfig } }, { clock });
  const stop = new AbortController();
  for await (const { object: seen } of watchObjects(cluster, TYPE, {}, stop.signal)) {
    if (seen.metadata?.name === 'first') {
      clock.advance(29_000);
      open?.write(line('ADDED', object('second', '7')));
    } else if (seen.metadata?.name === 'second') {
      const left = clock.slept(1_000, 'limit');
      clock.advance(29_000);
      await left;
      expect(versions).toEqual(['5']);
      clock.advance(1_000);
    } else stop.abort();
  }
  expect(versions).toEqual(['5', '7']);
  await cluster.close();
  await api.stop();
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

const last = (response: ServerResponse) => response.write(line('ADDED', object('last', '6')));
const gone = line('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' });

/** Whatever a watch does in its first second but live. */
const SHORT: [string, (response: ServerResponse) => void, RegExp][] = [
  ['is dropped', (response) => response.destroy(), /cut its answer to GET \S+\?watch:/],
  ['ends at once', (response) => response.end(), /ends each watch of ConfigMap objects at once/],
  ['ends after an event', (response) => response.end(line('ADDED', object('a', '6'))), /ends each watch/],
  ['ends after a bookmark', (response) => response.end(line('BOOKMARK', object('', '6'))), /ends each watch/],
  [
    'ends in the middle of a line',
    (response) => response.end(line('ADDED', object('a', '6')).slice(0, 30)),
    /ends each/,
  ],
  ['answers 410', (response) => response.end(gone), /ended the watch of ConfigMap objects: too old resource version/],
  ['answers another error', (response) => response.end(line('ERROR', { code: 500, message: 'etcd' })), /objects: etcd/],
  ['answers an error without a code', (response) => response.end(line('ERROR', { message: 'odd' })), /objects: odd/],
  ['sends a line that is no JSON', (response) => response.write('<html>login</html>\n'), /not an event/],
  ['sends JSON that is no mapping', (response) => response.write('null\n'), /not an event/],
  ['sends a mapping that is no event', (response) => response.write('{"error":"x"}\n'), /not an event/],
  [
    'sends an event of an unknown type',
    (response) => response.write(line('RENAMED', object('a', '6'))),
    /not an event/,
  ],
  ['sends an event without an object', (response) => response.write(line('ADDED', undefined)), /not an event/],
  [
    'sends an object without metadata',
    (response) => response.write(line('ADDED', { kind: 'ConfigMap' })),
    /not an event/,
  ],
];

describe('a watch that', () => {
  it.each(SHORT)('%s is opened again, with growing delays, and reported', async (_, cut, message) => {
    const lists = Array.from({ length: 8 }, () => list('5'));
    const { seen, waitedMs, broken } = await play({ lists, watches: [cut, cut, cut, cut, cut, cut, last] });
    expect(seen.at(-1)).toBe('ADDED last 6');
    const longest = 250 + 500 + 1_000 + 2_000 + 4_000 + 5_000;
    expect(waitedMs).toBeGreaterThanOrEqual(longest / 2);
    expect(waitedMs).toBeLessThanOrEqual(longest);
    // The first failure is not worth a word.
    expect(broken).toEqual(Array.from({ length: 5 }, () => expect.stringMatching(message)));
  });

  it.each(SHORT)('%s for ever makes few requests in three seconds', async (_, cut) => {
    const api = await startApiServer((request, response) => {
      if (!request.url?.includes('watch=true')) return sendJson(response, 200, list('5'));
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      cut(response);
    });
    const clock = new FakeClock({ isAutomatic: true });
    const cluster = await Cluster.connect({ source: { kind: 'content', text: api.kubeconfig } }, { clock });
    const stop = new AbortController();
    const onBroken = () => clock.monotonicMs() >= 3_000 && stop.abort();
    for await (const event of watchObjects(cluster, TYPE, { onBroken }, stop.signal)) {
      expect(event.object.metadata?.name).toBe('a');
    }
    expect(api.requests.length).toBeLessThan(15);
    await cluster.close();
    await api.stop();
  });

  it('lived a second is opened again at once, and works', async () => {
    let open: ServerResponse | undefined;
    let watches = 0;
    const api = await startApiServer((request, response) => {
      if (!request.url?.includes('watch=true')) return sendJson(response, 200, list('5'));
      watches += 1;
      open = response;
      response.writeHead(200).write(line('ADDED', object(`watch-${watches}`, '6')));
    });
    const clock = new FakeClock();
    const cluster = await Cluster.connect({ source: { kind: 'content', text: api.kubeconfig } }, { clock });
    const stop = new AbortController();
    const reports: string[] = [];
    const options = { onBroken: () => reports.push('broken'), onAnswer: () => reports.push('works') };
    for await (const _ of watchObjects(cluster, TYPE, options, stop.signal)) {
      if (watches === 4) stop.abort();
      else clock.advance(1_000);
      open?.end();
    }
    expect(clock.monotonicMs()).toBe(3_000);
    expect(reports).toEqual(['works', 'works', 'works']);
    await cluster.close();
    await api.stop();
  });

  it('answers with a page is opened again', async () => {
    let watches = 0;
    const api = await startApiServer((request, response) => {
      if (!request.url?.includes('watch=true')) return sendJson(response, 200, list('5'));
      watches += 1;
      if (watches < 3) response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Sign in</title>');
      else response.writeHead(200).write(line('ADDED', object('last', '6')));
    });
    const clock = new FakeClock({ isAutomatic: true });
    const cluster = await Cluster.connect({ source: { kind: 'content', text: api.kubeconfig } }, { clock });
    const broken: ClusterError[] = [];
    const options = { onBroken: (error: ClusterError) => broken.push(error) };
    const watch = watchObjects(cluster, TYPE, options, new AbortController().signal);
    expect((await watch.next()).value).toMatchObject({ type: 'ADDED' });
    await watch.return(undefined);
    expect(broken).toMatchObject([{ code: 'cluster-answer-invalid', message: expect.stringContaining('HTML page') }]);
    await cluster.close();
    await api.stop();
  });
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
      warnings: [],
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
