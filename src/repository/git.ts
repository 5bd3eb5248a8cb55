import { exec } from '@actions/exec';
import { abortedAfter } from '../core/concurrency.ts';
import { LaunchpadError } from '../core/errors.ts';
import { once } from '../core/memo.ts';
import { HTTP_LIMITS, NETWORK_COMMANDS, runNetworkCommand, sshCommand } from './network-command.ts';
import { requireReadOnly } from './read-only.ts';

/** How git is run: where, as whom, with which credentials and configuration. */
export interface GitOptions {
  readonly directory: string;
  /** Environment of git; what is set below is added. */
  readonly environment: Readonly<Record<string, string>>;
  /** Configuration for each command, beyond what the repository and the user have. May have a token: it goes by environment. */
  readonly config: readonly (readonly [key: string, value: string])[];
  /** Refuses every command that could change something. */
  readonly isReadOnly?: boolean;
  /** Ends git when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Each command: its arguments, which have no secret, exit code and milliseconds. */
  readonly onCommand?: ((line: string) => void) | undefined;
}

export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

interface CommandOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether it changes the remote: then it gets a moment more when the signal aborts, as it may be done already. */
  readonly isPush?: boolean;
}

/** Milliseconds that a push gets to end after the run was cancelled. */
const LAST_PUSH_MS = 2_000;

/**
 * Git, and the only place where it is run. Configuration and credentials go by the environment, so that neither an
 * argument list nor the repository's or the user's configuration ever has them. No command reads its standard input: if
 * git ends before it reads that, @actions/exec lets the broken pipe end this process.
 */
export class Git {
  readonly #options: GitOptions;
  readonly #abandoned: AbortSignal | undefined;
  readonly #sshEnvironment = once(() => this.#readSshEnvironment());

  constructor(options: GitOptions) {
    this.#options = options;
    this.#abandoned = options.signal === undefined ? undefined : abortedAfter(options.signal, LAST_PUSH_MS);
  }

  /** The same git, which refuses every command that could change something. */
  readOnly(): Git {
    return new Git({ ...this.#options, isReadOnly: true });
  }

  /**
   * Runs a command, and returns its exit code and output. A non-zero code is no error here.
   *
   * @throws the signal's reason when it aborts, LaunchpadError `git-missing`
   */
  async run(args: readonly string[], options: CommandOptions = {}): Promise<GitResult> {
    const { directory, signal, isReadOnly = false, onCommand } = this.#options;
    if (isReadOnly) requireReadOnly(args);
    signal?.throwIfAborted();
    const start = performance.now();
    const result = await this.#run(args, options).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw notRun(directory, error);
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
    const { directory } = this.#options;
    throw new LaunchpadError('git-failed', `git ${args[0]} failed in ${directory}: ${withoutCredentials(stderr)}`);
  }

  async #run(args: readonly string[], { environment, isPush = false }: CommandOptions): Promise<GitResult> {
    const { directory, signal } = this.#options;
    const all = { ...this.#environment(), ...environment };
    if (!NETWORK_COMMANDS.includes(args[0] ?? '')) {
      const result = await runHere(args, directory, all);
      signal?.throwIfAborted();
      return result;
    }
    return await runNetworkCommand(args, {
      directory,
      environment: { ...all, ...(await this.#sshEnvironment()) },
      signal: isPush ? this.#abandoned : signal,
    });
  }

  async #readSshEnvironment(): Promise<Record<string, string>> {
    const { directory, environment } = this.#options;
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
    const first = Number(environment.GIT_CONFIG_COUNT ?? 0);
    return {
      ...environment,
      LC_ALL: 'C',
      GIT_TERMINAL_PROMPT: '0',
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
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
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
  return { code: code ?? 128, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8') };
}

function notRun(directory: string, cause: unknown): LaunchpadError {
  return new LaunchpadError('git-missing', `git could not be run in ${directory}.`, {
    remedy: 'Install git on the runner, and check that the checkout exists.',
    cause,
  });
}

/** Git's words without the credentials that a URL in them may have, on one line. */
export function withoutCredentials(text: string): string {
  return text
    .replace(/:\/\/[^\s/?#]*@/g, '://')
    .replace(/^(remote|hint):\s*/gm, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
}
