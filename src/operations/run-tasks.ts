import { isTakenByAnother } from '../cluster/namespace/held-lease.ts';
import { mapConcurrently } from '../core/concurrency.ts';
import type { ProgressLog } from '../core/progress.ts';
import { EMPTY_RECORD, type RunRecord } from '../core/run-record.ts';
import { RunRecorder } from '../core/run-recorder.ts';
import type { Assets } from './assets.ts';
import { afterProblems } from './cancellation.ts';
import { deprovision } from './deprovision.ts';
import { dryDeprovision, dryProvision } from './dry-run.ts';
import { lookUpEffects } from './outcome/look-up.ts';
import type { Outcome, Task } from './outcome/outcome.ts';
import type { Result } from './outcome/result.ts';
import { provision } from './provision.ts';
import type { ProvisionRequest } from './request.ts';
import type { Session } from './session.ts';
import { shareToken } from './shared-token.ts';

/**
 * Does the tasks concurrently, at most `parallelism` of the request at once. A task that fails does not stop the others.
 * After the signal has aborted no task begins; those that run end by themselves.
 *
 * @param log one that gives each task its own log, or one log for the only task
 * @param record what the step has done so far, if the only task shares its log
 * @returns the outcomes in the order of the tasks
 */
export async function runTasks(
  tasks: readonly Task[],
  context: TaskContext,
  log: ProgressLog | StepLog,
  record: RunRecord,
): Promise<Outcome[]> {
  const isBatch = tasks.filter(({ isDryRun }) => !isDryRun).length > 1;
  if (!isBatch) return await runEach(tasks, context, log, record);
  const { request } = context;
  const { settings, token, end } = await shareToken(request.settings);
  try {
    return await runEach(tasks, { ...context, request: { ...request, settings } }, log, record, token);
  } finally {
    await end();
  }
}

async function runEach(
  tasks: readonly Task[],
  context: TaskContext,
  log: ProgressLog | StepLog,
  record: RunRecord,
  token = '',
): Promise<Outcome[]> {
  const { request, signal, state } = context;
  return await mapConcurrently(tasks, request.parallelism, async (task, lane): Promise<Outcome> => {
    const { instance, operation } = task;
    if (signal.aborted) return { task, record: { ...EMPTY_RECORD, operation }, kind: 'failed', error: signal.reason };
    const onChange = (changed: RunRecord) => state.record(instance, changed);
    const run = async (own: ProgressLog, start: RunRecord) =>
      await runTask(task, context, lane, new RunRecorder(own, onChange, { ...start, operation }));
    if (!('forTask' in log)) return await run(log, record);
    const own = log.forTask(instance);
    if (token !== '') own.secret(token);
    const outcome = await run(own, EMPTY_RECORD);
    own.ended(outcome);
    return outcome;
  });
}

/** The part of a request that the tasks of a step share. */
interface SharedRequest
  extends Omit<ProvisionRequest, 'instance' | 'operation' | 'isPreview' | 'lane' | 'assets' | 'onStarted'> {
  /** How many tasks run at once. */
  readonly parallelism: number;
}

/** What the tasks of a step share. */
export interface TaskContext {
  readonly request: SharedRequest;
  readonly assets: Assets;
  readonly session: Session;
  /** Remembers what a killed step leaves. */
  readonly state: RunState;
  readonly signal: AbortSignal;
}

/** Does the task, and returns how it ended, whatever is thrown. */
async function runTask(task: Task, context: TaskContext, lane: number, recorder: RunRecorder): Promise<Outcome> {
  const { instance, operation, isDryRun } = task;
  const isDeprovision = operation === 'deprovision';
  const { session, state, signal } = context;
  const request = requestOf(task, lane, context);
  try {
    if (isDryRun) {
      const report = await (isDeprovision ? dryDeprovision : dryProvision)(request, session, recorder, signal);
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
    await lookUpEffects(session.cluster, instance, recorder);
    // The run that took over the Lease cleans up: this one must not delete anything any more.
    if (isTakenByAnother(error)) state.ended(instance);
    const record = recorder.recorded;
    return { task, record, kind: 'failed', error: afterProblems(error, record) };
  }
}

function requestOf(
  { instance, operation, isPreview }: Task,
  lane: number,
  { request, assets, state }: TaskContext,
): ProvisionRequest {
  const onStarted = () => state.started({ instance, id: request.run.id });
  return { ...request, instance, operation, isPreview, lane, assets, onStarted };
}

/** The log of one of several tasks. */
export interface TaskLog extends ProgressLog {
  /** The task has ended: a log that keeps lines can show them. */
  ended(outcome: Outcome): void;
}

/** The log of several tasks, each with its own part. */
export interface StepLog {
  /** The log of a task that begins. */
  forTask(instance: string): TaskLog;
}

/** Remembers what the next step of the job must know if this one is killed. */
export interface RunState {
  /** The step is about these instances. */
  instances(names: readonly string[]): void;
  /** From now on there may be something to clean up. */
  started(run: StartedRun): void;
  /** What the run has done so far. */
  record(instance: string, record: RunRecord): void;
  /** The run has left nothing to clean up. */
  ended(instance: string): void;
  /** How one of several runs ended; its record is not needed any more. */
  result(result: Result): void;
  /** The step has reported how its runs ended. */
  reported(): void;
}

/** A run that may have something to clean up. */
export interface StartedRun {
  readonly instance: string;
  readonly id: string;
}
