import { once } from 'node:events';
import { access, chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { runChild } from '../../src/repository/child-process.ts';
import { sshCommand } from '../../src/repository/environment.ts';
import { Git } from '../../src/repository/git.ts';
import { classify } from '../../src/repository/refusals.ts';
import { fetchTemplate } from '../../src/repository/template-sources.ts';
import { givenRepositories, listen, NO_DELAY } from './given.ts';

const LIMITS = '-o ConnectTimeout=30 -o ServerAliveInterval=10 -o ServerAliveCountMax=3 -o BatchMode=yes';
const CANCELLED = new Error('cancelled by somebody');
const SSH_URL = 'ssh://git@git.example.org/org/template.git';
const given = givenRepositories();

/** A server that accepts a connection, and never answers. */
let silent: Server;
let port = 0;
const accepted: Socket[] = [];
beforeAll(async () => {
  silent = createServer((socket) => accepted.push(socket));
  port = await listen(silent);
});
afterAll(() => {
  for (const socket of accepted) socket.destroy();
  silent.close();
});

/** A directory with a program `ssh` that records its arguments and its process, one a line, and then does as the script says. */
let count = 0;
async function fakeSsh(script: string) {
  count += 1;
  const directory = path.join(given.home, `bin-${count}`);
  await mkdir(directory);
  const [file, log] = [path.join(directory, 'ssh'), path.join(directory, 'log')];
  await writeFile(file, `#!/bin/sh\necho "$$ $*" >>"${log}"\n${script}\n`);
  await chmod(file, 0o755);
  const environment = { ...given.environment, PATH: `${directory}:${process.env.PATH}` };
  return { file, environment, calls: async () => (await readFile(log, 'utf8')).trim().split('\n') };
}

const template = { url: SSH_URL, version: undefined, directory: undefined };

describe('a server that accepts a connection and never answers', () => {
  it("ends by git's own limit over HTTP, which counts as a connection that failed", async () => {
    const git = new Git({
      directory: given.home,
      environment: given.environment,
      config: [['http.lowSpeedTime', '1']],
    });
    const { code, stderr } = await git.run(['ls-remote', `http://127.0.0.1:${port}/org/cluster.git`]);
    expect(code).not.toBe(0);
    expect(stderr).toContain('Less than 1000 bytes/sec');
    expect(classify(stderr, { url: 'x', branch: 'main' }).error.code).toBe('repository-unreachable');
  });

  it.each(['http', 'https'])(
    'keeps neither a template of a cancelled run nor its connection over %s',
    async (protocol) => {
      const cancel = new AbortController();
      const connected = once(silent, 'connection');
      const fetched = fetchTemplate(
        { ...template, url: `${protocol}://127.0.0.1:${port}/org/template.git` },
        { environment: given.environment, signal: cancel.signal, clock: NO_DELAY },
      );
      const [socket] = await connected;
      socket.resume();
      const closed = once(socket, 'close');
      cancel.abort(CANCELLED);
      await expect(fetched).rejects.toBe(CANCELLED);
      await closed;
    },
  );
});

describe('a push', () => {
  const OLD = '0'.repeat(40);
  const line = (text: string) => `${(text.length + 4).toString(16).padStart(4, '0')}${text}`;
  const greeting = `${line('# service=git-receive-pack\n')}0000${line(`${OLD} capabilities^{}\0report-status side-band-64k`)}0000`;
  const report = line(`\x01${line('unpack ok\n')}${line('ok refs/heads/main\n')}0000`);

  /** Pushes to a server that answers so, after that time; with 300 ms to end once the answer is there. */
  async function push(answer: string, waitMs: number) {
    const server = createHttpServer((request, response) => {
      const isPush = request.method === 'POST';
      response.setHeader('content-type', `application/x-git-receive-pack-${isPush ? 'result' : 'advertisement'}`);
      request.resume().on('end', () => setTimeout(() => response.end(isPush ? answer : greeting), isPush ? waitMs : 0));
    });
    const url = `http://127.0.0.1:${await listen(server)}/org/cluster.git`;
    const directory = path.join(given.home, `push-${waitMs}-${answer.length}`);
    const git = new Git({ directory, environment: given.environment, config: [] });
    await mkdir(directory);
    await git.text(['init', '--quiet']);
    const author = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
    await git.text([...author, 'commit', '--quiet', '--allow-empty', '--message', 'first']);
    const environment = { ...given.environment, LC_ALL: 'C' };
    const args = ['push', '--quiet', url, 'HEAD:refs/heads/main'];
    try {
      return await runChild(args, { directory, environment, answeredMs: 300 });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  it('whose answer ends early, as if it were complete, is ended: git would wait for ever', async () => {
    const { code, stderr } = await push(`${report.slice(0, 20)}`, 0);
    expect(code).not.toBe(0);
    expect(classify(stderr, { url: 'x', branch: 'main' })).toMatchObject({
      error: { code: 'repository-unreachable' },
      isTransient: true,
    });
  });

  it('is not ended while the server takes its time', async () => {
    expect(await push(`${report}0000`, 900)).toMatchObject({ code: 0 });
  });
});

describe('SSH', () => {
  it('gets limits and no question, and a failed connection is tried again', async () => {
    const ssh = await fakeSsh(
      'echo "ssh: connect to host git.example.org port 22: Connection timed out" >&2; exit 255',
    );
    const lines: string[] = [];
    const onRetry = (line: string) => lines.push(line);
    const fetched = fetchTemplate(template, { environment: ssh.environment, clock: NO_DELAY, onRetry });
    await expect(fetched).rejects.toMatchObject({ code: 'template-unreachable' });
    const calls = await ssh.calls();
    expect(calls).toHaveLength(5);
    for (const call of calls) expect(call).toContain(` ${LIMITS} `);
    expect(lines).toHaveLength(4);
    expect(lines[3]).toContain('Trying again (5 of 5).');
  });

  it('does not wait for what ssh leaves behind', async () => {
    const ssh = await fakeSsh('sleep 60 </dev/null >/dev/null 2>&1 & echo $! >>"$0.left"; exit 255');
    const fetched = fetchTemplate(template, { environment: ssh.environment, clock: NO_DELAY });
    await expect(fetched).rejects.toMatchObject({ code: 'template-unreachable' });
    const [left] = (await readFile(`${ssh.file}.left`, 'utf8')).split('\n');
    expect(process.kill(Number(left), 'SIGKILL')).toBe(true);
  });

  it("keeps the checkout's own command, with the limits after its options", async () => {
    const ssh = await fakeSsh('exit 255');
    const { checkout } = await given.openNew();
    await checkout.git('config', 'core.sshCommand', `"${ssh.file}" -i "$HOME/key" -o StrictHostKeyChecking=yes`);
    await checkout.git('remote', 'set-url', 'origin', SSH_URL);
    const repository = await given.open(checkout);
    await expect(repository.fetchHead()).rejects.toMatchObject({ code: 'push-failed' });
    expect((await ssh.calls())[0]).toContain(`-i ${given.home}/key -o StrictHostKeyChecking=yes ${LIMITS} `);
  });

  it('ends with the run that is cancelled, and leaves no directory', async () => {
    const started = path.join(given.home, 'started');
    const ssh = await fakeSsh(`pwd >"${started}.part"; mv "${started}.part" "${started}"; exec sleep 600`);
    const cancel = new AbortController();
    const fetched = fetchTemplate(template, { environment: ssh.environment, signal: cancel.signal, clock: NO_DELAY });
    while (!(await exists(started))) await new Promise((resolve) => setImmediate(resolve));
    cancel.abort(CANCELLED);
    await expect(fetched).rejects.toBe(CANCELLED);
    const [pid] = ((await ssh.calls())[0] ?? '').split(' ');
    while (isRunning(Number(pid))) await new Promise((resolve) => setImmediate(resolve));
    expect(await exists((await readFile(started, 'utf8')).trim())).toBe(false);
  });

  it.each([
    ['the default', {}, undefined, `ssh ${LIMITS}`],
    ['GIT_SSH_COMMAND, before all others', { GIT_SSH_COMMAND: 'ssh -v', GIT_SSH: 'x' }, 'y', `ssh -v ${LIMITS}`],
    ['core.sshCommand', { GIT_SSH: 'x' }, '/usr/bin/ssh -i k', `/usr/bin/ssh -i k ${LIMITS}`],
    ['GIT_SSH', { GIT_SSH: '/usr/bin/ssh' }, '', `/usr/bin/ssh ${LIMITS}`],
  ])('is extended: %s', (_, environment, configured, expected) => {
    expect(sshCommand(environment, configured)).toBe(expected);
  });

  it.each([
    [{ GIT_SSH: '/opt/bin/git-ssh-wrapper' }, undefined],
    [{ GIT_SSH: '/opt/my tools/ssh' }, undefined],
    [{ GIT_SSH_COMMAND: 'plink -batch' }, undefined],
    [{ GIT_SSH_COMMAND: 'ssh -v 2>log' }, undefined],
    [{ GIT_SSH_COMMAND: 'cd /tmp && ssh' }, undefined],
    [{}, 'ssh -o ProxyCommand="$(which nc) %h %p"'],
    [{}, 'sshpass -e ssh'],
  ])('is left alone where the command is not plainly OpenSSH: %j %j', (environment, configured) => {
    expect(sshCommand(environment, configured)).toBeUndefined();
  });
});

describe('git on this machine', () => {
  it('works in a path with spaces and passes bytes and a large output through, without a line on the console', async () => {
    const bytes = Buffer.alloc(3_000_001, Buffer.from([0, 255, 13, 10, 65]));
    await writeFile(path.join(given.home, 'a file'), bytes);
    const log: string[] = [];
    const options = { environment: given.environment, config: [['user.token', 'secret-7']] as const };
    const git = new Git({ ...options, directory: given.home, onCommand: (line) => log.push(line) });
    await git.text(['init', '--quiet', '.']);
    const object = await git.text(['hash-object', '-w', '--no-filters', 'a file']);
    expect((await git.bytes(['show', object])).equals(bytes)).toBe(true);
    expect(await git.text(['config', '--get', 'user.token'])).toBe('secret-7');
    expect(log.join()).not.toContain('secret-7');
  });

  it('that cannot start is an error: the directory is missing, or git is', async () => {
    const git = new Git({ directory: path.join(given.home, 'nowhere'), environment: given.environment, config: [] });
    for (const command of ['status', 'fetch']) {
      await expect(git.run([command])).rejects.toMatchObject({ code: 'no-checkout' });
    }
    const environment = { ...given.environment, PATH: given.home };
    const none = new Git({ directory: given.home, environment, config: [] });
    await expect(none.run(['fetch'])).rejects.toMatchObject({
      code: 'git-missing',
      remedy: expect.stringContaining('before the step actions/checkout'),
    });
  });
});

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
