import { LaunchpadError } from '../../core/errors.ts';
import { type InputSource, requireVariable, variableOf } from '../input-source.ts';
import { readPayload, valueAt } from './event-payload.ts';
import { type PullRequest, pullRequestOf } from './pull-request.ts';

/** What started the workflow. */
export type WorkflowEvent =
  | { readonly kind: 'pull-request'; readonly pullRequest: PullRequest }
  | { readonly kind: 'push'; readonly branch: string; readonly range: PushedRange }
  /** Other events of a branch, such as `workflow_dispatch` or `schedule`; a called workflow has its caller's event. */
  | { readonly kind: 'branch'; readonly branch: string };

/** The branch's commit before and after a push; forty zeros, or empty, if there was none. */
export interface PushedRange {
  readonly before: string;
  readonly after: string;
}

/**
 * The event that started the workflow.
 *
 * @throws LaunchpadError `fork` for a pull request of another repository, `event-unsupported` for other events of pull
 *   requests, `event-invalid` for a broken payload, `not-a-branch` for a tag or another ref, `not-in-workflow`
 *   outside of GitHub Actions
 */
export function eventOf(inputSource: InputSource): WorkflowEvent {
  const name = variableOf(inputSource, 'GITHUB_EVENT_NAME') ?? '';
  if (name === 'pull_request' || name === 'pull_request_target') {
    return { kind: 'pull-request', pullRequest: pullRequestOf(readPayload(inputSource), name) };
  }
  if (name.startsWith('pull_request')) {
    throw new LaunchpadError('event-unsupported', `The event ${name} is not supported.`, {
      remedy: 'Start the workflow on pull_request, or for a branch, for instance by workflow_dispatch.',
    });
  }
  const branch = branchOf(inputSource);
  return name === 'push' ? { kind: 'push', branch, range: rangeOf(inputSource) } : { kind: 'branch', branch };
}

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#push */
function rangeOf(inputSource: InputSource): PushedRange {
  const payload = readPayload(inputSource);
  const [before, after] = ['before', 'after'].map((key) => valueAt(payload, key));
  return { before: typeof before === 'string' ? before : '', after: typeof after === 'string' ? after : '' };
}

function branchOf(inputSource: InputSource): string {
  const ref = requireVariable(inputSource, 'GITHUB_REF');
  const [, branch] = /^refs\/heads\/(.+)$/.exec(ref) ?? [];
  if (branch !== undefined) return branch;
  const what = ref.startsWith('refs/tags/') ? 'a tag' : 'not a branch';
  throw new LaunchpadError(
    'not-a-branch',
    `The workflow runs for ${ref}, which is ${what}: there is no branch to push to.`,
    {
      remedy: 'Start the workflow for the branch of the cluster repository that Argo CD follows.',
    },
  );
}
