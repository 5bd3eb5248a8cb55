/**
 * `npm run bench:cluster`: how long a whole run takes on the cluster of KUBECONFIG, against a bare Workflow of one pod
 * that does nothing, made and watched in the same way. Alternating pairs, so that a slow minute hits both.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { checkOut } from '../sandbox/checkout.ts';
import { startGitServer } from '../sandbox/git/server.ts';
import { startStep } from '../sandbox/github-runner.ts';
import { Cluster } from '../src/cluster/api/client.ts';
import { waitForWorkflows } from '../src/cluster/workflows/wait.ts';

const { values } = parseArgs({ options: { pairs: { type: 'string', default: '5' } } });
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
  await waitForWorkflows(cluster, {
    namespace: NAMESPACE,
    labelSelector: `bench=${name}`,
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

async function wholeRun(git: Awaited<ReturnType<typeof startGitServer>>): Promise<RunTimes> {
  const instance = `bench-${randomBytes(3).toString('hex')}`;
  const url = await git.createRepository(`org/${instance}`, { 'README.md': 'bench\n' });
  const checkout = await checkOut(url, TOKEN);
  const marks: { submitted?: number; finished?: number; applied?: number } = {};
  const start = performance.now();
  const step = await startStep({
    main: path.join(root, 'dist', 'main', 'index.js'),
    post: path.join(root, 'dist', 'post', 'index.js'),
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
  await cluster.delete({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: `${instance}-production`, namespace: 'argocd' },
  });
  await cluster.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: instance } });
  return { total: (applied - start) / 1000, before: submitted - start, after: applied - finished };
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

function describe(numbers: readonly number[], digits: number): string {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (index: number) => (sorted[index] ?? 0).toFixed(digits);
  return `median ${at(Math.floor(sorted.length / 2))}, from ${at(0)} to ${at(sorted.length - 1)}`;
}

const git = await startGitServer([{ name: 'x-access-token', password: TOKEN, mayPush: true }]);
await prepare();
await bareWorkflow();
const ratios: number[] = [];
const outside: number[] = [];
for (let pair = 1; pair <= Number(values.pairs); pair += 1) {
  const run = await wholeRun(git);
  const bare = await bareWorkflow();
  ratios.push(run.total / bare);
  outside.push(run.before + run.after);
  process.stdout.write(
    `pair ${pair}: run ${run.total.toFixed(1)} s, bare workflow ${bare.toFixed(1)} s, ratio ${(run.total / bare).toFixed(2)}; ` +
      `start to submitted ${run.before.toFixed(0)} ms, finished to applied ${run.after.toFixed(0)} ms\n`,
  );
}
process.stdout.write(`ratio: ${describe(ratios, 2)}\noutside the wait: ${describe(outside, 0)} ms\n`);
await cluster.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
await cluster.close();
await git.stop();
