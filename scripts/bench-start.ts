/**
 * `npm run bench:start [-- build/main/index.js other/main/index.js --rounds 9]`: from the start of the action's process to
 * its first request to the API server, against a bare `node -e 0`. The entry points take turns; beside the directory of each
 * are its `provisioners`, and above it `manifests` and `templates`.
 */
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { checkOut } from '../sandbox/checkout.ts';
import { startGitServer } from '../sandbox/git/server.ts';
import { startStep } from '../sandbox/github-runner.ts';
import { table } from './markdown-table.ts';

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '9' } },
  allowPositionals: true,
});
const root = path.join(import.meta.dirname, '..', '..');
const entries = positionals.length > 0 ? positionals : [path.join('build', 'main', 'index.js')];
const TOKEN = 'bench';

let onRequest: () => void = () => undefined;
const server = createServer((_, response) => {
  onRequest();
  response.destroy();
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const address = server.address();
if (address === null || typeof address === 'string') throw new Error('The server has no port.');
const kubeconfig = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'bench',
  contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
  clusters: [
    {
      name: 'bench',
      cluster: { server: `http://127.0.0.1:${address.port}`, 'insecure-skip-tls-verify': true },
    },
  ],
  users: [{ name: 'bench', user: { token: TOKEN } }],
});
const git = await startGitServer([{ name: 'x-access-token', password: TOKEN, mayPush: true }]);
const checkout = await checkOut(await git.createRepository('org/bench', { 'README.md': 'bench\n' }), TOKEN);

/** Milliseconds. */
function bareNode(): number {
  const start = performance.now();
  execFileSync(process.execPath, ['-e', '0']);
  return performance.now() - start;
}

/** Milliseconds. */
async function firstRequest(entry: string): Promise<number> {
  const asked = new Promise<number>((resolve) => {
    onRequest = () => resolve(performance.now());
  });
  const step = await startStep({
    main: path.resolve(root, entry),
    post: path.resolve(root, entry),
    workspace: checkout.directory,
    inputs: { instance: 'school', 'cluster-domain': 'example.org', kubeconfig },
    environment: {
      // A runner of GitHub's has none.
      NODE_DISABLE_COMPILE_CACHE: '1',
      LAUNCHPAD_MYSQL_HOST: 'db.example.org',
      LAUNCHPAD_MYSQL_ADMIN_USER: 'admin',
      LAUNCHPAD_MYSQL_ADMIN_PASSWORD: 'mysql-password',
      LAUNCHPAD_MONGODB_HOST: 'db.example.org',
      LAUNCHPAD_MONGODB_ADMIN_USER: 'admin',
      LAUNCHPAD_MONGODB_ADMIN_PASSWORD: 'mongodb-password',
      LAUNCHPAD_STORAGE_TYPE: 's3',
      LAUNCHPAD_STORAGE_REGION: 'us-east-1',
      LAUNCHPAD_STORAGE_ACCESS_KEY_ID: 'bench',
      LAUNCHPAD_STORAGE_SECRET_ACCESS_KEY: 'storage-secret-key',
    },
  });
  const start = performance.now();
  const ended = step.done.then(({ log }) => {
    throw new Error(log);
  });
  ended.catch(() => undefined);
  const ms = (await Promise.race([asked, ended])) - start;
  step.die();
  await step.done;
  return ms;
}

const rounds: { readonly bare: number; readonly actions: readonly number[] }[] = [];
for (let round = 1; round <= Number(values.rounds); round += 1) {
  const bare = bareNode();
  const actions: number[] = [];
  for (const entry of entries) actions.push(await firstRequest(entry));
  rounds.push({ bare, actions });
}
const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
const fastest = (numbers: readonly number[]) => Math.min(...numbers);
const bare = rounds.map((round) => round.bare);
const rows = entries.map((entry, index) => {
  const times = rounds.map(({ actions }) => actions[index] ?? Number.NaN);
  const shown = [median, fastest].flatMap((of) => [of(times).toFixed(0), `${(of(times) / of(bare)).toFixed(1)} ×`]);
  return [entry, ...shown];
});
const title = ['Entry point', 'Median (ms)', 'of bare node', 'Fastest (ms)', 'of bare node'];
process.stdout.write(
  `${table(title, rows)}\n\nBare node: median ${median(bare).toFixed(0)} ms, fastest ${fastest(bare).toFixed(0)} ms.\n`,
);
await checkout.remove();
await git.stop();
server.close();
