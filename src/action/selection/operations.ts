import { LaunchpadError } from '../../core/errors.ts';
import type { Operation } from '../../core/kinds.ts';
import type { PullRequest } from '../../inputs/event/pull-request.ts';

/**
 * Whether a pull request needs work: an open one provisions what it adds; one that was closed without a merge deprovisions
 * it, if the operation says so.
 *
 * @returns why there is nothing to do; undefined where there is
 * @throws LaunchpadError `operation-refused` if it would deprovision an instance that is in use, or will be
 */
export function workOn({ number, state, base }: PullRequest, operation: Operation): string | undefined {
  if (operation === 'deprovision') {
    if (state === 'closed') return undefined;
    throw state === 'open' ? refused(number, 'is open', CLOSE) : refused(number, `was merged into ${base}`, BY_NAME);
  }
  switch (state) {
    case 'open':
      return undefined;
    case 'merged':
      return `Pull request #${number} was merged: what it adds or changes is applied by the run on ${base}. Nothing to do here.`;
    case 'closed':
      return `Pull request #${number} was closed without having been merged: nothing is provisioned for it. Operation deprovision removes what it had added.`;
  }
}

const CLOSE =
  'Close the pull request without merging it: a workflow on its event closed, with operation: deprovision, then removes what it added.';
const BY_NAME =
  'To deprovision an instance that is in use, run operation deprovision by workflow_dispatch, with its name.';

function refused(number: number, why: string, remedy: string): LaunchpadError {
  return new LaunchpadError(
    'operation-refused',
    `Pull request #${number} ${why}: operation deprovision removes only what a pull request added that was closed without having been merged.`,
    { remedy },
  );
}
