import { LaunchpadError } from '../../core/errors.ts';
import type { Fields } from '../../core/fields.ts';
import type { RepositoryOptions } from '../../repository/cluster-repository.ts';
import { eventInvalid, textAt, valueAt } from './event-payload.ts';

/** A pull request from a branch of the cluster repository itself. */
export interface PullRequest {
  readonly number: number;
  /** Short name of its branch, which the action pushes to. */
  readonly head: string;
  /** Short name of the branch that it will be merged into. */
  readonly base: string;
  /** `closed`: not merged. */
  readonly state: 'open' | 'merged' | 'closed';
  /** How many files it changes, if the event says so. */
  readonly changedFiles: number | undefined;
}

/**
 * Reads the pull request of an event (https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request).
 *
 * @param event `pull_request` or `pull_request_target`
 * @throws LaunchpadError `fork` if the pull request comes from another repository, `event-invalid`
 */
export function pullRequestOf(payload: Fields, event: string): PullRequest {
  const number = valueAt(payload, 'pull_request', 'number');
  if (typeof number !== 'number') throw eventInvalid('has no pull_request.number');
  refuseFork(payload, event, number);
  const changedFiles = valueAt(payload, 'pull_request', 'changed_files');
  return {
    number,
    head: textAt(payload, 'pull_request', 'head', 'ref'),
    base: textAt(payload, 'pull_request', 'base', 'ref'),
    state: stateOf(payload),
    changedFiles: typeof changedFiles === 'number' ? changedFiles : undefined,
  };
}

/**
 * What a run reads: the head branch, never the merge commit that was checked out. The branch of a closed pull request may
 * be deleted; its last commit stays at `refs/pull/<number>/head`.
 */
export function sourceOf({
  number,
  head,
  base,
  state,
}: PullRequest): Pick<RepositoryOptions, 'branch' | 'ref' | 'base'> {
  return { branch: head, base, ...(state === 'open' ? {} : { ref: `refs/pull/${number}/head` }) };
}

function stateOf(payload: Fields): PullRequest['state'] {
  if (textAt(payload, 'pull_request', 'state') === 'open') return 'open';
  return valueAt(payload, 'pull_request', 'merged') === true ? 'merged' : 'closed';
}

/** The repository of the head is null after a fork was deleted. */
function refuseFork(payload: Fields, event: string, number: number): void {
  const base = textAt(payload, 'pull_request', 'base', 'repo', 'full_name');
  const head = valueAt(payload, 'pull_request', 'head', 'repo', 'full_name');
  if (typeof head === 'string' && head.toLowerCase() === base.toLowerCase()) return;
  const from = typeof head === 'string' ? `the fork ${head}` : 'a fork that is gone';
  throw event === 'pull_request_target' ? untrustedCode(number, from) : noSecrets(number, from, base);
}

/** https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request */
function noSecrets(number: number, from: string, base: string): LaunchpadError {
  return new LaunchpadError(
    'fork',
    `Pull request #${number} comes from ${from}: GitHub gives it no secrets and a token that may only read, so that nothing can be provisioned for it.`,
    {
      remedy: `Push the branch to ${base} and open the pull request from there; skip forks by \`if: github.event.pull_request.head.repo.full_name == github.repository\`.`,
    },
  );
}

/** https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request_target */
function untrustedCode(number: number, from: string): LaunchpadError {
  return new LaunchpadError(
    'fork',
    `Pull request #${number} comes from ${from}, and the event is pull_request_target: this job has the repository's secrets and a token that may write, and what is in the pull request is not trusted. Its files would be used with the administrators' credentials, and a step that checks it out could run its code with them.`,
    {
      remedy:
        'Look through the change and push it to a branch of this repository; let the workflow start on pull_request.',
    },
  );
}
