import { LaunchpadError } from '../../core/errors.ts';
import type { RunJournal } from '../../core/run-journal.ts';
import type { ActionRequest } from '../../inputs/request.ts';
import type { Assets } from '../../operations/assets.ts';
import { deprovision } from '../../operations/deprovision.ts';
import { dryDeprovision } from '../../operations/dry-deprovision.ts';
import { dryRun } from '../../operations/dry-run.ts';
import type { Outcome } from '../../operations/outcome/outcome.ts';
import { provision } from '../../operations/provision.ts';
import type { ProvisionRequest } from '../../operations/request.ts';
import type { Surroundings } from '../../operations/session.ts';
import type { Task } from '../selection/tasks.ts';
import type { RunState } from '../state.ts';

/** What the tasks of a step have in common. */
export interface TaskContext {
  readonly request: ActionRequest;
  readonly assets: Assets;
  readonly surroundings: Surroundings;
  /** Where what a killed step leaves is remembered. */
  readonly state: RunState;
  readonly signal: AbortSignal;
}

/** Does the task, and gives back how it ended, whatever is thrown. */
export async function runTask(task: Task, context: TaskContext, journal: RunJournal): Promise<Outcome> {
  const { instance, operation, isDryRun } = task;
  const isRemoval = operation === 'deprovision';
  const { surroundings, state, signal } = context;
  const request = requestOf(task, context);
  try {
    if (isDryRun) {
      const report = await (isRemoval ? dryDeprovision : dryRun)(request, surroundings, journal, signal);
      return { task, record: journal.record, kind: 'planned', report };
    }
    if (isRemoval) {
      const report = await deprovision(request, surroundings, journal, signal);
      state.ended(instance);
      return { task, record: journal.record, kind: 'deprovisioned', report };
    }
    const report = await provision(request, surroundings, journal, signal);
    state.ended(instance);
    return { task, record: journal.record, kind: 'provisioned', report };
  } catch (error) {
    // Another run has taken over, and cleans up what this one left: nothing is to be deleted behind its back.
    if (error instanceof LaunchpadError && error.code === 'lease-lost') state.ended(instance);
    return { task, record: journal.record, kind: 'failed', error };
  }
}

function requestOf({ instance, isSandbox }: Task, { request, assets, state }: TaskContext): ProvisionRequest {
  const onStarted = () => state.started({ instance, id: request.run.id });
  return { ...request, instance, isSandbox, assets, onStarted };
}
