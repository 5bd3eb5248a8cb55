import { BranchHead } from './branch-head.ts';
import type { Remote } from './fetch.ts';
import type { Git } from './git.ts';
import type { SharedFetches } from './shared-fetches.ts';

/** Where the fetched revision is kept: apart from the run's own branch. */
const REF = 'refs/launchpad-provision/followed';
/** What git calls a commit; whatever else somebody reports as a revision (a chart's version, say) is none of ours. */
const COMMIT = /^([0-9a-f]{40}|[0-9a-f]{64})$/;
/** A branch, a tag or HEAD: nothing that git would take for an option, a pattern or two refs. */
const REF_NAME = /^\w[\w./-]*$/;

export interface FollowedOptions {
  /** A branch, a tag or HEAD. */
  readonly revision: string;
  /** Our commit: no more of the history is fetched than what came after it. */
  readonly since: string;
  readonly fetch: SharedFetches['fetch'];
}

/**
 * A revision of the remote that somebody else follows, such as Argo CD an Application's targetRevision, and which of its
 * commits have a commit of ours in their history.
 */
export class FollowedRevision {
  readonly #git: Git;
  readonly #remote: Remote;
  readonly #source: string | undefined;
  readonly #since: string;
  readonly #fetch: SharedFetches['fetch'];
  readonly #answers = new Map<string, boolean>();

  constructor(git: Git, remote: Remote, { revision, since, fetch }: FollowedOptions) {
    this.#git = git;
    this.#remote = remote;
    this.#source = sourceOf(revision, remote.branch);
    this.#since = since;
    this.#fetch = fetch;
  }

  /** Fetches its newest commit. Undefined: the remote has no revision of that name, as with a range of versions. */
  async fetchHead(): Promise<BranchHead | undefined> {
    if (this.#source === undefined) return undefined;
    const commit = await this.#fetch(this.#git, this.#remote, {
      source: this.#source,
      target: REF,
      // Without --depth also a shallow clone gets what lies between that commit and the newest, and no more.
      options: [`--negotiation-tip=${this.#since}`],
    });
    return commit === undefined ? undefined : new BranchHead(this.#git, commit);
  }

  /** Whether that commit is ours, or has ours in its history. One that is not known here is looked for in the remote. */
  async includes(commit: string): Promise<boolean> {
    const known = this.#answers.get(commit);
    if (known !== undefined) return known;
    const answer = commit === this.#since || (COMMIT.test(commit) && (await this.#isDescendant(commit)));
    this.#answers.set(commit, answer);
    return answer;
  }

  async #isDescendant(commit: string): Promise<boolean> {
    const isKnown = async () => (await this.#git.run(['cat-file', '-e', `${commit}^{commit}`])).code === 0;
    if (!(await isKnown())) {
      await this.fetchHead();
      if (!(await isKnown())) return false;
    }
    return (await this.#git.run(['merge-base', '--is-ancestor', this.#since, commit])).code === 0;
  }
}

/** What is fetched for a revision; undefined where its name is none of a ref. */
function sourceOf(revision: string, branch: string): string | undefined {
  if (revision === branch) return `refs/heads/${branch}`;
  return REF_NAME.test(revision) ? revision : undefined;
}
