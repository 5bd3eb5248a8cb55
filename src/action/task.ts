import type { Operation } from '../request.ts';
import type { ActionRequest } from './request.ts';

/** What is to be done with one instance. */
export interface Task {
  readonly instance: string;
  readonly operation: Operation;
  /** Nothing is to be changed, only shown what would be. */
  readonly isDryRun: boolean;
  /** Whether it is what a pull request adds: the instance follows the pull request's branch, and is not in use. */
  readonly isSandbox: boolean;
}

/** What the workflow asks for, instance by instance. */
export function tasksOf({ instances, operation, isDryRun }: ActionRequest): Task[] {
  return instances.map((instance) => ({ instance, operation, isDryRun, isSandbox: false }));
}
