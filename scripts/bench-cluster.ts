/**
 * `npm run bench:cluster [-- --rounds 5 build other/dist]`: how long a first and a second run of an instance take on the
 * cluster of KUBECONFIG, against a bare Workflow of one pod that does nothing, made and watched in the same way. They take
 * turns, so that a slow minute hits all; so do several versions of the action, each with its `main`, `post` and
 * `provisioners`, and `manifests` and `templates` beside it.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { checkOut } from '../sandbox/checkout.ts';
import { startGitServer } from '../sandbox/git/server.ts';
import { startStep } from '../sandbox/github-runner.ts';
import { Cluster } from '../src/cluster/api/client.ts';
import { stepWatches } from '../src/cluster/workflows/step-watches.ts';
import { waitForWorkflows } from '../src/cluster/workflows/wait.ts';
import { table } from './markdown-table.ts';

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '5' } },
  allowPositionals: true,
});
const versions = positionals.length > 0 ? positionals : ['build'];
const root = path.join(import.meta.dirname, '..', '..');
const NAMESPACE = `launchpad-bench-${randomBytes(3).toString('hex')}`;
const TOKEN = 'bench';

const kubeconfig = await readFile(process.env.KUBECONFIG ?? '', 'utf8');
const cluster = await Cluster.connect({ source: { kind: 'content', text: kubeconfig } });
const settings = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('LAUNCHPAD_')));

/** Seconds of a bare Workflow from its creation to its end. */
async function bareWorkflow(): Promise<number> {
  const name = `bare-${randomBytes(3).toString('hex')}`;
  const container = { image: 'node:24-alpine', imagePullPolicy: 'IfNotPresent', command: ['node', '-e', '0'] };
  const start = performance.now();
  await cluster.create({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name, namespace: NAMESPACE, labels: { bench: name } },
    spec: {
      serviceAccountName: 'bench',
      entrypoint: 'main',
      templates: [{ name: 'main', container }],
      ttlStrategy: { secondsAfterCompletion: 60 },
    },
  });
  const watches = stepWatches(cluster, `bench=${name}`);
  await waitForWorkflows(cluster, {
    namespace: NAMESPACE,
    watches,
    names: [name],
    timeoutMs: 120_000,
    signal: new AbortController().signal,
    onChange: () => undefined,
    onProblem: () => undefined,
    onHeldUp: () => undefined,
    onOutcome: () => undefined,
  });
  return (performance.now() - start) / 1000;
}

interface RunTimes {
  /** Seconds of the whole process. */
  readonly total: number;
  /** Milliseconds from its start to the last workflow submitted, and from the last workflow's end to the Application. */
  readonly before: number;
  readonly after: number;
}

async function wholeRun(version: string, instance: string, url: string): Promise<RunTimes> {
  const checkout = await checkOut(url, TOKEN);
  const marks: { submitted?: number; finished?: number; applied?: number } = {};
  const start = performance.now();
  const step = await startStep({
    main: path.resolve(root, version, 'main', 'index.js'),
    post: path.resolve(root, version, 'post', 'index.js'),
    workspace: checkout.directory,
    inputs: { instance, 'cluster-domain': 'example.org', kubeconfig },
    environment: { ...settings, NODE_DISABLE_COMPILE_CACHE: '1' } as Record<string, string>,
    onLog: (chunk) => {
      const now = performance.now();
      if (/Workflow storage-\S+ started/.test(chunk)) marks.submitted ??= now;
      if (/: Succeeded after/.test(chunk)) marks.finished = now;
      if (/^Application \S+ .*\bnamespace /m.test(chunk)) marks.applied = now;
    },
  });
  const { code, log } = await step.done;
  if (code !== 0) throw new Error(log);
  const { submitted = 0, finished = 0, applied = 0 } = marks;
  await checkout.remove();
  return { total: (applied - start) / 1000, before: submitted - start, after: applied - finished };
}

async function remove(instance: string): Promise<void> {
  await cluster.delete({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: `${instance}-production`, namespace: 'argocd' },
  });
  await cluster.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: instance } });
}

async function prepare(): Promise<void> {
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }, { force: false });
  const metadata = { name: 'bench', namespace: NAMESPACE };
  const rbac = 'rbac.authorization.k8s.io/v1';
  const rules = [{ apiGroups: ['argoproj.io'], resources: ['workflowtaskresults'], verbs: ['create', 'patch'] }];
  await cluster.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata }, { force: true });
  await cluster.apply({ apiVersion: rbac, kind: 'Role', metadata, rules }, { force: true });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'bench' };
  const subjects = [{ kind: 'ServiceAccount', name: 'bench', namespace: NAMESPACE }];
  await cluster.apply({ apiVersion: rbac, kind: 'RoleBinding', metadata, roleRef, subjects }, { force: true });
}

/** The median, and the range. */
function describe(numbers: readonly number[], digits: number): string {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (index: number) => (sorted[index] ?? 0).toFixed(digits);
  return `${at(Math.floor(sorted.length / 2))} (${at(0)} to ${at(sorted.length - 1)})`;
}

const git = await startGitServer([{ name: 'x-access-token', password: TOKEN, mayPush: true }]);
await prepare();
await bareWorkflow();
interface Figures {
  readonly ratios: number[];
  readonly outside: number[];
}

const figures = new Map<string, Figures>();
function keep(row: string, { total, before, after }: RunTimes, bare: number): void {
  const { ratios, outside } = figures.get(row) ?? { ratios: [], outside: [] };
  figures.set(row, { ratios: [...ratios, total / bare], outside: [...outside, before + after] });
  process.stdout.write(
    `${row}: ${total.toFixed(1)} s, a bare Workflow ${bare.toFixed(1)} s; start to submitted ${before.toFixed(0)} ms, finished to applied ${after.toFixed(0)} ms\n`,
  );
}

for (let round = 1; round <= Number(values.rounds); round += 1) {
  const bare = await bareWorkflow();
  for (const version of versions) {
    const instance = `bench-${randomBytes(3).toString('hex')}`;
    const url = await git.createRepository(`org/${instance}`, { 'README.md': 'bench\n' });
    for (const kind of ['first run', 'second run']) {
      keep(`${version}, ${kind}`, await wholeRun(version, instance, url), bare);
    }
    await remove(instance);
  }
}
process.stdout.write(
  `${table(
    ['Version', 'Run ÷ bare Workflow', 'Outside the wait (ms)'],
    [...figures].map(([row, { ratios, outside }]) => [row, describe(ratios, 2), describe(outside, 0)]),
  )}\n`,
);
await cluster.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
await cluster.close();
await git.stop();
