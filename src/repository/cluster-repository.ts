import type { Clock } from '../core/clock.ts';
import { Queue, untilAborted } from '../core/concurrency.ts';
import type { BranchHead } from './branch-head.ts';
import { changedFiles, type FileChange } from './changed-files.ts';
import { Fetches } from './fetch.ts';
import { FollowedRevision } from './followed-revision.ts';
import type { Git } from './git.ts';
import { type OpenedCheckout, openCheckout } from './open-checkout.ts';
import { type Change, checkPush, isAtHead, type PushResult, pushChange } from './push.ts';
import { readOnly } from './read-only.ts';
import type { Remote } from './remote.ts';
import { copyToTree, removeFromTree, requireCommitted } from './work-tree.ts';

export type { Change, PushResult } from './push.ts';

export interface RepositoryOptions {
  /** The caller's checkout. */
  readonly directory: string;
  /** Whether the directory must be the root of the checkout. */
  readonly mustBeRoot?: boolean;
  /** Such as `origin`. */
  readonly remote: string;
  /** Short name of the branch. */
  readonly branch: string;
  /** Ref that is read in place of the branch, which may be deleted and is not pushed to: `refs/pull/<number>/head` of a closed pull request. */
  readonly ref?: string | undefined;
  /** Of a pull request, short name of its base branch: what that has is in use. */
  readonly base?: string | undefined;
  /** Token for the remote's host, used in place of the checkout's own credentials. */
  readonly token: string | undefined;
  /** Author and committer. */
  readonly author: { readonly name: string; readonly email: string };
  /** Environment of git. */
  readonly environment: Readonly<Record<string, string>>;
  readonly onRetry?: (line: string) => void;
  /** Ends what git does when it aborts. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  /** Each git command, for debug output. */
  readonly onCommand?: (line: string) => void;
}

/** The commits that a run works from. */
export interface BranchHeads {
  /** Has the instance's files. */
  readonly head: BranchHead;
  /** The files in use: the base branch of a pull request, else the same branch. */
  readonly base: BranchHead;
}

/** What one run pushes with. */
interface Pushing {
  readonly git: Git;
  readonly signal: AbortSignal | undefined;
}

/** What all runs of the process share that use the repository. */
interface Shared {
  readonly fetches: Fetches;
  readonly pushes: Queue;
}

/**
 * The cluster repository, read and written at the newest head of its remote branch. Commits are created in the object
 * database with a separate index: the caller's work tree, index, branches and configuration do not change, and no filter,
 * hook or line-end conversion changes a byte. Many runs of one process may use it at once.
 */
export class ClusterRepository {
  /** URL of the remote, without credentials. */
  readonly remoteUrl: string;
  readonly #git: Git;
  readonly #options: RepositoryOptions;
  readonly #shared: Shared;
  readonly #isReadOnly: boolean;
  readonly #pushing: Pushing;

  private constructor(
    { git, directory, remoteUrl }: Omit<OpenedCheckout, 'isShallow'>,
    options: RepositoryOptions,
    shared: Shared,
    isReadOnly: boolean,
    pushing: Pushing = { git, signal: options.signal },
  ) {
    this.#git = git;
    this.#pushing = pushing;
    this.#options = { ...options, directory };
    this.#shared = shared;
    this.#isReadOnly = isReadOnly;
    this.remoteUrl = remoteUrl;
  }

  /** Short name of the branch that is read and pushed to. */
  get branch(): string {
    return this.#options.branch;
  }

  /** Short name of the branch that the instances are deployed from for good: of a pull request its base branch. */
  get target(): string {
    return this.#options.base ?? this.#options.branch;
  }

  /** @throws LaunchpadError `no-checkout` if the directory is not a git checkout with that remote */
  static async open(options: RepositoryOptions): Promise<ClusterRepository> {
    const opened = await openCheckout(options);
    const shared = { fetches: new Fetches(opened.isShallow), pushes: new Queue() };
    return new ClusterRepository(opened, options, shared, false);
  }

