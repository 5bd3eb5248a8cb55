/**
 * `npm run demo [-- <instance>] [--mongodb direct|digitalocean|atlas] [--mysql direct|digitalocean] [--storage s3|spaces]`:
 * the main job from the outside. Starts the sandbox, makes a cluster repository, runs the
 * bundled action as GitHub would, and looks at what is there afterwards.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Checkout, checkOut } from './checkout.ts';
import { showResult } from './demo-result.ts';
import { startStep } from './github-runner.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';

const REPOSITORY = 'example-org/cluster';
const root = path.join(import.meta.dirname, '..', '..');

const heading = (text: string) => process.stdout.write(`\n\u001b[1m── ${text}\u001b[0m\n`);

/** GitHub's log as its page shows it: groups as headings, no commands to the runner. */
function showLog(): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [, command, text = ''] = /^::(\w+)[^:]*::(.*)$/.exec(line) ?? [];
      if (command === 'group') process.stdout.write(`\u001b[36m▸ ${text}\u001b[0m\n`);
      else if (command === 'error') process.stdout.write(`\u001b[31m${text.replaceAll('%0A', '\n')}\u001b[0m\n`);
      else if (command === undefined) process.stdout.write(`  ${line}\n`);
    }
  };
}

async function demo(sandbox: Sandbox, instance: string, environment: Record<string, string>): Promise<number> {
  heading('A cluster repository with one instance, and a checkout of it');
  const url = await sandbox.git.createRepository(REPOSITORY, {
    'README.md': '# Instances of our cluster\n',
    'instances/riverside/config.yml': 'LMS_HOST: "riverside.example.org"\n',
  });
  const checkout: Checkout = await checkOut(url, sandbox.gitToken);
  process.stdout.write(`${await checkout.git('log', '--oneline', '--stat')}\n`);
  try {
    heading(`The action, as GitHub runs it: instance ${instance}`);
    const step = await startStep({
      main: path.join(root, 'dist', 'main', 'index.js'),
      post: path.join(root, 'dist', 'post', 'index.js'),
      workspace: checkout.directory,
      repository: REPOSITORY,
      inputs: { instance, 'cluster-domain': 'example.org', kubeconfig: sandbox.kubernetes.kubeconfig() },
      environment,
      onLog: showLog(),
    });
    const result = await step.done;
    if (result.code !== 0) return 1;
    heading('The job summary');
    process.stdout.write(result.summary);
    await showResult(sandbox, REPOSITORY, instance, heading);
    return 0;
  } finally {
    await checkout.remove();
  }
}

/** The sandbox's settings, with those of the vendors that were asked for in place of the direct ones. */
function settingsFor({ settings, vendors }: Sandbox): Record<string, string> {
  return {
    ...settings,
    ...(values.mongodb === 'digitalocean' ? vendors.settings.mongodbDigitalocean : {}),
    ...(values.mongodb === 'atlas' ? vendors.settings.mongodbAtlas : {}),
    ...(values.mysql === 'digitalocean' ? vendors.settings.mysqlDigitalocean : {}),
  };
}

const started = performance.now();
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mongodb: { type: 'string', default: 'direct' },
    mysql: { type: 'string', default: 'direct' },
    storage: { type: 'string', default: 's3' },
  },
});
const sandbox = await startSandbox({ storage: values.storage === 'spaces' ? 'spaces' : 'compatible' });
try {
  process.exitCode = await demo(sandbox, positionals[0] ?? 'my-school', settingsFor(sandbox));
} finally {
  await sandbox.stop();
}
heading(`${((performance.now() - started) / 1000).toFixed(1)} s`);
