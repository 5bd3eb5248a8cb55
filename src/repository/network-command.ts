import { type ChildProcess, spawn } from 'node:child_process';

/** Git's commands that talk to a remote. */
export const NETWORK_COMMANDS: readonly string[] = ['fetch', 'ls-remote', 'push'];

/** Seconds that a connection, or its login, may take. */
const CONNECT_SECONDS = 30;
/** Seconds between two questions to a silent SSH server; after three without an answer the connection has hung. */
const ALIVE_SECONDS = 10;

/**
 * Configuration that ends a transfer over HTTP that has hung: one slower than 1 kB/s for 30 seconds
 * (https://git-scm.com/docs/git-config#Documentation/git-config.txt-httplowSpeedLimit).
 */
export const HTTP_LIMITS: readonly (readonly [key: string, value: string])[] = [
  ['http.lowSpeedLimit', '1000'],
  ['http.lowSpeedTime', '30'],
];

/** The same for SSH, and no question to an operator (https://man.openbsd.org/ssh_config). */
const SSH_LIMITS = [
  `ConnectTimeout=${CONNECT_SECONDS}`,
  `ServerAliveInterval=${ALIVE_SECONDS}`,
  'ServerAliveCountMax=3',
  'BatchMode=yes',
];

/** OpenSSH by its name or path, such as actions/checkout writes: `"/usr/bin/ssh" -i "$RUNNER_TEMP/key" -o …`. */
const OPENSSH = /^\s*(?:(?:[\w./-]*\/)?ssh|"(?:[^"$`\\]*\/)?ssh"|'(?:[^']*\/)?ssh')(?=\s|$)/;
/** More than one command, or an end of the options. */
const NOT_EXTENSIBLE = /[;|&<>()`#\n\\]|\s--(\s|$)/;

/**
 * The SSH command with limits. OpenSSH takes the first value of an option, so the operator's own come first.
 *
 * @param environment of git
 * @param configured core.sshCommand of git's configuration
 * @returns value of GIT_SSH_COMMAND; undefined where the operator's own command is not plainly OpenSSH, and stays as it is
 * @see https://git-scm.com/docs/git#Documentation/git.txt-codeGITSSHcode for the order of the three
 */
export function sshCommand(
  environment: Readonly<Record<string, string>>,
  configured: string | undefined,
): string | undefined {
  const { GIT_SSH_COMMAND, GIT_SSH } = environment;
  const command = GIT_SSH_COMMAND || configured || GIT_SSH || 'ssh';
  if (!OPENSSH.test(command) || NOT_EXTENSIBLE.test(command)) return undefined;
  return [command, ...SSH_LIMITS.map((limit) => `-o ${limit}`)].join(' ');
}

export interface NetworkOptions {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Ends git when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a git command that talks to a remote. A run that is cancelled or loses its Lease must end it, and @actions/exec
 * cannot end what it runs: therefore node:child_process runs it. It gets a process group of its own, as git does not end
 * its helpers (git-remote-https, ssh) when it is ended itself.
 *
 * @throws the signal's reason when it aborts; Node's error if git cannot be started
 */
export async function runNetworkCommand(
  args: readonly string[],
  { directory, environment, signal }: NetworkOptions,
): Promise<{ readonly code: number; readonly stdout: Buffer; readonly stderr: string }> {
  signal?.throwIfAborted();
  const ended = Promise.withResolvers<{ code: number | null; by: string | null }>();
  const options = { cwd: directory, env: environment, detached: true } as const;
  const child = spawn('git', args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes));
  child.once('error', ended.reject);
  child.once('close', (code, by) => ended.resolve({ code, by }));
  const end = () => endGroup(child);
  const abort = () => {
    end();
    ended.reject(signal?.reason);
  };
  signal?.addEventListener('abort', abort, { once: true });
  process.once('exit', end);
  try {
    const { code, by } = await ended.promise;
    const said = Buffer.concat(stderr).toString('utf8');
    return { code: code ?? 128, stdout: Buffer.concat(stdout), stderr: by ? `${said}\ngit was ended by ${by}` : said };
  } finally {
    signal?.removeEventListener('abort', abort);
    process.removeListener('exit', end);
  }
}

function endGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
  } catch {
    // There are no process groups here (Windows), or all of it has ended.
    child.kill();
  }
}
