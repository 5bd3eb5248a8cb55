import type { Origin } from '../../inputs/event/origin.ts';
import type { ActionRequest } from '../../inputs/request.ts';
import { instancePaths } from '../../instance/paths.ts';
import type { Operation } from '../../operations/request.ts';
import type { Tips } from '../../repository/cluster-repository.ts';
import { pullRequestTasks } from '../pull-request/tasks.ts';
import type { Selection } from './selection.ts';

/** What is to be done with one instance. */
export interface Task {
  readonly instance: string;
  readonly operation: Operation;
  /** Nothing is to be changed, only shown what would be. */
  readonly isDryRun: boolean;
  /** Whether it is what a pull request adds: the instance follows the pull request's branch, and is not in use. */
  readonly isSandbox: boolean;
}

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
  { event, tips }: Pick<Origin, 'event'> & { readonly tips: Tips },
): Promise<Tasks> {
  const { instances, notes } = await withoutGone(request, selection, tips);
  if (event?.kind === 'pull-request') {
    const found = await pullRequestTasks(request, instances, { pullRequest: event.pullRequest, tips });
    return { tasks: found.tasks, notes: [...notes, ...found.notes] };
  }
  const { operation, isDryRun } = request;
  return { tasks: instances.map((instance) => ({ instance, operation, isDryRun, isSandbox: false })), notes };
}

/** What an event is about may be gone from the branch by now: then it is not to be made anew from its name alone. */
async function withoutGone(request: ActionRequest, selection: Selection, { tip }: Tips): Promise<Selection> {
  if (request.instances !== undefined) return selection;
  const { instances, notes } = selection;
  const paths = instances.map((instance) => instancePaths(request.settings, instance).directory);
  const isThere = await Promise.all(paths.map((path) => tip.exists(path)));
  const gone = instances.filter((_, index) => !isThere[index]);
  return {
    instances: instances.filter((_, index) => isThere[index]),
    notes: [...notes, ...gone.map((name) => `Instance ${name}: the branch does not have it any more. It is left out.`)],
  };
}