  /** The same repository, read-only: nothing is pushed, and nothing written into the caller's tree. */
  readOnly(): ClusterRepository {
    const { directory } = this.#options;
    const opened = { git: this.#git.readOnly(), directory, remoteUrl: this.remoteUrl };
    return new ClusterRepository(opened, this.#options, this.#shared, true);
  }

  /**
   * The same repository for a run that the signal ends: then its push is ended, and what it waits for is not waited for.
   * What others wait for too goes on.
   *
   * @param beforePush called directly before each push; it aborts the signal and throws where none may begin
   */
  until(signal: AbortSignal, beforePush?: () => void): ClusterRepository {
    const opened = { git: this.#git, directory: this.#options.directory, remoteUrl: this.remoteUrl };
    const pushing = { git: this.#git.until(signal, beforePush), signal };
    return new ClusterRepository(opened, this.#options, this.#shared, this.#isReadOnly, pushing);
  }

  /**
   * The newest commits at the start of the process, after the remote was asked whether we may push. Where the checkout is at
   * the branch's head, that one question answers both, and nothing is fetched.
   *
   * @throws LaunchpadError as of `fetchHeads` and `checkPush`
   */
  async firstHeads(): Promise<BranchHeads> {
    const { remote, branch, ref, base } = this.#options;
    const known = ref ?? base ?? (await this.#git.object(`refs/remotes/${remote}/${branch}^{commit}`));
    if (typeof known === 'object' && (await isAtHead(this.#git, this.#remote, known.object))) {
      const head = this.#shared.fetches.setHead(this.#git, `refs/heads/${branch}`, known.object);
      return { head, base: head };
    }
    const heads = await this.fetchHeads();
    if (ref === undefined) await this.checkPush(heads.head);
    return heads;
  }

  /** Fetches the newest commits that a run works from. */
  async fetchHeads(): Promise<BranchHeads> {
    const { base } = this.#options;
    const head = await this.fetchHead();
    return { head, base: base === undefined ? head : await this.#fetch(`refs/heads/${base}`) };
  }

  /** Fetches the branch, or the ref in its place, and returns its newest head. */
  async fetchHead(): Promise<BranchHead> {
    const { branch, ref = `refs/heads/${branch}` } = this.#options;
    return await this.#fetch(ref);
  }

  async #fetch(source: string): Promise<BranchHead> {
    const fetched = this.#shared.fetches.fetchHead(this.#git, this.#remote, source);
    return await untilAborted(fetched, this.#pushing.signal);
  }

  /**
   * A revision of the remote that somebody else, such as Argo CD, follows.
   *
   * @param revision a branch, a tag or HEAD
   * @param since a commit of ours
   */
  follow(revision: string, since: string): FollowedRevision {
    const fetch = this.#shared.fetches.fetch.bind(this.#shared.fetches);
    return new FollowedRevision(this.#git, this.#remote, { revision, since, fetch });
  }

  /**
   * The files below a directory that differ between two commits of the remote.
   *
   * @throws CommitMissing if the remote does not have one of them
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
   * @throws LaunchpadError that says what is missing
   */
  async checkPush(head: BranchHead): Promise<void> {
    await checkPush(this.#git, this.#remote, head.commit);
  }

  /**
   * Requires that the branch has all changes of the caller's tree to these files: they would be lost.
   *
   * @throws LaunchpadError `uncommitted-changes` that names them
   */
  async requireCommitted(paths: readonly string[], head: BranchHead): Promise<void> {
    await requireCommitted(this.#git, this.#options, paths, head);
  }

  /**
   * Creates one commit with the change on top of the newest branch head and pushes it. The pushes of one process run one
   * after the other, so that they do not outrun each other: a retry is for the pushes of others.
   *
   * @throws LaunchpadError `push-unknown` if it is not known whether the commit arrived; all others mean that it did not
   */
  async push(change: Change): Promise<PushResult> {
    const { author } = this.#options;
    const { git, signal } = this.#pushing;
    const { fetches } = this.#shared;
    const source = `refs/heads/${this.branch}`;
    const context = {
      git,
      remote: { ...this.#remote, signal },
      author,
      fetchHead: () => this.fetchHead(),
      knownHead: () => fetches.knownHead(source),
    };
    return await this.#shared.pushes.add(async () => {
      const result = await pushChange(context, change);
      if (result.kind === 'pushed') fetches.setHead(this.#git, source, result.commit);
      return result;
    }, signal);
  }

  /** Writes the files into the caller's tree, so that later steps of the job see them. */
  async copyToTree(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    if (this.#isReadOnly) throw readOnly('copying files into the checkout');
    await copyToTree(this.#options, files);
  }

  /** Removes a directory with all its content from the caller's tree, so that later steps of the job do not see it. */
  async removeFromTree(directory: string): Promise<void> {
    if (this.#isReadOnly) throw readOnly('removing files from the checkout');
    await removeFromTree(this.#options, directory);
  }

  get #remote(): Remote {
    const { remote, branch, onRetry, signal, clock } = this.#options;
    return { name: remote, url: this.remoteUrl, branch, onRetry, signal, clock };
  }
}
