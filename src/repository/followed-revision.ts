import { Memo } from '../core/concurrency.ts';
import { BranchHead } from './branch-head.ts';
import { COMMIT, type Fetches } from './fetch.ts';
import type { Git } from './git.ts';
import type { Remote } from './remote.ts';

/** A branch, a tag or HEAD: nothing that git would take for an option, a pattern or two refs. */
const REF_NAME = /^\w[\w./-]*$/;

interface FollowedOptions {
  /** A branch, a tag or HEAD. */
  readonly revision: string;
  /** Our commit: only the history after it is fetched. */
  readonly since: string;
  readonly fetch: Fetches['fetch'];
}

/**
 * A revision of the remote that somebody else follows, such as Argo CD an Application's targetRevision. Finds out which of
 * its commits have a commit of ours in their history.
 */
export class FollowedRevision {
  readonly #git: Git;
  readonly #remote: Remote;
  readonly #source: string | undefined;
  readonly #since: string;
  readonly #fetch: Fetches['fetch'];
  readonly #answers = new Memo<boolean>();

  constructor(git: Git, remote: Remote, { revision, since, fetch }: FollowedOptions) {
    this.#git = git;
    this.#remote = remote;
    this.#source = sourceOf(revision, remote.branch);
    this.#since = since;
    this.#fetch = fetch;
  }

  /** Fetches its newest commit. Undefined: the remote has no revision of that name, as for a range of versions. */
  async fetchHead(): Promise<BranchHead | undefined> {
    if (this.#source === undefined) return undefined;
    const commit = await this.#fetch(this.#git, this.#remote, {
      source: this.#source,
      // Without --depth a shallow clone too gets exactly what lies between that commit and the newest.
      options: [`--negotiation-tip=${this.#since}`],
    });
    return commit === undefined ? undefined : new BranchHead(this.#git, commit);
  }

  /**
   * Whether that commit is ours, or has ours in its history. An unknown one is looked for in the remote; what is no commit,
   * such as a chart's version, is not ours.
   */
  async includes(commit: string): Promise<boolean> {
    if (commit === this.#since) return true;
    return COMMIT.test(commit) && (await this.#answers.get(commit, () => this.#isDescendant(commit)));
  }

  async #isDescendant(commit: string): Promise<boolean> {
    const isKnown = async () => (await this.#git.object(`${commit}^{commit}`)) !== undefined;
    if (!(await isKnown())) {
      await this.fetchHead();
      if (!(await isKnown())) return false;
    }
    return (await this.#git.run(['merge-base', '--is-ancestor', this.#since, commit])).code === 0;
  }
}

/** What to fetch for a revision; undefined if it is not the name of a ref. */
function sourceOf(revision: string, branch: string): string | undefined {
  if (revision === branch) return `refs/heads/${branch}`;
  return REF_NAME.test(revision) ? revision : undefined;
}
