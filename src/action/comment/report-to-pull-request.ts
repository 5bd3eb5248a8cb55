import { messageOf } from '../../core/errors.ts';
import type { Origin } from '../../inputs/event/origin.ts';
import { readInput } from '../../inputs/input.ts';
import type { InputSource } from '../../inputs/input-source.ts';
import { INPUTS } from '../../inputs/inputs.ts';
import { SETTINGS } from '../../inputs/settings.ts';
import type { ClosingOptions } from '../../operations/outcome/closing.ts';
import { connectGithub, type GithubContext } from '../github/api.ts';
import type { ActionLog } from '../log/action-log.ts';
import { PullRequestComment } from './comment.ts';
import { commentText, type Reported } from './comment-text.ts';

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
    log.warning(`The comment on pull request #${number} was not written: ${messageOf(error)}`);
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
