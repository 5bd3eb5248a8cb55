import { mapConcurrently } from '../core/concurrency.ts';
import { LaunchpadError } from '../core/errors.ts';
import type { ProgressLog } from '../core/progress.ts';
import { NOTHING, type RunRecord } from '../core/run-record.ts';
import { RunRecorder } from '../core/run-recorder.ts';
import type { Assets } from './assets.ts';
import { deprovision } from './deprovision.ts';
import { dryDeprovision } from './dry-deprovision.ts';
import { dryRun } from './dry-run.ts';
import type { Outcome, Task } from './outcome/outcome.ts';
import type { Result } from './outcome/result.ts';
import { provision } from './provision.ts';
import type { ProvisionRequest } from './request.ts';
import type { Session } from './session.ts';

/**
 * Does the tasks side by side, at most `parallelism` of the request at once. Each fails alone: the others go on. Once the
 * signal has aborted, those under way come to their end by themselves, and none is begun any more.
 *
 * @param log one that gives each task a log of its own, or one for all
 * @param record what the step has come to by now, where its log is that of the task as well
 * @returns the outcomes in the order of the tasks
 */
export async function runTasks(
  tasks: readonly Task[],
  context: TaskContext,
  log: ProgressLog | StepLog,
  record: RunRecord,
): Promise<Outcome[]> {
  const { request, signal, state } = context;
  return await mapConcurrently(tasks, request.parallelism, async (task): Promise<Outcome> => {
    const { instance, operation } = task;
    if (signal.aborted) return { task, record: { ...NOTHING, operation }, kind: 'failed', error: signal.reason };
    const onChange = (changed: RunRecord) => state.record(instance, changed);
    if (!('forTask' in log))
      return await runTask(task, context, new RunRecorder(log, onChange, { ...record, operation }));
    const own = log.forTask(instance);
    const outcome = await runTask(task, context, new RunRecorder(own, onChange, { ...NOTHING, operation }));
    own.ended(outcome);
    return outcome;
  });
}

/** What the tasks of a step are asked to do alike. */
export interface SharedRequest extends Omit<ProvisionRequest, 'instance' | 'isPreview' | 'assets' | 'onStarted'> {
  /** How many tasks run at once. */
  readonly parallelism: number;
}

/** What the tasks of a step have in common. */
export interface TaskContext {
  readonly request: SharedRequest;
  readonly assets: Assets;
  readonly session: Session;
  /** Where what a killed step leaves is remembered. */
  readonly state: RunState;
  readonly signal: AbortSignal;
}

/** Does the task, and gives back how it ended, whatever is thrown. */
export async function runTask(task: Task, context: TaskContext, recorder: RunRecorder): Promise<Outcome> {
  const { instance, operation, isDryRun } = task;
  const isDeprovision = operation === 'deprovision';
  const { session, state, signal } = context;
  const request = requestOf(task, context);
  try {
    if (isDryRun) {
      const report = await (isDeprovision ? dryDeprovision : dryRun)(request, session, recorder, signal);
      return { task, record: recorder.recorded, kind: 'planned', report };
    }
    if (isDeprovision) {
      const report = await deprovision(request, session, recorder, signal);
      state.ended(instance);
      return { task, record: recorder.recorded, kind: 'deprovisioned', report };
    }
    const report = await provision(request, session, recorder, signal);
    state.ended(instance);
    return { task, record: recorder.recorded, kind: 'provisioned', report };
  } catch (error) {
    // Another run has taken over, and cleans up what this one left: nothing is to be deleted behind its back.
    if (error instanceof LaunchpadError && error.code === 'lease-lost') state.ended(instance);
    return { task, record: recorder.recorded, kind: 'failed', error };
  }
}

function requestOf({ instance, isPreview }: Task, { request, assets, state }: TaskContext): ProvisionRequest {
  const onStarted = () => state.started({ instance, id: request.run.id });
  return { ...request, instance, isPreview, assets, onStarted };
}

/** Keeps what the end of the step must know if it is killed. */
export interface RunState {
  /** The step is about these instances. */
  instances(names: readonly string[]): void;
  /** From now on there may be something to clean up. */
  started(run: StartedRun): void;
  /** What the run has come to. */
  record(instance: string, record: RunRecord): void;
  /** The run has left nothing to clean up. */
  ended(instance: string): void;
  /** How one of several runs ended: it need not be told of any more if the step is killed before its end. */
  result(result: Result): void;
  /** How the runs ended has been said. */
  reported(): void;
}

/** A run that may have something to clean up. */
export interface StartedRun {
  readonly instance: string;
  readonly id: string;
}

/** The log of one of several tasks that are done side by side. */
export interface TaskLog extends ProgressLog {
  /** Nothing more comes: what was kept can be shown. */
  ended(outcome: Outcome): void;
}

/** Where a step tells of several tasks, each of which has a log of its own. */
export interface StepLog {
  /** Called when the task begins. */
  forTask(instance: string): TaskLog;
}
