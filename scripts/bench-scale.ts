/**
 * `npm run bench:scale [-- --instances 1,10,50,200 --parallelism 5]`: many instances in one run of the bundled action, in
 * the sandbox: time, memory of the action's process, requests to the API server, git commands, each as a table, with what
 * one more instance costs.
 *
 *   --runs 2              each run again on what the one before left: the last one counts
 *   --present 1000        so many instances that the repository and the cluster have already
 *   --foreign 10000       so many Applications, and so many namespaces, of others in the cluster
 *   --config-bytes 1e6    size of the config.yml of each instance that is present
 *   --repository-bytes N  bytes in other files of the repository
 *   --is-behind           the branch has a commit that the checkout does not have
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { checkOut } from '../sandbox/checkout.ts';
import { startStep } from '../sandbox/github-runner.ts';
import { kindNamed } from '../sandbox/kubernetes/kinds.ts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import { table } from './markdown-table.ts';

const { values } = parseArgs({
  options: {
    instances: { type: 'string', default: '1,10,50,200' },
    parallelism: { type: 'string', default: '5' },
    runs: { type: 'string', default: '1' },
    present: { type: 'string', default: '0' },
    foreign: { type: 'string', default: '0' },
    'config-bytes': { type: 'string', default: '0' },
    'repository-bytes': { type: 'string', default: '0' },
    'is-behind': { type: 'boolean', default: false },
    /** Shows the action's log as well. */
    log: { type: 'boolean', default: false },
  },
});
const REPOSITORY = 'example-org/cluster';
const root = path.join(import.meta.dirname, '..', '..');

/** Figures of a process from Linux: its highest memory, and CPU seconds of itself and of its ended children. */
interface Usage {
  readonly peakMegabytes: number;
  readonly ownSeconds: number;
  readonly childSeconds: number;
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: a tick is 10 ms. */
async function usageOf(pid: number | string): Promise<Usage | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const ticks = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [user = 0, system = 0, childUser = 0, childSystem = 0] = ticks.slice(11, 15);
    return {
      peakMegabytes: Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN) / 1024,
      ownSeconds: (user + system) / 100,
      childSeconds: (childUser + childSystem) / 100,
    };
  } catch {
    return undefined;
  }
}

/** The files of the repository before the run. */
function presentFiles(): Record<string, string> {
  const filler = `FILLER: "${'x'.repeat(Math.max(0, Number(values['config-bytes']) - 300))}"\n`;
  const configs = numbered(Number(values.present), 'present').map((name) => [
    `instances/${name}/config.yml`,
    `LMS_HOST: ${name}.example.net\nCMS_HOST: studio.${name}.example.net\nMYSQL_DATABASE: ${name}\nMONGODB_DATABASE: ${name}\n${filler}`,
  ]);
  return Object.fromEntries([['README.md', 'Instances\n'], ...configs]);
}

/** Adds files of 50 MB that cannot be compressed, as images, each by a commit of its own. */
async function commitLargeFiles({ git }: Sandbox): Promise<void> {
  // Else git looks for what two of them have in common, for minutes.
  await git.git(REPOSITORY, 'config', 'core.bigFileThreshold', '1m');
  const size = 50_000_000;
  for (let index = 0; index * size < Number(values['repository-bytes']); index += 1) {
    await git.commit(REPOSITORY, { [`large/${index}`]: randomBytes(size) });
  }
}

function numbered(count: number, word: string): string[] {
  return Array.from({ length: count }, (_, index) => `${word}-${String(index + 1).padStart(2, '0')}`);
}

