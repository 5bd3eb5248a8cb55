/**
 * `npm run bench:scale [-- --instances 50 --parallelism 5]`: many instances in one run of the bundled action, in the
 * sandbox: time, memory of the action's process, requests to the API server, git fetches and pushes.
 */
import { readFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { checkOut } from '../sandbox/checkout.ts';
import { startStep } from '../sandbox/github-runner.ts';
import { startSandbox } from '../sandbox/sandbox.ts';

const { values } = parseArgs({
  options: {
    instances: { type: 'string', default: '50' },
    parallelism: { type: 'string', default: '5' },
    /** Shows the action's log as well. */
    log: { type: 'boolean', default: false },
  },
});
const root = path.join(import.meta.dirname, '..', '..');
const count = Number(values.instances);
const names = Array.from({ length: count }, (_, index) => `school-${String(index + 1).padStart(2, '0')}`);

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

const sandbox = await startSandbox();
const url = await sandbox.git.createRepository('example-org/cluster', { 'README.md': 'Instances\n' });
const checkout = await checkOut(url, sandbox.gitToken);
const before = await usageOf('self');
const delays = monitorEventLoopDelay({ resolution: 20 });
delays.enable();
const start = performance.now();
const step = await startStep({
  main: path.join(root, 'build', 'main', 'index.js'),
  post: path.join(root, 'build', 'post', 'index.js'),
  workspace: checkout.directory,
  inputs: {
    instance: names.join('\n'),
    parallelism: values.parallelism,
    'cluster-domain': 'example.org',
    kubeconfig: sandbox.kubernetes.kubeconfig(),
    timeout: '30m',
  },
  // The debug log has each request and each git command.
  environment: { ...sandbox.settings, RUNNER_DEBUG: '1' },
  onLog: (chunk) => {
    const lines = chunk
      .split('\n')
      .filter((line) => values.log || / instance \S+: /.test(line))
      .filter((line) => line !== '');
    if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
  },
});
let action: Usage | undefined;
const watch = setInterval(async () => {
  const usage = await usageOf(step.pid);
  // A process that has just ended has no memory any more.
  if (usage !== undefined && usage.peakMegabytes > 0) action = usage;
}, 200);
const { code, log, outputs, summary } = await step.done;
clearInterval(watch);
const seconds = (performance.now() - start) / 1000;
delays.disable();
const after = await usageOf('self');
await checkout.remove();
await sandbox.stop();

const matches = (pattern: RegExp) => [...log.matchAll(pattern)];
const requests = Map.groupBy(
  matches(/^::debug::(GET|POST|PUT|PATCH|DELETE) (\/\S*) (?:\d{3}|no answer) \d+ ms$/gm),
  ([, method = '', place = '']) => (place.endsWith('/selfsubjectaccessreviews') ? 'access review' : method),
);
const total = [...requests.values()].reduce((sum, { length }) => sum + length, 0);
const commands = Map.groupBy(matches(/^::debug::git (\S+) /gm), ([, command = '']) => command);
const number = (command: string) => commands.get(command)?.length ?? 0;
const counts = Object.entries(
  Object.groupBy(Object.values<{ outcome: string }>(JSON.parse(outputs.results ?? '{}')), ({ outcome }) => outcome),
);
const servers = (after?.ownSeconds ?? 0) - (before?.ownSeconds ?? 0);
const children = (after?.childSeconds ?? 0) - (before?.childSeconds ?? 0);
const actionSeconds = (action?.ownSeconds ?? 0) + (action?.childSeconds ?? 0);
const pods = children - actionSeconds;
const lines = [
  '',
  `${count} instances, ${values.parallelism} at once, exit code ${code}: ${counts.map(([outcome, list]) => `${list?.length} ${outcome}`).join(', ')}`,
  `time               ${seconds.toFixed(1)} s, ${(seconds / count).toFixed(1)} s an instance`,
  `peak memory        ${action?.peakMegabytes.toFixed(0)} MB (RSS of the action's process)`,
  `API requests       ${total}, ${(total / count).toFixed(1)} an instance: ${[...requests].map(([kind, list]) => `${list.length} ${kind}`).join(', ')}`,
  `git                ${number('fetch')} fetches, ${number('push')} pushes, ${[...commands.values()].reduce((sum, { length }) => sum + length, 0)} commands`,
  `log, summary       ${(log.replaceAll(/^::debug::.*\n/gm, '').length / 1024).toFixed(0)} KB, ${(Buffer.byteLength(summary) / 1024).toFixed(0)} KB`,
  `CPU                action ${action?.ownSeconds.toFixed(0)} s, its git ${action?.childSeconds.toFixed(0)} s; sandbox: servers ${servers.toFixed(0)} s, pods and git server ${pods.toFixed(0)} s`,
  limitOf((servers + children) / seconds, (servers + pods) / (servers + children)),
];
process.stdout.write(`${lines.join('\n')}\n`);
process.exitCode = code === 0 ? 0 : 1;

/** What the time hung on: on a busy machine the sandbox's pods, which are processes of it, take the CPU. */
function limitOf(busyCores: number, sandboxShare: number): string {
  const cores = availableParallelism();
  const load = (loadavg()[1] ?? 0).toFixed(1);
  const share = `this run kept ${busyCores.toFixed(1)} of ${cores} cores busy, ${Math.round(sandboxShare * 100)} % of that with the sandbox (${count * 3} pods as processes of this machine); load of the machine ${load}`;
  const pause = delays.max / 1e9;
  const isPreview = (busyCores > cores * 0.7 && sandboxShare > 0.5) || pause > 5;
  const what = isPreview ? 'the sandbox' : 'waiting, or others on this machine';
  return `limit              ${what}: ${share}; the sandbox gave no answer for ${pause.toFixed(1)} s at the longest`;
}
