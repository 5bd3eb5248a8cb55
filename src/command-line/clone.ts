import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { LaunchpadError } from '../core/errors.ts';
import type { HostedRepository, Origin } from '../inputs/event/origin.ts';
import { readValue } from '../inputs/input.ts';
import type { InputSource } from '../inputs/input-source.ts';
import { INPUTS } from '../inputs/inputs.ts';
import { hostedAt } from '../inputs/remote-url.ts';
import { Git } from '../repository/git.ts';
import { withoutCredentials } from '../repository/words.ts';
import { usageError } from './exit-codes.ts';

/** What an operator's clone of the cluster repository says of itself. */
export interface Clone {
  /** Short name of the branch, as the remote calls it. */
  readonly branch: string;
  /** Name of the remote that the branch is pushed to, such as `origin`. */
  readonly remote: string;
  /** May hold a password. */
  readonly remoteUrl: string;
}

/** Who makes the commits of this clone. */
export interface Author {
  readonly name: string | undefined;
  readonly email: string | undefined;
}

const DEFAULT_REMOTE = 'origin';

/** A clone on this machine, read by git with the operator's own configuration. */
export class CloneReader {
  readonly #git: Git;
  readonly #directory: string;

  constructor(directory: string, environment: Readonly<Record<string, string>>) {
    this.#git = new Git({ directory, environment, config: [] });
    this.#directory = directory;
  }

  /**
   * The branch that is worked on, which is the current one unless another one is named, and its remote.
   *
   * @param branch its name at the remote
   * @throws LaunchpadError `no-checkout` where the directory is not a clone with a remote, `not-a-branch` for a detached HEAD
   */
  async read(branch: string | undefined): Promise<Clone> {
    const found = await stat(this.#directory).catch(() => undefined);
    if (found?.isDirectory() !== true) throw noClone(`${this.#directory} is not a directory.`);
    const { code, stderr } = await this.#git.run(['rev-parse', '--git-dir']);
    if (code !== 0) {
      throw noClone(`${this.#directory} is not a clone of a git repository: ${withoutCredentials(stderr)}`);
    }
    const current = await this.#line(['symbolic-ref', '--quiet', '--short', 'HEAD']);
    const upstream = current === undefined ? undefined : await this.#upstream(current);
    const wanted = branch ?? upstream?.branch ?? current;
    if (wanted === undefined) throw detached(this.#directory);
    const remote = upstream?.remote ?? DEFAULT_REMOTE;
    const remoteUrl = await this.#line(['remote', 'get-url', remote]);
    if (remoteUrl === undefined) throw noClone(`The clone ${this.#directory} has no remote ${remote}.`);
    return { branch: wanted, remote, remoteUrl };
  }

  /** Who git says that commits are from. */
  async author(): Promise<Author> {
    const [name, email] = await Promise.all([
      this.#line(['config', '--get', 'user.name']),
      this.#line(['config', '--get', 'user.email']),
    ]);
    return { name, email };
  }

  /** Whether a file is one of the repository's. */
  async holds(file: string): Promise<boolean> {
    return (await this.#git.run(['ls-files', '--error-unmatch', '--', file])).code === 0;
  }

  async #upstream(branch: string): Promise<{ remote: string; branch: string } | undefined> {
    const [remote, merge] = await Promise.all([
      this.#line(['config', '--get', `branch.${branch}.remote`]),
      this.#line(['config', '--get', `branch.${branch}.merge`]),
    ]);
    const [, name] = /^refs\/heads\/(.+)$/.exec(merge ?? '') ?? [];
    // A dot is this repository itself; a URL in place of a name has no remote.
    if (remote === undefined || name === undefined || !/^\w[\w.-]*$/.test(remote)) return undefined;
    return { remote, branch: name };
  }

  /** What git answers on one line; undefined where it has no answer. */
  async #line(args: readonly string[]): Promise<string | undefined> {
    const { code, stdout } = await this.#git.run(args);
    return (code === 0 && stdout.toString('utf8').trim()) || undefined;
  }
}

/** Requires that it is known who makes the commit, as git does. @throws LaunchpadError `usage-invalid` */
export function requireAuthor({ name, email }: Author): { readonly name: string; readonly email: string } {
  if (name !== undefined && email !== undefined) return { name, email };
  const missing = [...(name === undefined ? ['name'] : []), ...(email === undefined ? ['email'] : [])];
  const options = missing.map((what) => `--commit-author-${what}`).join(' and ');
  throw usageError(
    `${missing.map((what) => `user.${what}`).join(' and ')} not set in git's configuration.`,
    `Set it by git config, or pass ${options}.`,
  );
}

function noClone(message: string): LaunchpadError {
  return new LaunchpadError('no-checkout', message);
}

function detached(directory: string): LaunchpadError {
  return new LaunchpadError(
    'not-a-branch',
    `No branch is checked out in ${directory}, so there is nothing to push to.`,
    {
      remedy: 'Check out the branch that Argo CD follows (git switch), or name it by --branch.',
    },
  );
}

/**
 * Where a run comes from that an operator started in a clone of the cluster repository.
 *
 * @param workspace directory that it was started in
 * @throws LaunchpadError `usage-invalid` where it is not clear how Argo CD reads the repository
 */
export function terminalOrigin(
  { branch, remote, remoteUrl }: Clone,
  inputSource: InputSource,
  workspace: string,
): Origin {
  return {
    source: { branch, remote },
    workspace,
    hosted: hostedRepository(remoteUrl, readValue(INPUTS.repositoryUrl, inputSource)),
    run: {
      id: `terminal-${Date.now().toString(36)}-${randomBytes(4).toString('hex')}`,
      url: undefined,
      description: `${userName()}@${hostname()}`,
    },
  };
}

/** In a container the user need not have a name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}

/**
 * Where the cluster repository is hosted: as its remote says, else as the URL says by which Argo CD is to read it.
 *
 * @throws LaunchpadError `usage-invalid` where neither says enough for Argo CD to find it
 */
export function hostedRepository(remoteUrl: string, repositoryUrl: string | undefined): HostedRepository {
  const hosted = hostedAt(remoteUrl) ?? hostedAt(repositoryUrl ?? '');
  if (hosted !== undefined && (hosted.owner !== '' || repositoryUrl !== undefined)) return hosted;
  throw usageError(
    `From the remote ${withoutCredentials(remoteUrl)} of the clone it is not clear by which URL Argo CD reads the repository.`,
    'Give that URL by --repository-url.',
  );
}
