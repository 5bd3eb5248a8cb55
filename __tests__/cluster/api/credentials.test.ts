import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TLSSocket } from 'node:tls';
import { localIdentity } from '../../../sandbox/tls.ts';
import { Cluster } from '../../../src/cluster/api/client.ts';
import type { ClusterAccess } from '../../../src/cluster/api/kubeconfig.ts';
import { lastLineOf, secretsOf } from '../../../src/cluster/api/plugin-output.ts';
import { FakeClock } from '../../fake-clock.ts';
import { eventually } from '../../scenarios/outcome.ts';
import { type ApiServer, sendJson, startApiServer } from '../api-server.ts';

const REF = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one', namespace: 'n' } };

let api: ApiServer;
let folder: string;
let clock: FakeClock;
let clusters: Cluster[];
let isAccepted: (request: IncomingMessage) => boolean;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'launchpad-credentials-'));
  clock = new FakeClock({ isAutomatic: true });
  clusters = [];
  isAccepted = () => true;
  api = await startApiServer((request, response) => {
    if (isAccepted(request)) sendJson(response, 200, REF);
    else sendJson(response, 401, { kind: 'Status', reason: 'Unauthorized', message: 'Unauthorized' });
  });
});
afterEach(async () => {
  for (const cluster of clusters) await cluster.close();
  await api.stop();
  await rm(folder, { recursive: true });
});

/** A plugin that notes each of its runs, then does what the script says. */
async function plugin(script: string): Promise<string> {
  const file = path.join(folder, 'plugin');
  await writeFile(file, `#!/bin/bash\necho "$$" >> '${folder}/runs'\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

async function runs(): Promise<string[]> {
  const text = await readFile(path.join(folder, 'runs'), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

/** What writes a credential with such a token; `$n` in it is the number of the run. */
const gives = (token: string, rest = '') =>
  `n=$(wc -l < '${folder}/runs'); echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"'"${token}"'"${rest}}}'`;

function configured(change: (config: Config) => void): string {
  const config = JSON.parse(api.kubeconfig);
  change(config);
  return JSON.stringify(config);
}
interface Config {
  clusters: { cluster: Record<string, unknown> }[];
  users: { name: string; user: unknown }[];
}

const withUser = (user: unknown, cluster: Record<string, unknown> = {}): ClusterAccess => ({
  source: {
    kind: 'content',
    text: configured(({ clusters: [first], users }) => {
      Object.assign(first?.cluster ?? {}, cluster);
      Object.assign(users[0] ?? {}, { user });
    }),
  },
});
const withExec = async (script: string, exec: Record<string, unknown> = {}, cluster: Record<string, unknown> = {}) => {
  const command = await plugin(script);
  const user = { exec: { apiVersion: 'client.authentication.k8s.io/v1', command, interactiveMode: 'Never', ...exec } };
  return withUser(user, cluster);
};

async function connected(access: ClusterAccess): Promise<Cluster> {
  const cluster = await Cluster.connect(access, { clock });
  clusters.push(cluster);
  return cluster;
}
const read = async (access: ClusterAccess) => await (await connected(access)).read(REF);
const failed = async (access: ClusterAccess) => await read(access).catch((thrown: unknown) => thrown);

