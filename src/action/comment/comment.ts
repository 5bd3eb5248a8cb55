import { LaunchpadError } from '../../core/errors.ts';
import type { Comment, GithubApi } from '../github/api.ts';

/** The one comment of a workflow's job on a pull request, which is found again by a mark that readers do not see. */
export class PullRequestComment {
  readonly #api: GithubApi;
  readonly #number: number;
  readonly #mark: string;

  /** @param key what tells it from other comments of the action on the same pull request */
  constructor(api: GithubApi, number: number, key: readonly string[]) {
    this.#api = api;
    this.#number = number;
    this.#mark = `<!-- launchpad-provision ${key.map(inComment).join('/')} -->`;
  }

  /**
   * Writes the comment: changes the one that is there, or makes one. Where the one that is there may not be changed, as
   * another token made it, a new one is made.
   *
   * @param markdown short enough for GitHub
   * @param options `onlyUpdate`: makes none where there is none
   * @throws LaunchpadError `github-refused` or `github-unreachable`
   */
  async write(markdown: string, { onlyUpdate = false } = {}): Promise<void> {
    const body = `${this.#mark}\n${markdown}`;
    const found = await this.#find();
    if (found === undefined) {
      if (!onlyUpdate) await this.#api.createComment(this.#number, body);
      return;
    }
    try {
      await this.#api.updateComment(found.id, body);
    } catch (error) {
      if (!(error instanceof LaunchpadError && error.code === 'github-refused')) throw error;
      await this.#api.createComment(this.#number, body);
    }
  }

  /** The newest one: an older one is there only where it could not be changed. */
  async #find(): Promise<Comment | undefined> {
    const comments = await this.#api.comments(this.#number);
    return comments.findLast(({ body }) => body.startsWith(this.#mark));
  }
}

/** Text that ends no comment of HTML. */
function inComment(text: string): string {
  return encodeURIComponent(text).replaceAll('-', '%2D');
}
