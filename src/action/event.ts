import { LaunchpadError } from '../errors.ts';
import { type Lookup, variableOf } from './lookup.ts';

/**
 * The branch that the run works on: the one that the workflow was started for.
 *
 * @throws LaunchpadError `event-unsupported` for a pull request, `not-a-branch` for a tag or another ref,
 *   `not-in-workflow` outside of GitHub Actions
 */
export function branchOf(lookup: Lookup): string {
  const event = variableOf(lookup, 'GITHUB_EVENT_NAME') ?? '';
  if (event.startsWith('pull_request')) {
    throw new LaunchpadError('event-unsupported', `The event ${event} is not supported yet.`, {
      remedy: 'Start the workflow for a branch, for instance by workflow_dispatch.',
    });
  }
  const ref = requireVariable(lookup, 'GITHUB_REF');
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

/** A variable that GitHub Actions always sets. @throws LaunchpadError `not-in-workflow` */
export function requireVariable(lookup: Lookup, name: string): string {
  const value = variableOf(lookup, name);
  if (value !== undefined) return value;
  throw new LaunchpadError(
    'not-in-workflow',
    `The environment variable ${name} is not set, as GitHub Actions sets it.`,
    {
      remedy: 'Run the action in a workflow of GitHub Actions, or set the variable as GitHub would.',
    },
  );
}
