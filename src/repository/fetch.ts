import { Memo, Queue } from '../core/concurrency.ts';
import { LaunchpadError } from '../core/errors.ts';
import { BranchHead, type KnownNeighbours } from './branch-head.ts';
import type { Git, GitResult } from './git.ts';
import { localFailure } from './local-failures.ts';
import { newOwnRef } from './own-refs.ts';
import { classify } from './refusals.ts';
import { failedAttempt, type Remote, retryTransient } from './remote.ts';

export interface FetchRequest {
  /** What the remote calls it: a ref, a short name of one, or a commit. */
  readonly source: string;
  /** How much of the history is fetched, as options of git fetch. */
  readonly options?: readonly string[];
  /** The commit that it was, which the clone has: if it still is, nothing is fetched. */
  readonly known?: string;
}

/** A commit, and nothing that git would take for an option. */
export const COMMIT = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * Whether git says that the remote does not have the ref or the commit. A server that does not know the commit of its own
 * ref is between two states: that is transient.
 */
export function isMissing(stderr: string, source: string): boolean {
  if (/couldn't find remote ref/i.test(stderr)) return true;
  return COMMIT.test(source) && /not our ref|unadvertised object/i.test(stderr);
}

/**
 * Fetches one ref, again if the connection fails. The clone keeps the objects, and no ref of ours.
 *
 * @returns its commit; undefined if the remote has no such ref, or does not give a commit that is asked for by name
 * @throws LaunchpadError as of `localFailure` and `classify`
 */
export async function fetchRef(git: Git, remote: Remote, request: FetchRequest): Promise<string | undefined> {
  const { source, options = [], known } = request;
  const args = [
    'fetch',
    '--quiet',
    '--no-tags',
    '--no-write-fetch-head',
    '--no-recurse-submodules',
    '--force',
    // Without it the clone's own refspec counts too, and a push may be at its remote-tracking branch.
    '--refmap=',
  ];
  return await retryTransient(remote, async () => {
    if (known !== undefined && (await isAt(git, remote, source, known))) return known;
    const target = newOwnRef();
    try {
      const result = await git.run([...args, ...options, remote.name, `${source}:${target}`]);
      if (result.code === 0) return await commitAt(git, target);
      if (isMissing(result.stderr, source)) return undefined;
      throw failureOf(result, git, remote);
    } finally {
      await git.deleteOwnRef(target);
    }
  });
}

/** The commit of a ref of the clone, which has it. */
async function commitAt(git: Git, ref: string): Promise<string> {
  const found = await git.object(`${ref}^{commit}`);
  if (found !== undefined) return found.object;
  throw new LaunchpadError('git-failed', `The checkout ${git.directory} has no ${ref}, which git fetch has written.`);
}

/** Whether the remote's ref is that commit. @throws a failed attempt where the remote does not say */
async function isAt(git: Git, remote: Remote, ref: string, commit: string): Promise<boolean> {
  const result = await git.run(['ls-remote', remote.name, ref]);
  if (result.code !== 0) throw failureOf(result, git, remote);
  return result.stdout.toString('utf8').split('\n').includes(`${commit}\t${ref}`);
}

function failureOf(result: GitResult, { directory }: Git, remote: Remote): Error {
  const failure = localFailure(result.stderr, directory) ?? classify(result.stderr, remote);
  return failedAttempt(failure, result, remote);
}

/**
 * The fetches of one process into one clone. They run one at a time, as two would meet at the same refs and at the
 * clone's list of shallow commits. A fetch that has not begun serves all who ask for the same, so that each gets what was
 * fetched after he asked.
 */
export class Fetches {
  readonly #queue = new Queue();
  readonly #notBegun = new Memo<string | undefined>();
  readonly #known: KnownNeighbours = new Memo();
  /** The newest head of each source. */
  readonly #heads = new Map<string, BranchHead>();
  readonly #isShallow: boolean;

  /** @param isShallow whether the clone lacks a part of its history */
  constructor(isShallow: boolean) {
    this.#isShallow = isShallow;
  }

  /** As `fetchRef`. */
  async fetch(git: Git, remote: Remote, request: FetchRequest): Promise<string | undefined> {
    const key = JSON.stringify([request.source, request.options, request.known]);
    const begin = async () => {
      this.#notBegun.forget(key);
      return await fetchRef(git, remote, request);
    };
    return await this.#notBegun.get(key, () => this.#queue.add(begin, remote.signal));
  }

  /**
   * Fetches the newest commit of a ref. A full clone stays full. A shallow one gets that commit alone the first time, and
   * later what came since the last one: another `--depth` would cut off what is known of a commit of ours, and with it
   * whether a later one has it in its history.
   *
   * @throws LaunchpadError `no-branch` if the remote does not have the ref, and as `fetchRef`
   */
  async fetchHead(git: Git, remote: Remote, source: string): Promise<BranchHead> {
    const last = this.#heads.get(source);
    const since = last === undefined ? [] : [`--negotiation-tip=${last.commit}`, '--negotiation-tip=refs/*'];
    const commit = await this.fetch(git, remote, {
      source,
      options: last === undefined && this.#isShallow ? ['--depth=1'] : since,
      ...(last === undefined ? {} : { known: last.commit }),
    });
    if (commit === undefined) throw noRef(remote.url, source);
    const known = this.#heads.get(source);
    const head = known?.commit === commit ? known : new BranchHead(git, commit, this.#known);
    this.#heads.set(source, head);
    return head;
  }

  /** The newest head of a ref that this process knows. */
  knownHead(source: string): BranchHead | undefined {
    return this.#heads.get(source);
  }

  /** A commit that the clone has is the ref's newest head now. */
  setHead(git: Git, source: string, commit: string): BranchHead {
    const head = new BranchHead(git, commit, this.#known);
    this.#heads.set(source, head);
    return head;
  }
}

function noRef(url: string, ref: string): LaunchpadError {
  return new LaunchpadError('no-branch', `${url} has no ${ref.replace(/^refs\/heads\//, 'branch ')}.`, {
    remedy: 'Start the workflow for a branch that exists; a new repository needs a first commit.',
  });
}
