import { Queue } from '../core/concurrency.ts';
import { LaunchpadError } from '../core/errors.ts';
import { Memo } from '../core/memo.ts';
import { BranchHead } from './branch-head.ts';
import type { Git } from './git.ts';
import { failedAttempt, type Remote, retryTransient } from './remote.ts';

export interface FetchRequest {
  /** What the remote calls it: a ref, or a short name of one. */
  readonly source: string;
  /** The ref that it gets here. */
  readonly target: string;
  /** How much of the history is fetched, as options of git fetch. */
  readonly options?: readonly string[];
}

/** Whether git says that the remote does not have the ref or the commit. */
export const isMissing = (stderr: string) => /couldn't find remote ref|not our ref|unadvertised object/i.test(stderr);

/**
 * Fetches one ref, again if the connection fails.
 *
 * @returns its commit; undefined if the remote has no such ref, or does not give a commit that is asked for by name
 * @throws LaunchpadError `repository-unreachable`, `push-refused` if the credentials are not accepted, or `push-failed`
 */
export async function fetchRef(git: Git, remote: Remote, request: FetchRequest): Promise<string | undefined> {
  const { source, target, options = [] } = request;
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
    const { code, stderr } = await git.run([...args, ...options, remote.name, `${source}:${target}`]);
    if (code === 0) return await git.text(['rev-parse', `${target}^{commit}`]);
    if (isMissing(stderr)) return undefined;
    throw failedAttempt(stderr, remote);
  });
}

/**
 * The fetches of one process into one clone. They run one at a time, as two would meet at the same refs and at the
 * clone's list of shallow commits. A fetch that has not begun serves all who ask for the same, so that each gets what was
 * fetched after he asked.
 */
export class Fetches {
  readonly #queue = new Queue();
  readonly #notBegun = new Memo<string | undefined>();
  /** The newest head of each source. */
  readonly #heads = new Map<string, BranchHead>();

  /** As `fetchRef`. */
  async fetch(git: Git, remote: Remote, request: FetchRequest): Promise<string | undefined> {
    const key = JSON.stringify([request.source, request.target, request.options]);
    const begin = async () => {
      this.#notBegun.forget(key);
      return await fetchRef(git, remote, request);
    };
    return await this.#notBegun.get(key, () => this.#queue.add(begin, remote.signal));
  }

  /**
   * Fetches the newest commit of a ref. A full clone stays full. A shallow one gets that commit alone the first time, and
   * later what came since: another `--depth` would cut off what is known of a commit of ours, and with it whether a later
   * one has it in its history.
   *
   * @throws LaunchpadError `no-branch` if the remote does not have the ref, and as `fetchRef`
   */
  async fetchHead(git: Git, remote: Remote, source: string): Promise<BranchHead> {
    const isFirst = !this.#heads.has(source);
    const isShallow = isFirst && (await git.text(['rev-parse', '--is-shallow-repository'])) === 'true';
    const commit = await this.fetch(git, remote, {
      source,
      target: source.replace(/^refs\//, 'refs/launchpad-provision/'),
      options: isShallow ? ['--depth=1'] : [],
    });
    if (commit === undefined) throw noRef(remote.url, source);
    const known = this.#heads.get(source);
    const head = known?.commit === commit ? known : new BranchHead(git, commit);
    this.#heads.set(source, head);
    return head;
  }
}

function noRef(url: string, ref: string): LaunchpadError {
  return new LaunchpadError('no-branch', `${url} has no ${ref.replace(/^refs\/heads\//, 'branch ')}.`, {
    remedy: 'Start the workflow for a branch that exists; a new repository needs a first commit.',
  });
}
