import { type ChildProcess, spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { exec } from '@actions/exec';

export interface CommandResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** Header Retry-After of the server's last answer, if it had one. */
  readonly retryAfter?: string | undefined;
}

export interface CommandPlace {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Runs a command that works on this machine alone. `silent` also keeps @actions/exec from printing the command. */
export async function runHere(
  args: readonly string[],
  { directory, environment }: CommandPlace,
): Promise<CommandResult> {
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  const listeners = {
    stdout: (bytes: Buffer) => void stdout.push(bytes),
    stderr: (bytes: Buffer) => void stderr.push(bytes),
  };
  // Despite its type, @actions/exec gives null for a command that a signal ended.
  const code: number | null = await exec('git', [...args], {
    cwd: directory,
    env: { ...environment },
    silent: true,
    ignoreReturnCode: true,
    listeners,
  });
  return { code: code ?? 128, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8') };
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

/**
 * Lets git write the headers of the server to descriptor 3, where Retry-After is read: no message of git has it. Not where
 * the caller traces himself (https://git-scm.com/docs/git#Documentation/git.txt-codeGITTRACECURLcode).
 */
const TRACE_HEADERS = { GIT_TRACE_CURL: '3', GIT_TRACE_CURL_NO_DATA: '1', GIT_TRACE_REDACT: '1' };

interface ChildOptions extends CommandPlace {
  /** Ends git when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Its standard input; without it that is empty. */
  readonly input?: Buffer | undefined;
  /** Milliseconds that git has to end after the last answer to a push. */
  readonly answeredMs?: number;
}

/**
 * Runs what @actions/exec cannot. A command that talks to a remote must end with a run that is cancelled or loses its Lease,
 * and that package cannot end what it runs. If git ends before it has read all its input, that package lets the broken pipe
 * end this process. Git gets a process group of its own, as it does not end its helpers (git-remote-https, ssh) when it is
 * ended itself.
 *
 * @throws the signal's reason when it aborts; Node's error if git cannot be started
 */
export async function runChild(
  args: readonly string[],
  { directory, environment, signal, input, answeredMs = ANSWERED_MS }: ChildOptions,
): Promise<CommandResult> {
  signal?.throwIfAborted();
  const ended = Promise.withResolvers<{ code: number | null; by: string | null }>();
  const isTraced = environment.GIT_TRACE_CURL !== undefined || environment.GIT_CURL_VERBOSE !== undefined;
  const env = isTraced ? environment : { ...environment, ...TRACE_HEADERS };
  const child = spawn('git', args, {
    cwd: directory,
    env,
    detached: true,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  // Git's exit code and words say why it ended.
  child.stdin?.on('error', () => undefined).end(input);
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