describe('an exec plugin', () => {
  it('is run once for requests at the same time, and those that follow', async () => {
    const cluster = await connected(await withExec(`sleep 0.1; ${gives('token-$n')}`));
    await Promise.all(Array.from({ length: 5 }, () => cluster.read(REF)));
    await cluster.read(REF);
    expect(await runs()).toHaveLength(1);
    expect(new Set(api.requests.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer token-1']));
  });

  it('is run again when its credentials have expired', async () => {
    const expires = new Date(60_000).toISOString();
    const cluster = await connected(await withExec(gives('token-$n', `,"expirationTimestamp":"${expires}"`)));
    await cluster.read(REF);
    clock.advance(59_000);
    await cluster.read(REF);
    clock.advance(1_000);
    await cluster.read(REF);
    expect(api.requests.map(({ authorization }) => authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-1',
      'Bearer token-2',
    ]);
  });

  it('may give a certificate', async () => {
    const { key, cert } = await localIdentity();
    const status = { clientCertificateData: cert, clientKeyData: key };
    await writeFile(path.join(folder, 'credential'), JSON.stringify({ kind: 'ExecCredential', status }));
    let shown: unknown;
    isAccepted = ({ socket }) => {
      if (socket instanceof TLSSocket) shown = socket.getPeerX509Certificate()?.toString().trim();
      return true;
    };
    await read(await withExec(`cat '${folder}/credential'`));
    expect(shown).toBe(cert.trim());
  });

  it('gets what its env says, and the cluster where it asks for it', async () => {
    const script = `echo "$KUBERNETES_EXEC_INFO" > '${folder}/info'; echo "$MINE $PATH" > '${folder}/env'; ${gives('t')}`;
    const exec = { provideClusterInfo: true, env: [{ name: 'MINE', value: 'own' }] };
    const cluster = {
      'tls-server-name': 'localhost',
      extensions: [
        { name: 'other', extension: { no: 1 } },
        { name: 'client.authentication.k8s.io/exec', extension: { audience: 'me' } },
      ],
    };
    expect(await read(await withExec(script, exec, cluster))).toEqual(REF);
    expect(JSON.parse(await readFile(path.join(folder, 'info'), 'utf8'))).toEqual({
      kind: 'ExecCredential',
      apiVersion: 'client.authentication.k8s.io/v1',
      spec: {
        interactive: false,
        cluster: {
          server: api.url,
          'tls-server-name': 'localhost',
          'certificate-authority-data': Buffer.from(api.ca).toString('base64'),
          config: { audience: 'me' },
        },
      },
    });
    expect(await readFile(path.join(folder, 'env'), 'utf8')).toBe(`own ${process.env.PATH}\n`);
  });

  it('gets the authority of a file, and the settings of several kubeconfigs', async () => {
    const authority = path.join(folder, 'ca.crt');
    await writeFile(authority, api.ca);
    const { source } = await withExec(`echo "$KUBERNETES_EXEC_INFO" > '${folder}/info'; ${gives('t')}`, {
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      provideClusterInfo: true,
    });
    const config = JSON.parse(source.kind === 'content' ? source.text : '');
    delete config.clusters[0].cluster['certificate-authority-data'];
    config.clusters[0].cluster['certificate-authority'] = 'ca.crt';
    const extension = { name: 'client.authentication.k8s.io/exec', extension: { second: true } };
    config.clusters[0].cluster.extensions = [extension];
    const [first, second] = [path.join(folder, 'a'), path.join(folder, 'b')];
    await writeFile(first, JSON.stringify({ ...config, clusters: [] }));
    await writeFile(second, JSON.stringify({ ...config, users: [], contexts: [] }));
    await read({ source: { kind: 'file', path: [first, second].join(path.delimiter) } });
    const info = JSON.parse(await readFile(path.join(folder, 'info'), 'utf8'));
    expect(info.apiVersion).toBe('client.authentication.k8s.io/v1beta1');
    expect(info.spec.cluster).toMatchObject({
      'certificate-authority-data': Buffer.from(api.ca).toString('base64'),
      config: { second: true },
    });
  });

  it('gets no cluster where it does not ask for it', async () => {
    await read(await withExec(`echo "$KUBERNETES_EXEC_INFO" > '${folder}/info'; ${gives('t')}`));
    expect(JSON.parse(await readFile(path.join(folder, 'info'), 'utf8')).spec).toEqual({ interactive: false });
  });

  it('that reads its input gets none', async () => {
    expect(await read(await withExec(`cat; ${gives('t')}`))).toEqual(REF);
  });

  it.each([
    [
      'exits with a code',
      'echo starting >&2; echo "Unable to locate credentials." >&2; exit 255',
      'ended with exit code 255: Unable to locate credentials.',
    ],
    ['exits without a word', 'exit 3', 'ended with exit code 3 and wrote nothing to stderr'],
    ['is killed', 'kill -SEGV $$', 'was ended by signal SIGSEGV and wrote nothing to stderr'],
    ['writes nothing', 'exit 0', 'wrote no JSON to stdout'],
    ['writes a text', 'echo "hidden-token"', 'wrote no JSON to stdout'],
    ['writes no credential', `echo '{"kind":"ExecCredential"}'`, 'wrote no ExecCredential with a token'],
    ['writes an empty token', `echo '{"status":{"token":""}}'`, 'wrote no ExecCredential with a token'],
    [
      'writes a certificate without its key',
      `echo '{"status":{"clientCertificateData":"x"}}'`,
      'wrote no ExecCredential with a token',
    ],
    ['writes without an end', 'yes hidden-token', 'wrote more than 4 MiB'],
  ])('that %s is named with its failure', async (_, script, what) => {
    const error = await failed(await withExec(script));
    expect(error).toMatchObject({
      code: 'exec-plugin-failed',
      message: `The exec plugin ${folder}/plugin (user sandbox of the kubeconfig) ${what}${what.startsWith('wrote no Exec') ? ', or a certificate and its key' : ''}`,
      remedy: expect.stringContaining('plugin'),
    });
    expect(String(error)).not.toMatch(/hidden-token|gave no answer/);
    expect(api.requests).toHaveLength(0);
  });

  it('that fails once is run again', async () => {
    expect(await read(await withExec(`[ $(wc -l < '${folder}/runs') = 1 ] && exit 1; ${gives('t')}`))).toEqual(REF);
  });

  it.each([
    [
      'is not installed',
      { command: 'launchpad-no-such-plugin', installHint: 'See\n  https://example.org' },
      'was not found on this machine',
      'Its hint: See https://example.org',
    ],
    ['is not executable', { command: import.meta.filename }, 'could not be started: EACCES', 'Install'],
  ])('that %s is named at once', async (_, exec, what, remedy) => {
    expect(await failed(await withExec('', exec))).toMatchObject({
      code: 'exec-plugin-failed',
      message: expect.stringContaining(what),
      remedy: expect.stringContaining(remedy),
    });
    expect(clock.monotonicMs()).toBe(0);
  });

  it('without a command is refused', async () => {
    await expect(connected(withUser({ exec: { args: ['x'] } }))).rejects.toMatchObject({ code: 'kubeconfig-invalid' });
  });

  it('that hangs is ended after 30 s', async () => {
    const reading = failed(await withExec(`[ $(wc -l < '${folder}/runs') = 2 ] && exit 7; exec sleep 60`));
    await eventually(async () => (await runs()).length === 1);
    clock.advance(30_000);
    await eventually(async () => (await runs()).length >= 2);
    const [first = ''] = await runs();
    await eventually(() => !isRunning(Number(first)));
    // Every run but the second hangs.
    const hurry = setInterval(() => clock.advance(30_000), 50);
    expect(await reading).toMatchObject({ code: 'exec-plugin-failed' });
    clearInterval(hurry);
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(30_000);
  });

  it('is ended when the run is cancelled, with what it started', async () => {
    const cancel = new AbortController();
    const cluster = await connected(await withExec(`sleep 60 & echo $! >> '${folder}/runs'; wait`));
    const reading = cluster.until(cancel.signal).read(REF);
    await eventually(async () => (await runs()).length === 2);
    cancel.abort(new Error('cancelled by somebody'));
    await expect(reading).rejects.toThrow('cancelled by somebody');
    const processes = await runs();
    await eventually(() => !processes.some((one) => isRunning(Number(one))));
  });

  it('goes on for those that still wait', async () => {
    const cancel = new AbortController();
    const cluster = await connected(
      await withExec(`while [ ! -e '${folder}/go' ]; do sleep 0.02; done; ${gives('t')}`),
    );
    const cancelled = cluster.until(cancel.signal).read(REF);
    const waiting = cluster.read(REF);
    await eventually(async () => (await runs()).length === 1);
    cancel.abort(new Error('cancelled by somebody'));
    await expect(cancelled).rejects.toThrow('cancelled by somebody');
    await writeFile(path.join(folder, 'go'), '');
    expect(await waiting).toEqual(REF);
    expect(await runs()).toHaveLength(1);
  });
});

describe('the last line of an exec plugin', () => {
  it.each([
    ['token=hidden1', 'token=***'],
    ['{"access_token":"hidden1","x":1}', '{"access_token":***,"x":1}'],
    ['Authorization: Bearer hidden1hidden', 'Bearer ***'],
    ['login --client-secret hidden1 failed', '--client-secret *** failed'],
    ['login --password=hidden1 failed', '--password=*** failed'],
    ['password: hidden1', 'password: ***'],
    ['GET https://me:hidden1@example.org/x failed', 'https://***@example.org/x failed'],
    ['GET https://example.org/x?sig=1&client_secret=hidden1 failed', 'client_secret=*** failed'],
    ['got eyJoaWRkZW4.eyJoaWRkZW4x.c2ln from it', 'got *** from it'],
    ['got 0123456789abcdef0123456789abcdef from it', 'got *** from it'],
    ['got wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1 from it', 'got *** from it'],
    ['got ghp_0123456789hidden from it', 'got *** from it'],
    ['bad value s3cr3t-of-env here', 'bad value *** here'],
    ['bad value s3cr3t-of-args here', 'bad value *** here'],
    ['\u001b[31mred token=hidden1\u001b[0m', 'red token=***'],
    [
      'An error occurred (ExpiredToken) when calling AssumeRole: the token is expired',
      'AssumeRole: the token is expired',
    ],
    ['AADSTS70043: The refresh token has expired', 'AADSTS70043: The refresh token has expired'],
    ['cannot read /home/runner/.aws/credentials', 'cannot read /home/runner/.aws/credentials'],
    [
      'arn:aws:iam::123456789012:role/Deployer is not allowed',
      'arn:aws:iam::123456789012:role/Deployer is not allowed',
    ],
  ])('shows no secret: %j', (line, shown) => {
    const args = ['--client-secret', 's3cr3t-of-args', '--name', 'here'];
    const environment = { AZURE_CLIENT_SECRET: 's3cr3t-of-env', AWS_PROFILE: 'here' };
    const last = lastLineOf(`first line\n${line}\r\n\n`, secretsOf(environment, args));
    expect(last).toContain(shown);
    expect(last).not.toMatch(/hidden|s3cr3t|first line/);
  });

  it('is without the secrets of its environment and arguments', async () => {
    const exec = {
      args: ['--client-secret', 's3cr3t-of-args'],
      env: [{ name: 'AZURE_CLIENT_SECRET', value: 's3cr3t-of-env' }],
    };
    const error = await failed(await withExec('echo "$AZURE_CLIENT_SECRET $2 here" >&2; exit 1', exec));
    expect(String(error)).toMatch(/ended with exit code 1: \*\*\* \*\*\* here$/);
  });

  it('is cut where it is long', async () => {
    const error = await failed(await withExec(`printf 'x %.0s' {1..1000} >&2; exit 1`));
    expect(String(error).length).toBeLessThan(500);
  });
});

describe('credentials that are refused (401)', () => {
  const refuses = (...tokens: string[]) => {
    isAccepted = ({ headers }) => !tokens.includes(headers.authorization?.replace('Bearer ', '') ?? '');
  };

  it('are asked of the exec plugin again, once', async () => {
    refuses('token-1');
    const cluster = await connected(await withExec(gives('token-$n')));
    expect(await cluster.read(REF)).toEqual(REF);
    await cluster.read(REF);
    expect(api.requests.map(({ authorization }) => authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-2',
      'Bearer token-2',
    ]);
  });

  it('are asked for once for requests at the same time', async () => {
    refuses('token-1');
    const cluster = await connected(await withExec(gives('token-$n')));
    await Promise.all(Array.from({ length: 5 }, () => cluster.read(REF)));
    expect(await runs()).toHaveLength(2);
  });

  it('again after they were asked for are named, at once', async () => {
    isAccepted = () => false;
    const error = await failed(await withExec(gives('token-$n')));
    expect(error).toMatchObject({
      code: 'cluster-refused',
      status: 401,
      message: expect.stringContaining(
        `(the credentials of exec plugin ${folder}/plugin, also after they were asked for again)`,
      ),
      remedy: expect.stringContaining(`does not accept the credentials of exec plugin ${folder}/plugin`),
    });
    expect(await runs()).toHaveLength(2);
    expect(api.requests).toHaveLength(2);
    expect(clock.monotonicMs()).toBe(0);
  });

  it('are read of the kubeconfig again, which may have been renewed', async () => {
    const file = path.join(folder, 'config');
    await writeFile(file, api.kubeconfig);
    const cluster = await connected({ source: { kind: 'file', path: file } });
    await cluster.read(REF);
    refuses('the-token');
    await expect(cluster.read(REF)).rejects.toMatchObject({
      status: 401,
      message: expect.stringContaining(`(the token of user sandbox in the kubeconfig ${file})`),
    });
    expect(api.requests).toHaveLength(2);
    await writeFile(file, api.kubeconfig.replaceAll('the-token', 'the-next-token'));
    expect(await cluster.read(REF)).toEqual(REF);
    expect(api.requests.at(-1)?.authorization).toBe('Bearer the-next-token');
  });

  it('are not taken from a kubeconfig that is for another cluster by now', async () => {
    const file = path.join(folder, 'config');
    await writeFile(file, api.kubeconfig);
    const cluster = await connected({ source: { kind: 'file', path: file } });
    refuses('the-token');
    const other = configured(({ clusters: [first], users: [user] }) => {
      Object.assign(first?.cluster ?? {}, { server: 'https://other.invalid' });
      Object.assign(user ?? {}, { user: { token: 'other-token' } });
    });
    await writeFile(file, other);
    await expect(cluster.read(REF)).rejects.toMatchObject({ status: 401 });
    expect(api.requests.map(({ authorization }) => authorization)).toEqual(['Bearer the-token']);
  });

  it.each([
    ['a token', { token: 'the-token' }, 'the token of user sandbox in the kubeconfig of input kubeconfig'],
    ['a password', { username: 'me', password: 'hidden' }, 'the password of user sandbox'],
    ['nothing', {}, 'the missing credentials of user sandbox'],
  ])('of the input with %s are named, at once', async (_, user, which) => {
    isAccepted = () => false;
    const error = await failed(withUser(user));
    expect(error).toMatchObject({ status: 401, message: expect.stringContaining(`(${which}`) });
    expect(String(error)).not.toMatch(/the-token|hidden/);
    expect(api.requests).toHaveLength(1);
  });

  it('of a token file are read again', async () => {
    const tokenFile = path.join(folder, 'token');
    await writeFile(tokenFile, 'token-1\n');
    const cluster = await connected(withUser({ 'auth-provider': { name: 'tokenFile', config: { tokenFile } } }));
    await cluster.read(REF);
    refuses('token-1');
    await writeFile(tokenFile, 'token-2\n');
    expect(await cluster.read(REF)).toEqual(REF);
    await rm(tokenFile);
    refuses('token-1', 'token-2');
    await expect(cluster.read(REF)).rejects.toMatchObject({
      code: 'credentials-unavailable',
      message: expect.stringContaining('auth provider tokenFile'),
    });
  });
});

function isRunning(process_: number): boolean {
  try {
    return process.kill(process_, 0);
  } catch {
    return false;
  }
}
