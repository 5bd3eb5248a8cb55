import { mkdir, mkdtemp, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LaunchpadError } from '../errors.ts';
import { changedFiles, type FileChange } from './changed-files.ts';
import { fetchRef, pauseBeforeRetry, type Remote, TRIES } from './fetch.ts';
import { FollowedRevision } from './followed-revision.ts';
import { Git, withoutCredentials } from './git.ts';
import { readOnly } from './read-only.ts';
import { classify } from './refusals.ts';
import { requireFile, Tip } from './tip.ts';

export interface RepositoryOptions {
  /** The caller's checkout. */
  readonly directory: string;
  /** Such as `origin`. */
  readonly remote: string;
  /** Short name of the branch. */
  readonly branch: string;
  /** Ref that is read in place of the branch, which may be gone and is not pushed to: `refs/pull/<number>/head` of a closed pull request. */
  readonly ref?: string | undefined;
  /** Of a pull request, short name of the branch that it is to be merged into: what that has is in use. */
  readonly base?: string | undefined;
  /** Token for the remote's host, used in place of the checkout's own credentials. */
  readonly token: string | undefined;
  /** Author and committer. */
  readonly author: { readonly name: string; readonly email: string };
  /** Environment of git. */
  readonly environment: Readonly<Record<string, string>>;
  readonly onLine?: (line: string) => void;
  /** Ends what git does when it aborts. */
  readonly signal?: AbortSignal;
  /** Each git command, for debug output. */
  readonly onCommand?: (line: string) => void;
}

/** The commits that a run works from. */
export interface Tips {
  /** Has the instance's files. */
  readonly tip: Tip;
  /** Has what is in use: of a pull request the base branch, else the same. */
  readonly base: Tip;
}

/** What a push came to; `commit` is the one of the branch that holds the files. */
export type PushResult =
  | { readonly kind: 'pushed'; readonly commit: string }
  | { readonly kind: 'unchanged'; readonly commit: string };

export interface Change {
  readonly message: string;
  /**
   * The whole content of each file to write, by path, for this tip of the branch. It is asked again for each newer tip;
   * what it throws ends the push, and nothing is pushed.
   */
  readonly build: (tip: Tip) => Promise<ReadonlyMap<string, Uint8Array>>;
}

/**
 * The cluster repository, read and written at the newest tip of its remote branch. Commits are made in the object
 * database with an index of their own, so that the caller's work tree, index, branches and configuration stay as they
 * are; and no filter, hook or line-end conversion changes a byte.
 */
export class ClusterRepository {
  /** URL of the remote, without credentials. */
  readonly remoteUrl: string;
  readonly #git: Git;
  readonly #options: RepositoryOptions;
  readonly #isReadOnly: boolean;

  private constructor(git: Git, options: RepositoryOptions, remoteUrl: string, isReadOnly = false) {
    this.#git = git;
    this.#options = options;
    this.#isReadOnly = isReadOnly;
    this.remoteUrl = remoteUrl;
  }

  /** Short name of the branch that is read and pushed to. */
  get branch(): string {
    return this.#options.branch;
  }

  /** Short name of the branch that the instances are deployed from for good: of a pull request its base. */
  get target(): string {
    return this.#options.base ?? this.#options.branch;
  }

  /** @throws LaunchpadError `no-checkout` where the directory is no git checkout with that remote */
  static async open(options: RepositoryOptions): Promise<ClusterRepository> {
    const plain = await realpath(options.directory).catch(() => options.directory);
    // The runner's user need not own the checkout, as in a container.
    const safe: [string, string][] = [['safe.directory', plain]];
    const probe = new Git({ ...options, config: safe });
    const top = await probe.run(['rev-parse', '--show-toplevel']).catch(() => undefined);
    options.signal?.throwIfAborted();
    if (top?.code !== 0) throw noCheckout(options.directory, top?.stderr ?? '');
    const directory = top.stdout.toString('utf8').trimEnd();
    const config: [string, string][] = [...safe, ['safe.directory', directory]];
    const remote = await new Git({ ...options, directory, config }).run(['remote', 'get-url', options.remote]);
    if (remote.code !== 0) throw noRemote(directory, options.remote);
    const url = remote.stdout.toString('utf8').trimEnd();
    const git = new Git({ ...options, directory, config: [...config, ...tokenConfig(url, options.token)] });
    return new ClusterRepository(git, { ...options, directory }, withoutCredentials(url));
  }

