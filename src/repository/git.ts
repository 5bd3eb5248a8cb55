import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { exec } from '@actions/exec';
import { abortedAfter } from '../core/concurrency.ts';
import { LaunchpadError } from '../core/errors.ts';
import { once } from '../core/memo.ts';
import { passedOn } from './environment.ts';
import { localFailure } from './local-failures.ts';
import { HTTP_LIMITS, NETWORK_COMMANDS, runNetworkCommand, sshCommand } from './network-command.ts';
import { type GitObject, ObjectReader, ReaderEnded } from './object-reader.ts';
import { DELETE_REF, requireReadOnly } from './read-only.ts';
import { quotedWords } from './words.ts';

/** How git is run: where, as whom, with which credentials and configuration. */
export interface GitOptions {
  readonly directory: string;
  /** Environment of git; what is set below is added. */
  readonly environment: Readonly<Record<string, string>>;
  /** Configuration for each command, beyond what the repository and the user have. May have a token: it goes by environment. */
  readonly config: readonly (readonly [key: string, value: string])[];
  /** Whether the remote is known to have no URL of SSH. */
  readonly hasNoSsh?: boolean;
  /** Refuses every command that could change something. */
  readonly isReadOnly?: boolean;
  /** Ends git when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Called directly before each push; it aborts the signal and throws where none may begin. */
  readonly beforePush?: (() => void) | undefined;
  /** Each command: its arguments, which have no secret, exit code and milliseconds. */
  readonly onCommand?: ((line: string) => void) | undefined;
}

export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** Header Retry-After of the server's last answer, if it had one. */
  readonly retryAfter?: string | undefined;
}

interface CommandOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether it changes the remote: then it gets a moment more when the signal aborts, as it may be done already. */
  readonly isPush?: boolean;
  /** Whether it is done after the signal aborted too. */
  readonly isCleanUp?: boolean;
  /** Its standard input; without it that is empty. */
  readonly input?: Buffer;
}

/** Milliseconds that a push gets to end after the run was cancelled. */
const LAST_PUSH_MS = 2_000;

/**
 * Git, and the only place where it is run. Configuration and credentials go by the environment, so that neither an
 * argument list nor the repository's or the user's configuration ever has them.
 */
export class Git {
  readonly #options: GitOptions;
  readonly #abandoned: AbortSignal | undefined;
  readonly #shared: { readonly sshEnvironment: () => Promise<Record<string, string>>; readonly reader: ObjectReader };

