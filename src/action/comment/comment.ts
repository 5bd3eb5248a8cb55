import { LaunchpadError, messageOf } from '../../core/errors.ts';
import type { Origin } from '../../inputs/event/origin.ts';
import { readInput } from '../../inputs/input.ts';
import type { InputSource } from '../../inputs/input-source.ts';
import { INPUTS } from '../../inputs/inputs.ts';
import { SETTINGS } from '../../inputs/settings.ts';
import type { ClosingOptions } from '../../operations/outcome/closing.ts';
import { type Comment, connectGithub, type GithubApi, type GithubContext } from '../github/api.ts';
import type { ActionLog } from '../log/action-log.ts';
import { commentText, type Reported } from './comment-text.ts';

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

/** Milliseconds after which the comment is given up: GitHub's being slow must not hold the job up. */
const LONGEST_MS = 90_000;

/**
 * Writes what a step has come to into its pull request's comment. Where that does not succeed it is a warning: the step
 * ends as it would have ended.
 *
 * @param origin undefined where the step ended before it was known; without a pull request nothing is written
 */
export async function reportToPullRequest(
  reported: Reported,
  origin: Pick<Origin, 'event' | 'run'> | undefined,
  {
    inputSource,
    closing,
    log,
  }: { readonly inputSource: InputSource; readonly closing: ClosingOptions | undefined; readonly log: ActionLog },
): Promise<void> {
  if (origin?.event?.kind !== 'pull-request') return;
  const { number, base } = origin.event.pullRequest;
  try {
    const { api, context } = await connectGithub(inputSource, {
      log,
      signal: AbortSignal.timeout(LONGEST_MS),
    });
    const comment = new PullRequestComment(api, number, keyOf(context, inputSource));
    const text = commentText(reported, { runUrl: origin.run.url, closing, base, redact: (raw) => log.redact(raw) });
    // A pull request that was never about an instance is not to hear of it.
    await comment.write(text, { onlyUpdate: reported.outcomes.length === 0 && reported.error === undefined });
  } catch (error) {
    log.warning(`The comment on pull request #${number} was not written: ${messageOf(error)}`, error);
  }
}

/**
 * Several workflows and jobs may comment on one pull request; so may the jobs of a matrix, which have one name and are each
 * for other instances.
 */
function keyOf({ workflow = '', job = '' }: GithubContext, inputSource: InputSource): string[] {
  const scope = [INPUTS.instance, SETTINGS.instancesDirectory, SETTINGS.environment].map((input) => {
    const { value, isGiven } = readInput<string>(input, inputSource);
    return isGiven && value !== undefined ? value : '';
  });
  return [workflow, job, ...scope];
}
