import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where an Application's manifests are. */
export interface Source {
  readonly repoURL: string;
  readonly targetRevision: string;
  readonly path: string;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** What a repository has there: the commit, and whether the directory is in it. */
export interface SourceState {
  readonly commit: string;
  readonly hasPath: boolean;
}

/** Fetches the revision as Argo CD's repository server does. @throws where git cannot */
export async function readSource(source: Source, credentials: Credentials | undefined): Promise<SourceState> {
  const directory = await mkdtemp(path.join(tmpdir(), 'launchpad-argocd-'));
  const env = { PATH: process.env.PATH ?? '', GIT_TERMINAL_PROMPT: '0', ...authorization(credentials) };
  const git = async (...args: string[]) => (await run('git', ['-C', directory, ...args], { env })).stdout.trimEnd();
  try {
    await git('init', '--quiet', '--bare');
    await git('fetch', '--quiet', '--depth=1', source.repoURL, source.targetRevision);
    const commit = await git('rev-parse', 'FETCH_HEAD');
    return { commit, hasPath: (await git('ls-tree', commit, '--', source.path)) !== '' };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function authorization(credentials: Credentials | undefined): Record<string, string> {
  if (credentials === undefined) return {};
  const basic = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraheader',
    GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${basic}`,
  };
}
