import { LaunchpadError } from '../../core/errors.ts';
import type { Origin } from '../../inputs/event/origin.ts';
import type { PullRequest } from '../../inputs/event/pull-request.ts';
import type { ActionRequest } from '../../inputs/request.ts';
import { commitBody, messageWith } from '../../instance/changes.ts';
import { instancePaths } from '../../instance/name.ts';
import type { Task } from '../../operations/outcome/outcome.ts';
import type { BranchHeads } from '../../repository/cluster-repository.ts';
import type { ExpectedCommits } from '../github/branch-rules.ts';
import type { Selection } from './changed-instances.ts';

/** What a step is to do, and what it leaves out. */
export interface Tasks {
  readonly tasks: readonly Task[];
  /** What the operator should know: what is left out, and why. */
  readonly notes: readonly string[];
}

/**
 * What the workflow asks for, instance by instance.
 *
 * @throws LaunchpadError `operation-refused` for an instance that a pull request may not touch
 */
export async function tasksOf(
  request: ActionRequest,
  selection: Selection,
  { event, heads }: Pick<Origin, 'event'> & { readonly heads: BranchHeads },
): Promise<Tasks> {
  const { instances, notes } = await withoutDeleted(request, selection, heads);
  if (event?.kind === 'pull-request') {
    const found = await pullRequestTasks(request, instances, { pullRequest: event.pullRequest, heads });
    return { tasks: found.tasks, notes: [...notes, ...found.notes] };
  }
  const { operation, isDryRun } = request;
  return { tasks: instances.map((instance) => ({ instance, operation, isDryRun, isPreview: false })), notes };
}

/** What an event is about may be gone from the branch by now: then it is not to be made anew from its name alone. */
async function withoutDeleted(request: ActionRequest, selection: Selection, { head }: BranchHeads): Promise<Selection> {
  if (request.instances !== undefined) return selection;
  const { instances, notes } = selection;
  const paths = instances.map((instance) => instancePaths(request.settings, instance).directory);
  const isThere = await Promise.all(paths.map((path) => head.exists(path)));
  const deleted = instances.filter((_, index) => !isThere[index]);
  return {
    instances: instances.filter((_, index) => isThere[index]),
    notes: [
      ...notes,
      ...deleted.map((name) => `Instance ${name}: the branch does not have it any more. It is left out.`),
    ],
  };
}

/**
 * The tasks of a pull request. What it adds is a preview. What the base branch has is in use: it is only planned and never
 * deprovisioned, whatever happens to its files.
 *
 * @param instances names that the workflow gives, or that the pull request is about
 * @throws LaunchpadError `operation-refused` if the workflow names an instance to deprovision that the pull request did
 *   not add
 */
async function pullRequestTasks(
  request: ActionRequest,
  instances: readonly string[],
  { pullRequest, heads }: { readonly pullRequest: PullRequest; readonly heads: BranchHeads },
): Promise<Tasks> {
  const found = await Promise.all(instances.map((instance) => placeOf(request, instance, heads)));
  const isTakenDown = request.operation === 'deprovision';
  const left = isTakenDown ? found.filter(({ isAdded }) => !isAdded) : [];
  if (left.length > 0 && request.instances !== undefined) throw notAdded(pullRequest, left);
  return {
    tasks: found.filter((place) => !left.includes(place)).map((place) => taskFor(request, place)),
    notes: left.map(({ instance }) => `Instance ${instance}: ${pullRequest.base} has it. It is left as it is.`),
  };
}

/** An instance, and which of the branches has it. */
interface Place {
  readonly instance: string;
  readonly isInUse: boolean;
  /** Whether the pull request has it, and the base does not. */
  readonly isAdded: boolean;
}

async function placeOf({ settings }: ActionRequest, instance: string, { head, base }: BranchHeads): Promise<Place> {
  const { directory } = instancePaths(settings, instance);
  const [isInUse, isThere] = await Promise.all([base.exists(directory), head.exists(directory)]);
  return { instance, isInUse, isAdded: isThere && !isInUse };
}

function taskFor({ operation, isDryRun }: ActionRequest, { instance, isInUse }: Place): Task {
  return { instance, operation, isDryRun: isDryRun || isInUse, isPreview: !isInUse };
}

function notAdded({ number, base }: PullRequest, left: readonly Place[]): LaunchpadError {
  const reasons = left.map(({ instance, isInUse }) =>
    isInUse ? `${instance} is on ${base}, so it is in use` : `${instance} is not in the pull request`,
  );
  return new LaunchpadError(
    'operation-refused',
    `A closed pull request deprovisions only what it added, and #${number} did not add all of them: ${reasons.join('; ')}.`,
    {
      remedy:
        'Leave input instance empty, so that what the pull request added is found; run operation deprovision by workflow_dispatch for other instances.',
    },
  );
}

/** The commits of these tasks, as far as they are known before any is begun. */
export async function expectedCommits(
  { settings, run, repository }: Pick<ActionRequest, 'settings' | 'run' | 'repository'>,
  tasks: readonly Task[],
  { head }: BranchHeads,
): Promise<ExpectedCommits> {
  const commits = await Promise.all(
    tasks.map(async ({ instance, operation }) => {
      const { config } = instancePaths(settings, instance);
      const isThere = await head.exists(config);
      const isRemoval = operation === 'deprovision';
      const verbs = isRemoval ? ['chore: remove'] : isThere ? ['chore: update', 'feat: add'] : ['feat: add'];
      const messages = verbs.map((verb) => messageWith(`${verb} instance ${instance}`, commitBody(run)));
      const commit = { messages, paths: [config], email: repository.author.email };
      return { commit, isPossible: isThere || !isRemoval, isCertain: isThere === isRemoval };
    }),
  );
  const certain = commits.filter(({ isCertain }) => isCertain).map(({ commit }) => commit);
  const possible = commits.filter(({ isPossible }) => isPossible).map(({ commit }) => commit);
  return { certain, possible };
}
