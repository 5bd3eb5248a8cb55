import { execFile } from 'node:child_process';
import { abortedAfter } from '../core/concurrency.ts';
import { LaunchpadError } from '../core/errors.ts';
import { requireReadOnly } from './read-only.ts';

/** How git is run: where, as whom, with which credentials and configuration. */
export interface GitOptions {
  readonly directory: string;
  /** Environment of git; what is set below is added. */
  readonly environment: Readonly<Record<string, string>>;
  /** Configuration for each command, beyond what the repository and the user have. May hold a token: it goes by environment. */
  readonly config: readonly (readonly [key: string, value: string])[];
  /** Refuses every command that could change something. */
  readonly isReadOnly?: boolean;
  /** Ends git when it aborts. */
  readonly signal?: AbortSignal;
  /** Each command: its arguments, which hold no secret, exit code and milliseconds. */
  readonly onCommand?: (line: string) => void;
}

export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** A command that is to be told something besides its arguments. */
export interface GitInput {
  readonly input?: Uint8Array;
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether it changes the remote: then it gets a moment more when the signal aborts, as it may be done already. */
  readonly isPush?: boolean;
}

/** A transfer slower than 1 kB/s for this many seconds has hung, and ends. */
const LOW_SPEED_SECONDS = '30';
/** Milliseconds that a push gets for its end after the run was cancelled. */
const LAST_PUSH_MS = 2_000;

/**
 * Git, and the only place where it is run. Configuration and credentials go by the environment, so that neither an
 * argument list nor the repository's or the user's configuration ever holds them.
 */
export class Git {
  readonly #options: GitOptions;
  readonly #abandoned: AbortSignal | undefined;

  constructor(options: GitOptions) {
    this.#options = options;
    this.#abandoned = options.signal === undefined ? undefined : abortedAfter(options.signal, LAST_PUSH_MS);
  }

  /** The same git, which refuses every command that could change something. */
  readOnly(): Git {
    return new Git({ ...this.#options, isReadOnly: true });
  }

  /**
   * Runs a command and gives back how it ended, whatever that is.
   *
   * @throws the signal's reason when it aborts, LaunchpadError `git-missing`
   */
  async run(args: readonly string[], { input, environment = {}, isPush = false }: GitInput = {}): Promise<GitResult> {
    const { directory, signal, isReadOnly = false, onCommand } = this.#options;
    if (isReadOnly) requireReadOnly(args);
    signal?.throwIfAborted();
    const limit = isPush ? this.#abandoned : signal;
    const start = performance.now();
    const options = {
      cwd: directory,
      env: { ...this.#environment(), ...environment },
      encoding: 'buffer',
      maxBuffer: Number.POSITIVE_INFINITY,
      ...(limit === undefined ? {} : { signal: limit }),
    } as const;
    const result = await new Promise<GitResult>((resolve, reject) => {
      const child = execFile('git', args, options, (error, stdout, stderr) => {
        const said = stderr.toString('utf8');
        if (error === null) resolve({ code: 0, stdout, stderr: said });
        else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr: said });
        else if (limit?.aborted) reject(limit.reason);
        else if (error.signal) resolve({ code: 128, stdout, stderr: `${said}\ngit was ended by ${error.signal}` });
        else reject(notRun(directory, error));
      });
      // Git may end without reading what it is given; how it ended says why.
      child.stdin?.on('error', () => undefined).end(input);
    });
    onCommand?.(`git ${args.join(' ')}: exit code ${result.code}, ${Math.round(performance.now() - start)} ms`);
    return result;
  }

  /** Runs a command that must succeed, and gives back what it wrote, without the line end. */
  async text(args: readonly string[], input: GitInput = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, input);
    if (code !== 0) {
      throw new LaunchpadError(
        'git-failed',
        `git ${args[0]} failed in ${this.#options.directory}: ${withoutCredentials(stderr)}`,
      );
    }
    return stdout.toString('utf8').trimEnd();
  }

  #environment(): Record<string, string> {
    const { environment, config } = this.#options;
    const entries = [
      ['http.lowSpeedLimit', '1000'],
      ['http.lowSpeedTime', LOW_SPEED_SECONDS],
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

function notRun(directory: string, cause: unknown): LaunchpadError {
  return new LaunchpadError('git-missing', `git could not be run in ${directory}.`, {
    remedy: 'Install git on the runner, and check that the checkout exists.',
    cause,
  });
}

/** Git's words without the credentials that a URL in them may hold, on one line. */
export function withoutCredentials(text: string): string {
  return text
    .replace(/([a-z]+:\/\/)[^\s/@]+@/gi, '$1')
    .replace(/^(remote|hint):\s*/gm, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
}
