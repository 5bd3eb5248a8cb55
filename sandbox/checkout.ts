import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Checkout {
  readonly directory: string;
  git(...args: string[]): Promise<string>;
  remove(): Promise<void>;
}

/**
 * What actions/checkout@v5 leaves behind: a clone of depth 1 whose .git/config has the token as an `extraheader`
 * (https://github.com/actions/checkout/blob/v5/src/git-auth-helper.ts).
 */
export async function checkOut(url: string, token: string, branch = 'main'): Promise<Checkout> {
  const checkout = await emptyCheckout(url, token);
  await fetchOne(checkout, `refs/heads/${branch}`, `refs/remotes/origin/${branch}`);
  await checkout.git('checkout', '--quiet', '--force', '-B', branch, `refs/remotes/origin/${branch}`);
  return checkout;
}

/** The same for an event of a pull request: its merge commit, detached, without any history. */
export async function checkOutPullRequest(url: string, token: string, number: number): Promise<Checkout> {
  const checkout = await emptyCheckout(url, token);
  await fetchOne(checkout, `refs/pull/${number}/merge`, `refs/remotes/pull/${number}/merge`);
  await checkout.git('checkout', '--quiet', '--force', '--detach', `refs/remotes/pull/${number}/merge`);
  return checkout;
}

async function fetchOne({ git }: Checkout, source: string, target: string): Promise<void> {
  await git('fetch', '--quiet', '--no-tags', '--depth=1', 'origin', `+${source}:${target}`);
}

async function emptyCheckout(url: string, token: string): Promise<Checkout> {
  const directory = await mkdtemp(path.join(tmpdir(), 'launchpad-workspace-'));
  const header = `AUTHORIZATION: basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
  const git = async (...args: string[]) => (await run('git', ['-C', directory, ...args])).stdout.trimEnd();
  await git('init', '--quiet', '--initial-branch=main');
  const { origin } = new URL(url);
  const remote = `[remote "origin"]\n\turl = ${url}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n`;
  await appendFile(path.join(directory, '.git', 'config'), `${remote}[http "${origin}/"]\n\textraheader = ${header}\n`);
  return { directory, git, remove: () => rm(directory, { recursive: true, force: true }) };
}
