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
  const remedy = UNSUPPORTED.find(({ events }) => events.includes(name))?.remedy;
  if (remedy !== undefined) {
    throw new LaunchpadError('event-unsupported', `The event ${name} is not supported.`, { remedy });
  }
  const branch = branchOf(inputSource);
  return name === 'push' ? { kind: 'push', branch, range: rangeOf(inputSource) } : { kind: 'branch', branch };
}

/**
 * Events whose ref is not what would be deployed
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows). Those of the default
 * branch are fine: schedule, workflow_run, repository_dispatch, issues and others; of a tag each is refused.
 */
const UNSUPPORTED = [
  {
    events: ['pull_request_review', 'pull_request_review_comment', 'pull_request_comment'],
    remedy: 'Start the workflow on pull_request, or for a branch, for instance by workflow_dispatch.',
  },
  {
    events: ['merge_group'],
    remedy:
      "Start the workflow on pull_request, or after the merge on push. For a required check skip this step by `if: github.event_name != 'merge_group'`.",
  },
  {
    events: ['release'],
    remedy: 'Start the workflow on push to the branch that Argo CD follows, or by workflow_dispatch.',
  },
];

/** Branches that GitHub makes for its merge queue and deletes afterwards. */
const MERGE_QUEUE = /^gh-readonly-queue\//;

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#push */
function rangeOf(inputSource: InputSource): PushedRange {
  const payload = readPayload(inputSource);
  const [before, after] = ['before', 'after'].map((key) => valueAt(payload, key));
  return { before: typeof before === 'string' ? before : '', after: typeof after === 'string' ? after : '' };
}

function branchOf(inputSource: InputSource): string {
  const ref = requireVariable(inputSource, 'GITHUB_REF');
  const [, branch] = /^refs\/heads\/(.+)$/.exec(ref) ?? [];
  if (branch !== undefined && MERGE_QUEUE.test(branch)) {
    throw new LaunchpadError(
      'event-unsupported',
      `The branch ${branch} belongs to GitHub's merge queue, which deletes it.`,
      {
        remedy: 'Start the workflow on pull_request, or after the merge on push to the branch itself.',
      },
    );
  }
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