  /** @param from one of the same clone, whose processes it shares */
  constructor(options: GitOptions, from?: Git) {
    this.#options = options;
    this.#shared =
      from !== undefined
        ? from.#shared
        : {
            sshEnvironment: once(() => this.#readSshEnvironment()),
            reader: new ObjectReader({
              directory: options.directory,
              environment: () => this.#environment(),
              onStart: () => options.onCommand?.('git cat-file --batch: started'),
            }),
          };
    this.#abandoned = options.signal === undefined ? undefined : abortedAfter(options.signal, LAST_PUSH_MS);
  }

  get directory(): string {
    return this.#options.directory;
  }

  /** The same git, which refuses every command that could change something. */
  readOnly(): Git {
    return new Git({ ...this.#options, isReadOnly: true }, this);
  }

  /** The same git for pushes that this signal ends. */
  until(signal: AbortSignal, beforePush?: () => void): Git {
    return new Git({ ...this.#options, signal, beforePush }, this);
  }

  /**
   * Runs a command, and returns its exit code and output. A non-zero code is no error here.
   *
   * @throws the signal's reason when it aborts, LaunchpadError `git-missing`
   */
  async run(args: readonly string[], options: CommandOptions = {}): Promise<GitResult> {
    const { directory, signal, isReadOnly = false, onCommand } = this.#options;
    if (isReadOnly) requireReadOnly(args);
    if (options.isCleanUp !== true) signal?.throwIfAborted();
    const start = performance.now();
    const result = await this.#run(args, options).catch(async (error: unknown) => {
      signal?.throwIfAborted();
      throw await notRun(directory, error);
    });
    onCommand?.(`git ${shortened(args)}: exit code ${result.code}, ${Math.round(performance.now() - start)} ms`);
    return result;
  }

  /** Runs a command that must succeed, and returns its output without the line end. */
  async text(args: readonly string[], options: CommandOptions = {}): Promise<string> {
    return (await this.bytes(args, options)).toString('utf8').trimEnd();
  }

  /** Runs a command that must succeed, and returns its output. @throws LaunchpadError `git-failed`, and as `run` */
  async bytes(args: readonly string[], options: CommandOptions = {}): Promise<Buffer> {
    const { code, stdout, stderr } = await this.run(args, options);
    if (code === 0) return stdout;
    throw failed(args[0] ?? '', stderr, this.directory);
  }

  /**
   * Reads an object of the clone.
   *
   * @param name such as a hash, or `refs/heads/main^{tree}`
   * @returns undefined if the clone does not have it
   * @throws the signal's reason when it aborts, LaunchpadError `git-missing`, `git-failed` and as of `localFailure`
   */
  async object(name: string): Promise<GitObject | undefined> {
    const { directory, signal } = this.#options;
    signal?.throwIfAborted();
    const found = await this.#shared.reader.read(name).catch(async (error: unknown) => {
      if (!(error instanceof ReaderEnded)) throw await notRun(directory, error);
      throw failed('cat-file', error.stderr, directory);
    });
    signal?.throwIfAborted();
    return found;
  }

  /** The content of an object that the clone must have. @throws LaunchpadError `checkout-damaged`, and as `object` */
  async content(name: string, type: 'blob' | 'tree'): Promise<Buffer> {
    const found = await this.object(name);
    if (found?.type === type) return found.bytes;
    throw failed('cat-file', `missing ${type} ${name}`, this.directory);
  }

  /** Ends the process that reads objects. */
  close(): void {
    this.#shared.reader.close();
  }

  /** Deletes a ref that a fetch of this run made. One that is not there, or cannot be deleted, is no error. */
  async deleteOwnRef(ref: string): Promise<void> {
    await this.run([...DELETE_REF, ref], { isCleanUp: true }).catch(() => undefined);
  }

  async #run(
    args: readonly string[],
    { environment, isPush = false, isCleanUp = false, input }: CommandOptions,
  ): Promise<GitResult> {
    const { directory, signal } = this.#options;
    const all = { ...this.#environment(), ...environment };
    if (!NETWORK_COMMANDS.includes(args[0] ?? '')) {
      const result = await (input === undefined
        ? runHere(args, directory, all)
        : runWithInput(args, directory, all, input));
      if (!isCleanUp) signal?.throwIfAborted();
      return result;
    }
    const ssh = await this.#shared.sshEnvironment();
    if (isPush) this.#options.beforePush?.();
    return await runNetworkCommand(args, {
      directory,
      environment: { ...all, ...ssh },
      signal: isPush ? this.#abandoned : signal,
    });
  }

  async #readSshEnvironment(): Promise<Record<string, string>> {
    const { directory, environment, hasNoSsh = false } = this.#options;
    if (hasNoSsh) return {};
    const { stdout } = await runHere(['config', '--get', 'core.sshCommand'], directory, this.#environment());
    const command = sshCommand(environment, stdout.toString('utf8').trim());
    return command === undefined ? {} : { GIT_SSH_COMMAND: command };
  }

  #environment(): Record<string, string> {
    const { environment, config } = this.#options;
    const entries = [
      ...HTTP_LIMITS,
      // The clone's own hooks are for its own commits.
      ['core.hooksPath', '/dev/null'],
      ['push.gpgSign', 'false'],
      ['push.followTags', 'false'],
      ['push.recurseSubmodules', 'no'],
      ['gc.auto', '0'],
      ['maintenance.auto', 'false'],
      ...config,
    ] as const;
    // The caller may give git configuration in the same way: ours comes after it.
    const first = Number.parseInt(environment.GIT_CONFIG_COUNT ?? '', 10) || 0;
    return {
      ...passedOn(environment),
      LC_ALL: 'C',
      GIT_TERMINAL_PROMPT: '0',
      // The caller's index is not refreshed: another git may hold its lock.
      GIT_OPTIONAL_LOCKS: '0',
      GIT_CONFIG_COUNT: String(first + entries.length),
      ...Object.fromEntries(
        entries.flatMap(([key, value], index) => [
          [`GIT_CONFIG_KEY_${first + index}`, key],
          [`GIT_CONFIG_VALUE_${first + index}`, value],
        ]),
      ),
    };
  }
}

/** A command may name hundreds of objects or files. */
function shortened(args: readonly string[], most = 20): string {
  return args.length <= most ? args.join(' ') : `${args.slice(0, most).join(' ')} … (${args.length - most} more)`;
}

/** Runs a command that works on this machine alone. `silent` also keeps @actions/exec from printing the command. */
async function runHere(args: readonly string[], cwd: string, env: Record<string, string>): Promise<GitResult> {
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  const listeners = {
    stdout: (bytes: Buffer) => void stdout.push(bytes),
    stderr: (bytes: Buffer) => void stderr.push(bytes),
  };
  // Despite its type, @actions/exec gives null for a command that a signal ended.
  const code: number | null = await exec('git', [...args], {
    cwd,
    env,
    silent: true,
    ignoreReturnCode: true,
    listeners,
  });
  return resultOf(code, stdout, stderr);
}

/**
 * Runs a command that works on this machine alone and reads its standard input. If git ends before it has read all,
 * @actions/exec lets the broken pipe end this process: therefore node:child_process runs it.
 *
 * @throws Node's error if git cannot be started
 */
async function runWithInput(
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
  input: Buffer,
): Promise<GitResult> {
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  const child = spawn('git', args, { cwd, env });
  child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes));
  // Git's exit code and words say why it ended.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  return resultOf(code, stdout, stderr);
}

function resultOf(code: number | null, stdout: readonly Buffer[], stderr: readonly Buffer[]): GitResult {
  return { code: code ?? 128, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8') };
}

function failed(command: string, stderr: string, directory: string): LaunchpadError {
  return (
    localFailure(stderr, directory)?.error ??
    new LaunchpadError('git-failed', `git ${command} failed in ${directory}: ${quotedWords(stderr)}`)
  );
}

async function notRun(directory: string, cause: unknown): Promise<LaunchpadError> {
  const found = await stat(directory).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    const remedy = 'Put a step `uses: actions/checkout@v5` before this one; input repository-path says where it is.';
    return new LaunchpadError('no-checkout', `${directory} is not a directory that can be read.`, { remedy, cause });
  }
  return new LaunchpadError('git-missing', `git could not be run in ${directory}: is it installed?`, {
    remedy: 'Install git 2.31 or newer on the runner, before the step actions/checkout, which needs it too.',
    cause,
  });
}
