/**
 * `npm run demo`: the main job from the outside. Starts the sandbox, creates a cluster repository, runs the bundled action as
 * GitHub would, and looks at the result.
 */
import path from 'node:path';
import { type Checkout, checkOut } from './checkout.ts';
import { type DemoOptions, readArguments } from './demo-arguments.ts';
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

async function demo(sandbox: Sandbox, options: DemoOptions): Promise<number> {
  const { instance, bundles } = options;
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
      main: path.join(root, bundles, 'main', 'index.js'),
      post: path.join(root, bundles, 'post', 'index.js'),
      workspace: checkout.directory,
      repository: REPOSITORY,
      inputs: { instance, 'cluster-domain': 'example.org', kubeconfig: sandbox.kubernetes.kubeconfig() },
      environment: settingsFor(sandbox, options),
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
function settingsFor({ settings, vendors }: Sandbox, { mongodb, mysql }: DemoOptions): Record<string, string> {
  return {
    ...settings,
    ...(mongodb === 'digitalocean' ? vendors.settings.mongodbDigitalocean : {}),
    ...(mongodb === 'atlas' ? vendors.settings.mongodbAtlas : {}),
    ...(mysql === 'digitalocean' ? vendors.settings.mysqlDigitalocean : {}),
  };
}

const started = performance.now();
const request = readArguments(process.argv.slice(2));
if (request.kind === 'usage') {
  (request.exitCode === 0 ? process.stdout : process.stderr).write(request.text);
  process.exitCode = request.exitCode;
} else {
  const { options } = request;
  heading('Starting the sandbox: Kubernetes, Argo Workflows, MySQL, MongoDB, S3, git');
  const sandbox = await startSandbox({ storage: options.storage === 'spaces' ? 'spaces' : 'compatible' });
  try {
    process.exitCode = await demo(sandbox, options);
  } finally {
    await sandbox.stop();
  }
  heading(`${((performance.now() - started) / 1000).toFixed(1)} s`);
}
