import type { Connection } from '../instance/connection.ts';
import type { Progress } from '../progress.ts';
import { terminateWorkflows } from './cleanup.ts';
import type { Cluster } from './client.ts';
import { parseConnection } from './connection-output.ts';
import { diagnose } from './diagnosis/diagnose.ts';
import { describeDiagnosis, WorkflowFailed } from './diagnosis/diagnosis.ts';
import { RENEWED_FOR_MS } from './lease.ts';
import { type Kind, RUN_LABEL } from './names.ts';
import type { SubmittedWorkflow } from './submit.ts';
import { waitForWorkflows } from './wait.ts';
import type { WorkflowOutcome } from './wait-state.ts';

/** A Workflow that succeeded. */
export interface FinishedWorkflow {
  readonly kind: Kind;
  readonly name: string;
  readonly phase: string;
  readonly seconds: number;
  /** Where the server is, as far as the workflow was told by a vendor's API. */
  readonly connection: Connection | undefined;
}

/** What people call the three kinds of work. */
const TITLES: Readonly<Record<Kind, string>> = { mysql: 'MySQL', mongodb: 'MongoDB', storage: 'Storage' };

export interface SuccessOptions {
  readonly run: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/**
 * Waits for the run's Workflows, and succeeds if all of them did. One that fails is looked into at once, while its pod is
 * still there; those that have not ended when the time is up are terminated.
 *
 * @throws WorkflowFailed, or an AggregateError of several
 */
export async function awaitSuccess(
  cluster: Cluster,
  instance: string,
  submitted: readonly SubmittedWorkflow[],
  { run, timeoutMs, signal, progress }: SuccessOptions,
): Promise<FinishedWorkflow[]> {
  const kinds = new Map(submitted.map(({ name, kind }) => [name, kind]));
  const kindOf = ({ name }: WorkflowOutcome) => kinds.get(name) ?? 'mysql';
  const failures = new Map<string, Promise<WorkflowFailed>>();
  const lookInto = (outcome: WorkflowOutcome) => {
    if (outcome.phase === 'Succeeded' || failures.has(outcome.name)) return;
    failures.set(outcome.name, failureOf(cluster, instance, outcome, kindOf(outcome), progress));
  };
  const outcomes = await waitForWorkflows(cluster, {
    namespace: instance,
    labelSelector: `${RUN_LABEL}=${run}`,
    names: submitted.map(({ name }) => name),
    timeoutMs,
    // The run does not outlive its Lease.
    unreachableMs: RENEWED_FOR_MS,
    signal,
    onChange: (line) => progress.info(line),
    onTrouble: (line) => progress.warning(line),
    onOutcome: lookInto,
  });
  outcomes.forEach(lookInto);
  const errors = await Promise.all(failures.values());
  if (outcomes.some(({ phase }) => phase === 'TimedOut')) await terminateWorkflows(cluster, instance, { only: run });
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} of ${submitted.length} workflows failed.`);
  if (errors[0] !== undefined) throw errors[0];
  return outcomes.map((outcome) => {
    const { name, phase, seconds, outputs } = outcome;
    const connection = parseConnection(outputs.get('connection') ?? '');
    return { kind: kindOf(outcome), name, phase, seconds, connection };
  });
}

/** Looks into a failure, and shows what was found. */
async function failureOf(
  cluster: Cluster,
  instance: string,
  outcome: WorkflowOutcome,
  kind: Kind,
  progress: Progress,
): Promise<WorkflowFailed> {
  const diagnosis = await diagnose(cluster, instance, outcome, TITLES[kind]);
  for (const line of describeDiagnosis(diagnosis)) progress.info(line);
  return new WorkflowFailed(diagnosis);
}