  /** The same repository for work that only looks: nothing is pushed, and nothing written into the caller's tree. */
  readOnly(): ClusterRepository {
    return new ClusterRepository(this.#git.readOnly(), this.#options, this.remoteUrl, true);
  }

  /** Fetches what a run works from, at its newest. */
  async fetchTips(): Promise<Tips> {
    const { base } = this.#options;
    const tip = await this.fetchTip();
    return { tip, base: base === undefined ? tip : await this.#fetch(`refs/heads/${base}`) };
  }

  /** Fetches the branch, or the ref in its place, and gives its newest tip. */
  async fetchTip(): Promise<Tip> {
    const { branch, ref = `refs/heads/${branch}` } = this.#options;
    return await this.#fetch(ref);
  }

  /** A full clone stays full, a shallow one gets no more than it needs. */
  async #fetch(source: string): Promise<Tip> {
    const shallow = (await this.#git.text(['rev-parse', '--is-shallow-repository'])) === 'true';
    const commit = await fetchRef(this.#git, this.#remote, {
      source,
      target: source.replace(/^refs\//, 'refs/launchpad-provision/'),
      options: shallow ? ['--depth=1'] : [],
    });
    if (commit === undefined) throw noRef(this.remoteUrl, source);
    return new Tip(this.#git, commit);
  }

  /**
   * A revision of the remote that somebody else follows.
   *
   * @param revision a branch, a tag or HEAD
   * @param since a commit of ours
   */
  follow(revision: string, since: string): FollowedRevision {
    return new FollowedRevision(this.#git, this.#remote, { revision, since });
  }

  /**
   * The files below a directory that differ between two commits of the remote.
   *
   * @throws CommitMissing where the remote does not have one of them
   */
  async changedFiles(range: {
    readonly before: string;
    readonly after: string;
    readonly directory: string;
  }): Promise<FileChange[]> {
    return await changedFiles(this.#git, this.#remote, range);
  }

  /**
   * Asks the remote whether we may push, without pushing anything.
   *
   * @throws LaunchpadError `push-refused` with what is missing
   */
  async checkPush(tip: Tip): Promise<void> {
    const { remote, branch } = this.#options;
    const { code, stderr } = await this.#git.run([
      'push',
      '--dry-run',
      '--no-verify',
      remote,
      `${tip.commit}:refs/heads/${branch}`,
    ]);
    if (code === 0) return;
    const refusal = classify(stderr, { remote: this.remoteUrl, branch });
    // Outrun: the branch has moved on since, so it may be pushed to.
    if (refusal.kind !== 'outrun') throw refusal.error;
  }

  /**
   * Requires that the caller's tree has no change to these files that is not on the branch: it would be lost. What an
   * earlier step of the job pushed and copied there is on the branch.
   *
   * @throws LaunchpadError `uncommitted-changes` that names them
   */
  async requireCommitted(paths: readonly string[], tip: Tip): Promise<void> {
    const { directory, branch } = this.#options;
    const status = await this.#git.text(['status', '--porcelain', '-z', '--untracked-files=all', '--', ...paths]);
    const changed: string[] = [];
    for (const file of status.split('\0').flatMap((line) => (line === '' ? [] : [line.slice(3)]))) {
      const [here, there] = await Promise.all([
        readFile(path.join(directory, file)).catch(() => undefined),
        tip.read(file),
      ]);
      const isSame = here === undefined || there === undefined ? here === there : Buffer.compare(here, there) === 0;
      if (!isSame) changed.push(file);
    }
    if (changed.length === 0) return;
    throw new LaunchpadError(
      'uncommitted-changes',
      `${changed.join(' and ')} changed in the checkout without a commit.`,
      {
        remedy: `Commit and push the change first: a run works from branch ${branch} as the remote has it.`,
      },
    );
  }

  /**
   * Makes one commit with the files on top of the newest tip and pushes it. Where somebody else pushed first it is made
   * again on the newer tip; where the remote has exactly these files already there is nothing to do, be it because an
   * earlier push arrived and only its answer was lost.
   *
   * @throws LaunchpadError `push-refused`, `push-failed` or `repository-unreachable`, and whatever `build` throws
   */
  async push(change: Change): Promise<PushResult> {
    const { remote, branch } = this.#options;
    let mine: string | undefined;
    for (let attempt = 1; ; attempt += 1) {
      const tip = await this.fetchTip();
      if (tip.commit === mine) return { kind: 'pushed', commit: mine };
      const files = await change.build(tip);
      if (await holds(tip, files)) return { kind: mine === undefined ? 'unchanged' : 'pushed', commit: tip.commit };
      mine = await this.#commit(tip, files, change.message);
      const args = ['push', '--quiet', '--no-verify', remote, `${mine}:refs/heads/${branch}`];
      const { code, stderr } = await this.#git.run(args, { isPush: true });
      if (code === 0) return { kind: 'pushed', commit: mine };
      const refusal = classify(stderr, { remote: this.remoteUrl, branch });
      if (refusal.kind === 'refused') throw refusal.error;
      if (attempt >= TRIES) throw refusal.kind === 'connection' ? refusal.error : outrun(this.remoteUrl, branch);
      const reason = refusal.kind === 'outrun' ? `${branch} has moved on meanwhile` : refusal.error.message;
      await pauseBeforeRetry(this.#remote, attempt, reason);
    }
  }

  /** Writes the files into the caller's tree, so that later steps of the job see them. */
  async copyToTree(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const { directory } = this.#options;
    if (this.#isReadOnly) throw readOnly('copying files into the checkout');
    for (const [file, bytes] of files) {
      const target = path.join(directory, file);
      await mkdir(path.dirname(target), { recursive: true });
      const real = await realpath(path.dirname(target));
      if (real !== path.dirname(path.join(await realpath(directory), file))) {
        throw new LaunchpadError('not-a-file', `${path.dirname(file)} is a symbolic link in the checkout.`, {
          remedy: 'Replace it by a directory.',
        });
      }
      const temporary = `${target}.launchpad-${process.pid}`;
      await writeFile(temporary, bytes);
      await rename(temporary, target);
    }
  }

  get #remote(): Remote {
    const { remote, branch, onLine, signal } = this.#options;
    return { name: remote, url: this.remoteUrl, branch, onLine, signal };
  }

  /** Makes the commit by git's plumbing, in an index that nobody else uses; a file keeps its mode. */
  async #commit(tip: Tip, files: ReadonlyMap<string, Uint8Array>, message: string): Promise<string> {
    const directory = await mkdtemp(path.join(tmpdir(), 'launchpad-index-'));
    try {
      const environment = { GIT_INDEX_FILE: path.join(directory, 'index') };
      await this.#git.text(['read-tree', tip.commit], { environment });
      for (const [file, bytes] of files) {
        const object = await this.#git.text(['hash-object', '-w', '--stdin'], { input: bytes });
        const mode = await modeAt(tip, file);
        await this.#git.text(['update-index', '--add', '--cacheinfo', `${mode},${object},${file}`], { environment });
      }
      const tree = await this.#git.text(['write-tree'], { environment });
      const { name, email } = this.#options.author;
      return await this.#git.text(['commit-tree', tree, '-p', tip.commit], {
        input: Buffer.from(`${message}\n`),
        environment: {
          GIT_AUTHOR_NAME: name,
          GIT_AUTHOR_EMAIL: email,
          GIT_COMMITTER_NAME: name,
          GIT_COMMITTER_EMAIL: email,
        },
      });
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
}

/** The mode of the file at that path; where there is none, that of a plain file. Refuses links on the way. */
async function modeAt(tip: Tip, file: string): Promise<string> {
  const parts = file.split('/');
  for (let depth = 1; depth < parts.length; depth += 1) {
    const parent = parts.slice(0, depth).join('/');
    const entry = await tip.entry(parent);
    if (entry !== undefined && entry.type !== 'tree') {
      throw new LaunchpadError('not-a-file', `${parent} is no directory in the cluster repository.`, {
        remedy: 'Replace it by a directory.',
      });
    }
  }
  const entry = await tip.entry(file);
  if (entry === undefined) return '100644';
  requireFile(file, entry);
  return entry.mode;
}

async function holds(tip: Tip, files: ReadonlyMap<string, Uint8Array>): Promise<boolean> {
  for (const [file, bytes] of files) {
    const there = await tip.read(file);
    if (there === undefined || Buffer.compare(there, bytes) !== 0) return false;
  }
  return true;
}

/**
 * Configuration that makes git send this token, and nothing else, to the remote's host: GitHub answers 400 to two
 * Authorization headers, so the one that checkout left is cleared by an empty value first.
 */
function tokenConfig(remoteUrl: string, token: string | undefined): [string, string][] {
  if (token === undefined || !/^https?:/.test(remoteUrl)) return [];
  const key = `http.${new URL(remoteUrl).origin}/.extraheader`;
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  return [
    [key, ''],
    [key, `AUTHORIZATION: basic ${basic}`],
  ];
}

function noCheckout(directory: string, stderr: string): LaunchpadError {
  const said = withoutCredentials(stderr);
  return new LaunchpadError('no-checkout', `${directory} is no checkout of a git repository${said && `: ${said}`}`, {
    remedy:
      'Put a step `uses: actions/checkout@v5` before this one; input repository-path says where it is, if not in the workspace.',
  });
}

function noRemote(directory: string, remote: string): LaunchpadError {
  return new LaunchpadError('no-checkout', `The checkout ${directory} has no remote ${remote}.`, {
    remedy: 'Check out with actions/checkout, which sets it.',
  });
}

function noRef(remoteUrl: string, ref: string): LaunchpadError {
  return new LaunchpadError('no-branch', `${remoteUrl} has no ${ref.replace(/^refs\/heads\//, 'branch ')}.`, {
    remedy: 'Start the workflow for a branch that exists; a new repository needs a first commit.',
  });
}

function outrun(remoteUrl: string, branch: string): LaunchpadError {
  return new LaunchpadError(
    'push-outrun',
    `Others pushed to branch ${branch} of ${remoteUrl} ${TRIES} times in a row meanwhile.`,
    {
      remedy: 'Run again: the databases are kept.',
    },
  );
}
