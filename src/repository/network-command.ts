import { type ChildProcess, spawn } from 'node:child_process';
import { Readable } from 'node:stream';

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
  /** Milliseconds that git has to end after the last answer to a push. */
  readonly answeredMs?: number;
}

/**
 * Milliseconds until a push whose answer has been received must have ended. Where that answer lacks its end, `git send-pack`
 * waits for more of it for ever, and `git remote-https`, which has it all, waits for `git send-pack`.
 */
const ANSWERED_MS = 30_000;
/** The words of libcurl, in its trace, for a connection that is kept after an answer, and for one that is not. */
const ANSWERED = ['left intact', 'losing connection', 'shutting down connection'];
/** What git is told to say then; it counts as a lost connection. */
const HALF_AN_ANSWER = 'fatal: the remote hung up in the middle of its answer';

interface NetworkResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** Header Retry-After of the server's last answer, if it had one. */
  readonly retryAfter: string | undefined;
}

/**
 * Lets git write the headers of the server to descriptor 3, where Retry-After is read: no message of git has it. Not where
 * the caller traces himself (https://git-scm.com/docs/git#Documentation/git.txt-codeGITTRACECURLcode).
 */
const TRACE_HEADERS = { GIT_TRACE_CURL: '3', GIT_TRACE_CURL_NO_DATA: '1', GIT_TRACE_REDACT: '1' };

/**
 * Runs a git command that talks to a remote. A run that is cancelled or loses its Lease must end it, and @actions/exec
 * cannot end what it runs: therefore node:child_process runs it. It gets a process group of its own, as git does not end
 * its helpers (git-remote-https, ssh) when it is ended itself.
 *
 * @throws the signal's reason when it aborts; Node's error if git cannot be started
 */
export async function runNetworkCommand(
  args: readonly string[],
  { directory, environment, signal, answeredMs = ANSWERED_MS }: NetworkOptions,
): Promise<NetworkResult> {
  signal?.throwIfAborted();
  const ended = Promise.withResolvers<{ code: number | null; by: string | null }>();
  const isTraced = environment.GIT_TRACE_CURL !== undefined || environment.GIT_CURL_VERBOSE !== undefined;
  const env = isTraced ? environment : { ...environment, ...TRACE_HEADERS };
  const child = spawn('git', args, { cwd: directory, env, detached: true, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout?.on('data', (bytes: Buffer) => stdout.push(bytes));
  child.stderr?.on('data', (bytes: Buffer) => stderr.push(bytes));
  let isHung = false;
  let limit: NodeJS.Timeout | undefined;
  const headers = headersOf(child, (isAnswered) => {
    clearTimeout(limit);
    if (!isAnswered) return;
    limit = setTimeout(() => {
      isHung = true;
      end();
    }, answeredMs);
  });
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
    return {
      code: code ?? 128,
      stdout: Buffer.concat(stdout),
      stderr: isHung ? `${said}\n${HALF_AN_ANSWER}` : by ? `${said}\ngit was ended by ${by}` : said,
      retryAfter: headers.retryAfter(),
    };
  } finally {
    clearTimeout(limit);
    signal?.removeEventListener('abort', abort);
    process.removeListener('exit', end);
  }
}

/**
 * Reads the trace of git. It ends with git, even where a helper that stays behind has it open (ControlPersist of SSH).
 *
 * @param onPush called with false when a request is sent, and with true when the answer to a push has been received
 */
function headersOf(
  child: ChildProcess,
  onPush: (isAnswered: boolean) => void,
): { readonly retryAfter: () => string | undefined } {
  const trace = child.stdio[3];
  let rest = '';
  let found: string | undefined;
  let isPush = false;
  if (!(trace instanceof Readable)) return { retryAfter: () => undefined };
  trace.on('error', () => undefined);
  trace.on('data', (bytes: Buffer) => {
    const lines = `${rest}${bytes.toString('latin1')}`.split('\n');
    rest = (lines.pop() ?? '').slice(0, 4_096);
    for (const line of lines) {
      if (/=> Send header: (?:GET|POST) /.test(line)) {
        isPush = line.includes('/git-receive-pack ');
        onPush(false);
      }
      if (isPush && line.includes('== Info: ') && ANSWERED.some((words) => line.includes(words))) onPush(true);
      if (/<= Recv header: HTTP\//i.test(line)) found = undefined;
      found = /<= Recv header: retry-after: *([^\r]{1,100})/i.exec(line)?.[1]?.trim() ?? found;
    }
  });
  child.once('exit', () => setImmediate(() => trace.destroy()));
  return { retryAfter: () => found };
}

function endGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
  } catch {
    // There are no process groups here (Windows), or all of it has ended.
    child.kill();
  }
}
