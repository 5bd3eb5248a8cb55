/**
 * `npm run bench:etcd [-- --instances 10 --runs 5 --parallelism 5]`: what runs on the cluster of KUBECONFIG cost its etcd,
 * which must answer at `--etcd`. Each run is one over all instances; the first creates them. Bytes on the network are
 * counted by a proxy, those in etcd are what it has after a compaction.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { checkOut } from '../sandbox/checkout.ts';
import { startGitServer } from '../sandbox/git/server.ts';
import { startStep } from '../sandbox/github-runner.ts';
import { Cluster } from '../src/cluster/api/client.ts';
import { table } from './markdown-table.ts';

const { values } = parseArgs({
  options: {
    instances: { type: 'string', default: '10' },
    runs: { type: 'string', default: '5' },
    parallelism: { type: 'string', default: '5' },
    /** Directory with the bundled action. */
    build: { type: 'string', default: 'build' },
    etcd: { type: 'string', default: 'http://127.0.0.1:2379' },
  },
});
const PREFIX = `etcd-${randomBytes(2).toString('hex')}`;
const instances = Array.from({ length: Number(values.instances) }, (_, index) => `${PREFIX}-${index + 1}`);
const TOKEN = 'bench';

/** https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/: bytes in base64, numbers as strings. */
async function etcd<T>(method: string, body: object): Promise<T> {
  const response = await fetch(`${values.etcd}/v3/${method}`, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`etcd: ${response.status} ${await response.text()}`);
  return JSON.parse(await response.text());
}

interface Status {
  readonly header: { readonly revision: string };
  readonly dbSizeInUse: string;
}

/** Bytes in use before and after a compaction of all history, and how many writes etcd has seen. */
async function size(): Promise<{ before: number; after: number; writes: number }> {
  const { header, dbSizeInUse } = await etcd<Status>('maintenance/status', {});
  await etcd('kv/compaction', { revision: header.revision, physical: true }).catch(() => undefined);
  // etcd frees the pages with the next commit.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const after = Number((await etcd<Status>('maintenance/status', {})).dbSizeInUse);
  return { before: Number(dbSizeInUse), after, writes: Number(header.revision) };
}

/** Bytes of the instances' objects, by kind. */
async function kept(): Promise<Map<string, { count: number; bytes: number }>> {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const range = { key: base64('/registry/'), range_end: base64('/registry0') };
  const { kvs } = await etcd<{ kvs: { key: string; value: string }[] }>('kv/range', range);
  const kinds = new Map<string, { count: number; bytes: number }>();
  for (const { key, value } of kvs) {
    const name = Buffer.from(key, 'base64').toString();
    if (!name.includes(PREFIX)) continue;
    const kind = name.replace('/registry/', '').replace(new RegExp(`/[^/]*${PREFIX}.*|/argocd/.*`), '');
    const { count, bytes } = kinds.get(kind) ?? { count: 0, bytes: 0 };
    kinds.set(kind, { count: count + 1, bytes: bytes + name.length + Buffer.from(value, 'base64').length });
  }
  return kinds;
}

const counted = { sent: 0, received: 0 };
const proxy = createServer().on('connect', ({ url = '' }, client, head) => {
  const { hostname, port } = new URL(`http://${url}`);
  const server = connect(Number(port), hostname, () => {
    client.write('HTTP/1.1 200 OK\r\n\r\n');
    server.write(head);
    client.pipe(server).pipe(client);
  });
  client.on('data', (chunk: Buffer) => {
    counted.sent += chunk.length;
  });
  server.on('data', (chunk: Buffer) => {
    counted.received += chunk.length;
  });
  for (const socket of [client, server]) socket.on('error', () => [client, server].map((one) => one.destroy()));
});
await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
const { port } = proxy.address() as AddressInfo;
const own = await readFile(process.env.KUBECONFIG ?? '', 'utf8');
const kubeconfig = own.replace(/^( *)server: .*$/m, `$&\n$1proxy-url: http://127.0.0.1:${port}`);
const settings = Object.entries(process.env).filter((entry): entry is [string, string] => /^LAUNCHPAD_/.test(entry[0]));
const git = await startGitServer([{ name: 'x-access-token', password: TOKEN, mayPush: true }]);
const url = await git.createRepository('org/cluster', { 'README.md': 'bench\n' });
const root = path.resolve(values.build);

const rows: string[][] = [];
let last = await size();
const first = last;
for (let run = 1; run <= Number(values.runs); run += 1) {
  Object.assign(counted, { sent: 0, received: 0 });
  const checkout = await checkOut(url, TOKEN);
  const start = performance.now();
  const step = await startStep({
    main: path.join(root, 'main', 'index.js'),
    post: path.join(root, 'post', 'index.js'),
    workspace: checkout.directory,
    inputs: {
      instance: instances.join('\n'),
      parallelism: values.parallelism,
      'cluster-domain': 'example.org',
      kubeconfig,
    },
    environment: Object.fromEntries(settings),
  });
  const { code, log } = await step.done;
  const seconds = (performance.now() - start) / 1000;
  await checkout.remove();
  if (code !== 0) process.stderr.write(log);
  const locks = new Set(log.match(/\S+: Pending, Waiting for \S+ lock/g));
  const now = await size();
  const each = (bytes: number) => (bytes / instances.length / 1000).toFixed(1);
  rows.push([
    String(run),
    seconds.toFixed(1),
    each(counted.sent),
    each(counted.received),
    ((now.writes - last.writes) / instances.length).toFixed(0),
    each(now.before - last.after),
    each(now.after - first.after),
    String(locks.size),
  ]);
  process.stderr.write(`${rows.at(-1)?.join(' ')}\n`);
  last = now;
}
const head = ['Run', 'Time (s)', 'Sent (kB)', 'Received (kB)', 'Writes to etcd', 'Written (kB)', 'More in etcd (kB)'];
process.stdout.write(`For each of ${instances.length} instances:\n\n${table([...head, 'Waited for locks'], rows)}\n\n`);
const kinds = [...(await kept())].map(([kind, { count, bytes }]) => [
  kind,
  (count / instances.length).toFixed(1),
  (bytes / instances.length / 1000).toFixed(1),
]);
process.stdout.write(`${table(['Kind', 'Objects an instance', 'kB an instance'], kinds)}\n`);

const cluster = await Cluster.connect({ source: { kind: 'content', text: own } });
for (const name of instances) {
  const application = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' };
  await cluster.delete({ ...application, metadata: { name: `${name}-production`, namespace: 'argocd' } });
  await cluster.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}
await cluster.close();
proxy.close();
await git.stop();
