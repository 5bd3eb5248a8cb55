import path from 'node:path';
import { checkOut } from '../../sandbox/checkout.ts';
import { startStep } from '../../sandbox/github-runner.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
const REPOSITORY = 'example-org/cluster';

/** Job summaries of whole runs in the sandbox, by name. */
export async function makeSummaries(): Promise<ReadonlyMap<string, string>> {
  const sandbox = await startSandbox();
  try {
    const url = await sandbox.git.createRepository(REPOSITORY, { 'README.md': '# Instances of our cluster\n' });
    const wrongPassword = { LAUNCHPAD_MYSQL_ADMIN_PASSWORD: 'not-the-password' };
    return new Map([
      ['summary-success', await summaryOf(sandbox, url, 'riverside', {})],
      ['summary-failure', await summaryOf(sandbox, url, 'hillside', wrongPassword)],
    ]);
  } finally {
    await sandbox.stop();
  }
}

async function summaryOf(
  sandbox: Sandbox,
  url: string,
  instance: string,
  environment: Record<string, string>,
): Promise<string> {
  const checkout = await checkOut(url, sandbox.gitToken);
  try {
    const step = await startStep({
      main: path.join(root, 'build', 'main', 'index.js'),
      post: path.join(root, 'build', 'post', 'index.js'),
      workspace: checkout.directory,
      repository: REPOSITORY,
      inputs: {
        instance,
        'cluster-domain': 'example.org',
        kubeconfig: sandbox.kubernetes.kubeconfig(),
        'argocd-url': 'https://argocd.example.org',
        'build-workflow': 'build.yml',
      },
      environment: { ...sandbox.settings, ...environment },
    });
    return (await step.done).summary;
  } finally {
    await checkout.remove();
  }
}
