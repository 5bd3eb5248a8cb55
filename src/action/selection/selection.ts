import { LaunchpadError } from '../../core/errors.ts';
import type { Operation } from '../../core/kinds.ts';
import type { PushedRange } from '../../inputs/event/event.ts';
import type { Origin } from '../../inputs/event/origin.ts';
import type { PullRequest } from '../../inputs/event/pull-request.ts';
import { requireOwn } from '../../inputs/instances.ts';
import type { ActionRequest } from '../../inputs/request.ts';
import { CommitMissing } from '../../repository/changed-files.ts';
import { ClusterRepository } from '../../repository/cluster-repository.ts';
import type { PullRequestFile } from '../github/api.ts';
import { changedInstances, type Selection } from './changed-instances.ts';

/** Lists the files that a pull request changes. */
export type ListFiles = (pullRequest: number) => Promise<readonly PullRequestFile[]>;

/**
 * The instances that the workflow names, else those that its event is about; none where there is nothing to do, and a
 * note says why.
 *
 * @param listFiles asked only for a pull request without input `instance`
 * @throws LaunchpadError where the event cannot tell, or does not go with the operation
 */
export async function selectInstances(
  request: ActionRequest,
  { event }: Pick<Origin, 'event'>,
  listFiles: ListFiles,
): Promise<Selection> {
  const { instances, operation, settings } = request;
  if (event?.kind === 'pull-request') {
    const idle = workOn(event.pullRequest, operation);
    if (idle !== undefined) return { instances: [], notes: [idle] };
  }
  if (instances !== undefined) return { instances, notes: [] };
  switch (event?.kind) {
    case 'pull-request': {
      const files = await listFiles(event.pullRequest.number);
      requireAll(files, event.pullRequest);
      const found = changedInstances(files.map(changeOf), settings.instancesDirectory);
      return ownEach(request, orNone(found, 'The pull request'));
    }
    case 'push':
      if (isDeletion(event.range)) return { instances: [], notes: ['The push deletes the branch: nothing to do.'] };
      return ownEach(request, orNone(await pushedInstances(request, event.range), 'The push'));
    default:
      return { instances: [], notes: [] };
  }
}

/** The instances of an event share input `config`, as those do that the workflow names. */
function ownEach({ newInstance }: ActionRequest, selection: Selection): Selection {
  requireOwn(selection.instances, newInstance.config);
  return selection;
}

function orNone({ instances, notes }: Selection, what: string): Selection {
  if (instances.length > 0) return { instances, notes };
  const none = `${what} adds or changes no config.yml and no application.yml of an instance: nothing to do.`;
  return { instances, notes: [...notes, none] };
}

/** GitHub lists no more of a pull request's files. */
const MOST_FILES = 3_000;

function requireAll(files: readonly PullRequestFile[], { number, changedFiles }: PullRequest): void {
  if (files.length < MOST_FILES || files.length === changedFiles) return;
  throw new LaunchpadError(
    'too-many-files',
    `Pull request #${number} changes ${changedFiles ?? 'more'} files, and GitHub lists the first ${MOST_FILES} only: instances may be among the others.`,
    { remedy: 'Name the instances by input instance, or split the pull request.' },
  );
}

function changeOf({ filename, status, previous_filename }: PullRequestFile) {
  return {
    path: filename,
    isRemoved: status === 'removed',
    renamedFrom: status === 'renamed' ? previous_filename : undefined,
  };
}

/** What a commit is called that is none. */
const NO_COMMIT = /^0*$/;

function isDeletion({ after }: PushedRange): boolean {
  return after !== '' && NO_COMMIT.test(after);
}

async function pushedInstances(request: ActionRequest, { before, after }: PushedRange): Promise<Selection> {
  const { instancesDirectory: directory } = request.settings;
  if (after === '' || NO_COMMIT.test(before)) throw notComparable('The push has no commit before it: a new branch');
  const repository = await ClusterRepository.open(request.repository);
  try {
    return changedInstances(await repository.changedFiles({ before, after, directory }), directory);
  } catch (error) {
    if (!(error instanceof CommitMissing)) throw error;
    throw notComparable(`The remote does not have commit ${error.commit} any more, as after a forced push`);
  }
}

function notComparable(why: string): LaunchpadError {
  return new LaunchpadError('push-not-comparable', `${why}. What the push adds or changes is therefore not known.`, {
    remedy: 'Name the instances by input instance, for instance in a run by workflow_dispatch.',
  });
}

/**
 * Whether a pull request needs work: an open one provisions what it adds; one that was closed without a merge deprovisions
 * it, if the operation says so.
 *
 * @returns why there is nothing to do; undefined where there is
 * @throws LaunchpadError `operation-refused` if it would deprovision an instance that is in use, or will be
 */
function workOn({ number, state, base }: PullRequest, operation: Operation): string | undefined {
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
