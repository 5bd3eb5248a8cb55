import { LaunchpadError } from '../errors.ts';
import type { Connection } from '../instance/connection.ts';
import type { Progress } from '../progress.ts';
import { terminateWorkflows } from './cleanup.ts';
import type { Cluster } from './client.ts';
import { parseConnection } from './connection-output.ts';
import { explainFailure } from './failure.ts';
import { type Kind, RUN_LABEL } from './names.ts';
import type { SubmittedWorkflow } from './submit.ts';
import { type WorkflowOutcome, waitForWorkflows } from './wait.ts';

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
 * Waits for the run's Workflows, and succeeds if all of them did.
 *
 * @throws LaunchpadError that says why a Workflow failed, or an AggregateError of several; LaunchpadError
 *   `workflow-timeout` when the time is up
 */
export async function awaitSuccess(
  cluster: Cluster,
  instance: string,
  submitted: readonly SubmittedWorkflow[],
  { run, timeoutMs, signal, progress }: SuccessOptions,
): Promise<FinishedWorkflow[]> {
  const result = await waitForWorkflows(cluster, {
    namespace: instance,
    labelSelector: `${RUN_LABEL}=${run}`,
    names: submitted.map(({ name }) => name),
    timeoutMs,
    signal,
    onChange: (line) => progress.info(line),
    onRetry: (line) => progress.info(line),
  });
  const kindOf = new Map(submitted.map(({ name, kind }) => [name, kind]));
  const work = result.outcomes.map((outcome) => ({ outcome, kind: kindOf.get(outcome.name) ?? 'mysql' }));
  const failed = work.filter(({ outcome }) => outcome.phase !== 'Succeeded');
  const errors = await Promise.all(
    failed.map(({ outcome, kind }) => failureOf(cluster, instance, outcome, kind, progress)),
  );
  if (result.kind === 'timed-out') {
    await terminateWorkflows(cluster, instance, { only: run });
    errors.push(timedOut(result.states, timeoutMs));
  }
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} of ${submitted.length} workflows failed.`);
  if (errors[0] !== undefined) throw errors[0];
  return work.map(({ outcome: { name, phase, seconds, outputs }, kind }) => {
    return { kind, name, phase, seconds, connection: parseConnection(outputs.get('connection') ?? '') };
  });
}

async function failureOf(
  cluster: Cluster,
  instance: string,
  outcome: WorkflowOutcome,
  kind: Kind,
  progress: Progress,
): Promise<LaunchpadError> {
  const { error, log } = await explainFailure(cluster, instance, outcome, TITLES[kind]);
  for (const line of log) progress.info(`${outcome.name} | ${line}`);
  return error;
}

function timedOut(states: readonly string[], timeoutMs: number): LaunchpadError {
  return new LaunchpadError(
    'workflow-timeout',
    `The workflows did not end within ${Math.round(timeoutMs / 1000)} s and were terminated. ${states.join('; ')}.`,
    {
      remedy:
        'Where they never started, check that the Argo Workflows controller runs and manages the namespace; else raise input timeout. Then run again: what is done already is kept.',
    },
  );
}