/** What others have in the cluster, and the namespaces of the instances that are present. */
function fill({ kubernetes: { store } }: Sandbox): void {
  const label = 'launchpad-provision/instance';
  for (const name of numbered(Number(values.present), 'present')) {
    store.create(kindNamed('Namespace'), '', { metadata: { name, labels: { [label]: name } } });
  }
  for (const name of numbered(Number(values.foreign), 'foreign')) {
    store.create(kindNamed('Namespace'), '', { metadata: { name } });
    const source = { repoURL: `git@git.example.net:other/${name}.git`, path: 'env', targetRevision: 'HEAD' };
    const spec = { project: 'default', destination: { name: 'in-cluster', namespace: name }, source };
    store.create(kindNamed('Application'), 'argocd', { metadata: { name, namespace: 'argocd' }, spec });
  }
}

interface Figures {
  readonly instances: number;
  readonly provisioned: number;
  readonly seconds: number;
  readonly megabytes: number;
  readonly requests: number;
  /** Of `requests`, those that are for the process: access, discovery, what is in use. */
  readonly kinds: string;
  readonly commands: number;
  readonly fetches: number;
  readonly pushes: number;
  readonly actionCpu: number;
  readonly gitCpu: number;
  readonly limit: string;
}

async function measure(count: number): Promise<Figures> {
  const sandbox = await startSandbox();
  fill(sandbox);
  const url = await sandbox.git.createRepository(REPOSITORY, presentFiles());
  await commitLargeFiles(sandbox);
  let figures: Figures | undefined;
  try {
    for (let run = 1; run <= Number(values.runs); run += 1) figures = await measureRun(sandbox, url, count, run);
  } finally {
    await sandbox.stop();
  }
  if (figures === undefined) throw new Error('--runs is 1 or more.');
  return figures;
}

async function measureRun(sandbox: Sandbox, url: string, count: number, run: number): Promise<Figures> {
  const checkout = await checkOut(url, sandbox.gitToken);
  if (values['is-behind']) await sandbox.git.commit(REPOSITORY, { 'README.md': `Instances, run ${run}\n` });
  const before = await usageOf('self');
  const delays = monitorEventLoopDelay({ resolution: 20 });
  delays.enable();
  const start = performance.now();
  const step = await startStep({
    main: path.join(root, 'build', 'main', 'index.js'),
    post: path.join(root, 'build', 'post', 'index.js'),
    workspace: checkout.directory,
    runId: String(4242 + run),
    inputs: {
      instance: numbered(count, 'school').join('\n'),
      parallelism: values.parallelism,
      'cluster-domain': 'example.org',
      kubeconfig: sandbox.kubernetes.kubeconfig(),
      timeout: '30m',
    },
    // The debug log has each request and each git command.
    environment: { ...sandbox.settings, RUNNER_DEBUG: '1', NODE_DISABLE_COMPILE_CACHE: '1' },
    onLog: (chunk) => {
      if (values.log) process.stdout.write(chunk);
    },
  });
  let action: Usage | undefined;
  const watch = setInterval(async () => {
    const usage = await usageOf(step.pid);
    // A process that has just ended has no memory any more.
    if (usage !== undefined && usage.peakMegabytes > 0) action = usage;
  }, 200);
  const { code, log, outputs } = await step.done;
  clearInterval(watch);
  const seconds = (performance.now() - start) / 1000;
  delays.disable();
  const after = await usageOf('self');
  await checkout.remove();
  if (code !== 0) process.exitCode = 1;
  const matches = (pattern: RegExp) => [...log.matchAll(pattern)];
  const requests = Map.groupBy(
    matches(/^::debug::(GET|POST|PUT|PATCH|DELETE) (\/\S*) (?:\d{3}|no answer) \d+ ms$/gm),
    ([, method = '', place = '']) => (/selfsubject\w+reviews$/.test(place) ? 'access review' : method),
  );
  const commands = Map.groupBy(matches(/^::debug::git (\S+) /gm), ([, command = '']) => command);
  const results = Object.values<{ outcome: string }>(JSON.parse(outputs.results ?? '{}'));
  const cpu = (after?.ownSeconds ?? 0) - (before?.ownSeconds ?? 0);
  const children = (after?.childSeconds ?? 0) - (before?.childSeconds ?? 0);
  const ofAction = (action?.ownSeconds ?? 0) + (action?.childSeconds ?? 0);
  return {
    instances: count,
    provisioned: results.filter(({ outcome }) => outcome === 'provisioned').length || (code === 0 ? 1 : 0),
    seconds,
    megabytes: action?.peakMegabytes ?? Number.NaN,
    requests: [...requests.values()].reduce((sum, { length }) => sum + length, 0),
    kinds: [...requests].map(([kind, list]) => `${list.length} ${kind}`).join(', '),
    commands: [...commands.values()].reduce((sum, { length }) => sum + length, 0),
    fetches: commands.get('fetch')?.length ?? 0,
    pushes: commands.get('push')?.length ?? 0,
    actionCpu: action?.ownSeconds ?? Number.NaN,
    gitCpu: action?.childSeconds ?? Number.NaN,
    limit: limitOf(count, (cpu + children) / seconds, (cpu + children - ofAction) / (cpu + children), delays.max / 1e9),
  };
}

