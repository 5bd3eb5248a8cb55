import { isFields } from '../../core/fields.ts';
import type { Kind } from '../../core/kinds.ts';
import type { Progress } from '../../core/progress.ts';
import { startedNow } from '../../core/run-record.ts';
import type { Connection } from '../../instance/changes.ts';
import type { Cluster } from '../api/client.ts';
import { RENEWED_FOR_MS } from '../namespace/lease.ts';
import { RUN_LABEL } from '../objects/names.ts';
import { terminateWorkflows } from './cleanup.ts';
import { diagnose } from './diagnose.ts';
import { describeDiagnosis, WorkflowFailed } from './diagnosis.ts';
import { type Submission, type SubmittedWorkflow, submitWorkflows } from './submit.ts';
import { waitForWorkflows } from './wait.ts';
import type { WorkflowOutcome } from './wait-state.ts';

/** A Workflow that succeeded. */
export interface FinishedWorkflow extends SubmittedWorkflow {
  readonly phase: string;
  readonly seconds: number;
  /** Where the server is, as far as the workflow was told by a vendor's API. */
  readonly connection: Connection | undefined;
}

/** What people call the three kinds of work. */
const TITLES: Readonly<Record<Kind, string>> = { mysql: 'MySQL', mongodb: 'MongoDB', storage: 'Storage' };

/** Attempts at a Workflow whose WorkflowTemplate Argo's controller has not heard of yet. */
const ATTEMPTS = 3;

export interface SuccessOptions {
  readonly instance: string;
  readonly run: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/**
 * Waits for the run's Workflows, and succeeds if all of them did. One that fails is looked into at once, while its pod is
 * still there; those that have not ended when the time is up are terminated.
 *
 * Argo's controller hears of WorkflowTemplates and of Workflows by watches of their own: where it is busy it may meet the
 * Workflow first, and ends it for lack of the template. Such a one never had a pod, and is submitted again.
 *
 * @throws WorkflowFailed, or an AggregateError of several
 */
export async function awaitSuccess(
  cluster: Cluster,
  submission: Submission,
  submitted: readonly SubmittedWorkflow[],
  options: SuccessOptions,
): Promise<FinishedWorkflow[]> {
  const endsAt = performance.now() + options.timeoutMs;
  const ended: Ended[] = [];
  const failures = new Map<string, Promise<WorkflowFailed>>();
  let current = submitted;
  for (let attempt = 1; ; attempt += 1) {
    const isLast = attempt === ATTEMPTS;
    const timeoutMs = Math.max(0, Math.round(endsAt - performance.now()));
    const outcomes = await awaitEnds(cluster, current, { ...options, timeoutMs }, failures, isLast);
    const again = isLast ? [] : outcomes.filter(({ outcome }) => isWithoutTemplate(outcome));
    ended.push(...outcomes.filter((one) => !again.includes(one)));
    if (again.length === 0) break;
    const kinds = again.map(({ workflow }) => workflow.kind);
    options.progress.info(`Argo had not heard of the WorkflowTemplate yet: submitting again (${kinds.join(', ')})`);
    const inputs = submission.inputs.filter(({ kind }) => kinds.includes(kind));
    current = await submitWorkflows(cluster, { ...submission, inputs }, attempt + 1);
    options.progress.record({ workflows: current.map(startedNow) });
  }
  const errors = await Promise.all(failures.values());
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} of ${submitted.length} workflows failed.`);
  if (errors[0] !== undefined) throw errors[0];
  return ended.map(({ workflow, outcome: { phase, seconds, outputs } }) => {
    return { ...workflow, phase, seconds, connection: parseConnection(outputs.get('connection') ?? '') };
  });
}

interface Ended {
  readonly workflow: SubmittedWorkflow;
  readonly outcome: WorkflowOutcome;
}

/** Waits for these Workflows, and looks into those that failed; what had no template is looked into at the last attempt only. */
async function awaitEnds(
  cluster: Cluster,
  workflows: readonly SubmittedWorkflow[],
  { run, instance, timeoutMs, signal, progress }: SuccessOptions,
  failures: Map<string, Promise<WorkflowFailed>>,
  isLast: boolean,
): Promise<Ended[]> {
  const workflowOf = ({ name }: WorkflowOutcome) => workflows.find((one) => one.name === name);
  const lookInto = (outcome: WorkflowOutcome) => {
    const kind = workflowOf(outcome)?.kind;
    if (kind === undefined || outcome.phase === 'Succeeded' || failures.has(outcome.name)) return;
    if (isWithoutTemplate(outcome) && !isLast) return;
    failures.set(outcome.name, failureOf(cluster, instance, outcome, kind, progress));
  };
  const outcomes = await waitForWorkflows(cluster, {
    namespace: instance,
    labelSelector: `${RUN_LABEL}=${run}`,
    names: workflows.map(({ name }) => name),
    timeoutMs,
    // The run does not outlive its Lease.
    unreachableMs: RENEWED_FOR_MS,
    signal,
    onChange: (line) => progress.info(line),
    onProblem: (line) => progress.warning(line),
    onOutcome: lookInto,
  });
  outcomes.forEach(lookInto);
  if (outcomes.some(({ phase }) => phase === 'TimedOut')) await terminateWorkflows(cluster, instance, { only: run });
  return outcomes.flatMap((outcome) => {
    const workflow = workflowOf(outcome);
    return workflow === undefined ? [] : [{ workflow, outcome }];
  });
}

/** workflow/util of argo-workflows gives the API server's words for a template that its cache does not have. */
function isWithoutTemplate({ phase, message }: WorkflowOutcome): boolean {
  return phase === 'Error' && /workflowtemplates?\.argoproj\.io "[^"]*" not found/.test(message);
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

/**
 * Reads the output parameter `connection` that a provisioner writes where a vendor's API told it where the server is.
 *
 * @param text JSON, or empty where there is nothing to tell
 */
export function parseConnection(text: string): Connection | undefined {
  const value = parse(text);
  if (!isFields(value)) return undefined;
  const { host, port, replicaSet, useSsl } = value;
  if (typeof host !== 'string' || typeof port !== 'number') return undefined;
  return { host, port, replicaSet: typeof replicaSet === 'string' ? replicaSet : undefined, useSsl: useSsl === true };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
