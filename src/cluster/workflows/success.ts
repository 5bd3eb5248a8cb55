import { type Clock, SYSTEM_CLOCK } from '../../core/clock.ts';
import { isFields, textIn } from '../../core/fields.ts';
import { type Kind, TITLES } from '../../core/kinds.ts';
import type { Progress } from '../../core/progress.ts';
import { startedNow } from '../../core/run-record.ts';
import type { Connection, ServerFacts } from '../../instance/changes.ts';
import type { Cluster } from '../api/client.ts';
import { RENEWED_FOR_MS } from '../namespace/held-lease.ts';
import { terminateWorkflows } from './cleanup.ts';
import { diagnose } from './diagnose.ts';
import { describeDiagnosis, WorkflowFailed } from './diagnosis.ts';
import { type PodReport, reportIn } from './pod-report.ts';
import type { StepWatches } from './step-watches.ts';
import { type Submission, type SubmittedWorkflow, submitWorkflows } from './submit.ts';
import { waitForWorkflows } from './wait.ts';
import type { WorkflowOutcome } from './wait-state.ts';

/** A Workflow that succeeded. */
export interface FinishedWorkflow extends SubmittedWorkflow {
  readonly phase: string;
  readonly seconds: number;
  /** The server's address, if the workflow got one from a vendor's API. */
  readonly connection: Connection | undefined;
  /** What the server itself has, if the workflow asked it. */
  readonly server: ServerFacts | undefined;
  /** What its program says, if the watches have brought the pod's end. */
  readonly report: PodReport | undefined;
}

/** Submissions of a Workflow whose WorkflowTemplate is not in the cache of Argo's controller yet. */
const ATTEMPTS = 3;

export interface SuccessOptions {
  readonly instance: string;
  readonly run: string;
  readonly watches: StepWatches;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  readonly clock?: Clock;
}

/**
 * Waits until all of the run's Workflows have succeeded. A failed one is diagnosed at once, before its pod is deleted.
 * Those that never start, or have not ended after the time limit, are terminated.
 *
 * Argo's controller watches WorkflowTemplates and Workflows separately. If it is busy, it may see the Workflow first and
 * end it because the template is missing. Such a Workflow never had a pod, and is submitted again.
 *
 * @throws WorkflowFailed, or an AggregateError of several
 */
export async function awaitSuccess(
  cluster: Cluster,
  submission: Submission,
  submitted: readonly SubmittedWorkflow[],
  options: SuccessOptions,
): Promise<FinishedWorkflow[]> {
  const { clock = SYSTEM_CLOCK } = options;
  const endsAt = clock.monotonicMs() + options.timeoutMs;
  const ended: Ended[] = [];
  const failures = new Map<string, Promise<WorkflowFailed>>();
  let current = submitted;
  for (let attempt = 1; ; attempt += 1) {
    const isLast = attempt === ATTEMPTS;
    const timeoutMs = Math.max(0, Math.round(endsAt - clock.monotonicMs()));
    const outcomes = await awaitEnds(cluster, current, { ...options, timeoutMs }, failures, isLast);
    const again = isLast ? [] : outcomes.filter(({ outcome }) => isWithoutTemplate(outcome));
    ended.push(...outcomes.filter((one) => !again.includes(one)));
    if (again.length === 0) break;
    const kinds = again.map(({ workflow }) => workflow.kind);
    options.progress.info(`Argo did not know the WorkflowTemplate yet: submitting again (${kinds.join(', ')})`);
    const inputs = submission.inputs.filter(({ kind }) => kinds.includes(kind));
    current = await submitWorkflows(cluster, { ...submission, inputs }, attempt + 1);
    options.progress.record({ workflows: current.map(startedNow) });
  }
  const errors = await Promise.all(failures.values());
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} of ${submitted.length} workflows failed.`);
  if (errors[0] !== undefined) throw errors[0];
  return ended.map(({ workflow, outcome: { phase, seconds, outputs, evidence } }) => {
    const found = parse(outputs.get('connection') ?? '');
    const report = reportIn(evidence.pod, evidence.workflow);
    return { ...workflow, phase, seconds, connection: connectionIn(found), server: serverIn(found), report };
  });
}

interface Ended {
  readonly workflow: SubmittedWorkflow;
  readonly outcome: WorkflowOutcome;
}

/** Waits for these Workflows and diagnoses failures. A missing template counts as a failure only at the last attempt. */
async function awaitEnds(
  cluster: Cluster,
  workflows: readonly SubmittedWorkflow[],
  { run, instance, watches, timeoutMs, signal, progress, clock = SYSTEM_CLOCK }: SuccessOptions,
  failures: Map<string, Promise<WorkflowFailed>>,
  isLast: boolean,
): Promise<Ended[]> {
  const workflowOf = ({ name }: WorkflowOutcome) => workflows.find((one) => one.name === name);
  const diagnoseFailure = (outcome: WorkflowOutcome) => {
    const kind = workflowOf(outcome)?.kind;
    if (kind === undefined || outcome.phase === 'Succeeded' || failures.has(outcome.name)) return;
    if (isWithoutTemplate(outcome) && !isLast) return;
    failures.set(outcome.name, failureOf(cluster, instance, outcome, kind, progress));
  };
  const outcomes = await waitForWorkflows(cluster, {
    namespace: instance,
    watches,
    names: workflows.map(({ name }) => name),
    timeoutMs,
    // The run's Lease expires after this time.
    unreachableMs: RENEWED_FOR_MS,
    signal,
    clock,
    onChange: (line) => progress.info(line),
    onProblem: (line) => progress.warning(line),
    onHeldUp: (problems) => progress.record({ problems }),
    onOutcome: diagnoseFailure,
  });
  outcomes.forEach(diagnoseFailure);
  if (outcomes.some(({ phase }) => ['TimedOut', 'NeverStarts'].includes(phase)))
    await terminateWorkflows(cluster, instance, { only: run });
  return outcomes.flatMap((outcome) => {
    const workflow = workflowOf(outcome);
    return workflow === undefined ? [] : [{ workflow, outcome }];
  });
}

/** Argo repeats the API server's message for a template that is not in its cache (workflow/util of argo-workflows). */
function isWithoutTemplate({ phase, message }: WorkflowOutcome): boolean {
  return phase === 'Error' && /workflowtemplates?\.argoproj\.io "[^"]*" not found/.test(message);
}

/** Diagnoses a failure and logs the diagnosis. */
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

/** Of the output parameter `connection`: the server's address that a provisioner got from a vendor's API. */
function connectionIn(value: unknown): Connection | undefined {
  if (!isFields(value)) return undefined;
  const { host, port, useSsl } = value;
  if (typeof host !== 'string' || typeof port !== 'number') return undefined;
  return { host, port, replicaSet: textIn(value, 'replicaSet'), useSsl: useSsl === true };
}

function serverIn(value: unknown): ServerFacts | undefined {
  const server = isFields(value) ? value.server : undefined;
  if (!isFields(server)) return undefined;
  const { useSsl } = server;
  return {
    useSsl: useSsl === true,
    replicaSet: textIn(server, 'replicaSet'),
    authMechanism: textIn(server, 'authMechanism'),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