/** What the time hung on: on a busy machine the sandbox's pods, which are processes of it, take the CPU. */
function limitOf(count: number, busyCores: number, sandboxShare: number, pause: number): string {
  const cores = availableParallelism();
  const load = (loadavg()[1] ?? 0).toFixed(1);
  const isSandbox = (busyCores > cores * 0.7 && sandboxShare > 0.5) || pause > 5;
  const what = isSandbox ? 'the sandbox' : 'waiting, or others on this machine';
  return `${count}: ${what} (${busyCores.toFixed(1)} of ${cores} cores busy, ${Math.round(sandboxShare * 100)} % of that with the sandbox and its ${count * 3} pods; load ${load}; no answer of the sandbox for ${pause.toFixed(1)} s at the longest)`;
}

/** What one more instance costs: the least squares of all rows. */
function slope(rows: readonly Figures[], of: (figures: Figures) => number): number {
  const mean = (pick: (figures: Figures) => number) => rows.reduce((sum, row) => sum + pick(row), 0) / rows.length;
  const [x, y] = [mean(({ instances }) => instances), mean(of)];
  const spread = rows.reduce((sum, row) => sum + (row.instances - x) ** 2, 0);
  return rows.reduce((sum, row) => sum + (row.instances - x) * (of(row) - y), 0) / spread;
}

const COLUMNS: readonly [title: string, of: (figures: Figures) => number, digits: number][] = [
  ['Time (s)', ({ seconds }) => seconds, 1],
  ['Peak memory (MB)', ({ megabytes }) => megabytes, 0],
  ['API requests', ({ requests }) => requests, 1],
  ['Git commands', ({ commands }) => commands, 1],
  ['Fetches', ({ fetches }) => fetches, 1],
  ['Pushes', ({ pushes }) => pushes, 1],
  ['CPU of the action (s)', ({ actionCpu }) => actionCpu, 1],
  ['CPU of its git (s)', ({ gitCpu }) => gitCpu, 1],
];

const rows: Figures[] = [];
for (const count of values.instances.split(',').map(Number)) {
  const figures = await measure(count);
  rows.push(figures);
  process.stderr.write(`${figures.provisioned} of ${count} provisioned; ${figures.kinds}\n`);
}
const shown = rows.map((row) => [
  String(row.instances),
  ...COLUMNS.map(([, of, digits]) => of(row).toFixed(Number.isInteger(of(row)) ? 0 : digits)),
]);
const each = rows.length > 1 ? [['one more', ...COLUMNS.map(([, of]) => slope(rows, of).toFixed(2))]] : [];
process.stdout.write(
  `${table(['Instances', ...COLUMNS.map(([title]) => title)], [...shown, ...each])}\n\nWhat the time hung on:\n${rows.map(({ limit }) => `- ${limit}`).join('\n')}\n`,
);
