import { stat } from 'node:fs/promises';
import { abortedAfter, once } from '../core/concurrency.ts';
import { LaunchpadError } from '../core/errors.ts';
import { type CommandResult, runChild, runHere } from './child-process.ts';
import { environmentOf, sshCommand } from './environment.ts';
import { localFailure } from './local-failures.ts';
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

export type GitResult = CommandResult;

interface CommandOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether it changes the remote: then it gets a moment more when the signal aborts, as it may be done already. */
  readonly isPush?: boolean;
  /** Whether it is done after the signal aborted too. */
  readonly isCleanUp?: boolean;
  /** Its standard input; without it that is empty. */
  readonly input?: Buffer;
}

/** Git's commands that talk to a remote. */
const NETWORK_COMMANDS: readonly string[] = ['fetch', 'ls-remote', 'push'];
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
              environment: () => environmentOf(options),
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
    const place = { directory, environment: { ...environmentOf(this.#options), ...environment } };
    if (!NETWORK_COMMANDS.includes(args[0] ?? '')) {
      const result = await (input === undefined ? runHere(args, place) : runChild(args, { ...place, input }));
      if (!isCleanUp) signal?.throwIfAborted();
      return result;
    }
    const ssh = await this.#shared.sshEnvironment();
    if (isPush) this.#options.beforePush?.();
    return await runChild(args, {
      directory,
      environment: { ...place.environment, ...ssh },
      signal: isPush ? this.#abandoned : signal,
    });
  }

  async #readSshEnvironment(): Promise<Record<string, string>> {
    const { directory, environment, hasNoSsh = false } = this.#options;
    if (hasNoSsh) return {};
    const { stdout } = await runHere(['config', '--get', 'core.sshCommand'], {
      directory,
      environment: environmentOf(this.#options),
    });
    const command = sshCommand(environment, stdout.toString('utf8').trim());
    return command === undefined ? {} : { GIT_SSH_COMMAND: command };
  }
}

/** A command may name hundreds of objects or files. */
function shortened(args: readonly string[], most = 20): string {
  return args.length <= most ? args.join(' ') : `${args.slice(0, most).join(' ')} … (${args.length - most} more)`;
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
