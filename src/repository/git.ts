import { getExecOutput } from '@actions/exec';
import { LaunchpadError } from '../errors.ts';

/** How git is run: where, as whom, with which credentials and configuration. */
export interface GitOptions {
  readonly directory: string;
  /** Environment of git; what is set below is added. */
  readonly environment: Readonly<Record<string, string>>;
  /** Configuration for each command, beyond what the repository and the user have. May hold a token: it goes by environment. */
  readonly config: readonly (readonly [key: string, value: string])[];
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
}

/** A transfer slower than 1 kB/s for this many seconds has hung, and ends. */
const LOW_SPEED_SECONDS = '30';

/**
 * Git, and the only place where it is run. Configuration and credentials go by the environment, so that neither an
 * argument list nor the repository's or the user's configuration ever holds them.
 */
export class Git {
  readonly #options: GitOptions;

  constructor(options: GitOptions) {
    this.#options = options;
  }

  /** Runs a command and gives back how it ended, whatever that is. */
  async run(args: readonly string[], { input, environment = {} }: GitInput = {}): Promise<GitResult> {
    const { directory, onCommand } = this.#options;
    const start = performance.now();
    const chunks: Buffer[] = [];
    const { exitCode, stderr } = await getExecOutput('git', [...args], {
      cwd: directory,
      env: { ...this.#environment(), ...environment },
      silent: true,
      ignoreReturnCode: true,
      ...(input === undefined ? {} : { input: Buffer.from(input) }),
      listeners: { stdout: (chunk) => chunks.push(chunk) },
    }).catch((cause: unknown) => {
      throw new LaunchpadError('git-missing', `git could not be run in ${directory}.`, {
        remedy: 'Install git on the runner, and check that the checkout exists.',
        cause,
      });
    });
    onCommand?.(`git ${args.join(' ')}: exit code ${exitCode}, ${Math.round(performance.now() - start)} ms`);
    return { code: exitCode, stdout: Buffer.concat(chunks), stderr };
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
