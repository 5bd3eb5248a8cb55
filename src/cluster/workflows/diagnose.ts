import { messageOf } from '../../core/errors.ts';
import type { Cluster } from '../api/client.ts';
import { type Cause, causeOf } from '../causes/recognise.ts';
import { DELETED, type Evidence, symptomsOf } from '../causes/symptoms.ts';
import {
  type ContainerStatus,
  EVENT_TYPE,
  type EventObject,
  mainContainer,
  messageOfEnd,
  POD_TYPE,
  type PodObject,
  podNode,
  podsOf,
  WORKFLOW_LABEL,
} from '../objects/workflow-objects.ts';
import type { ContainerReport, Diagnosis } from './diagnosis.ts';
import { type PodReport, readPodLog, reportIn } from './pod-report.ts';
import { causeOfProvisioner } from './provisioner-causes.ts';
import type { WorkflowOutcome } from './wait-state.ts';

/** Causes that count only if nothing better is known: we or the time limit ended the Workflow. */
const SECOND_HAND = new Set(['deadline', 'workflow-stopped', 'pod-deleted', 'terminated', 'killed']);

/**
 * Finds out why a Workflow did not succeed. The last words of its provisioner count most, which the pod's status has too,
 * so that they are known where logs cannot be read; then what Kubernetes and Argo say now, then what delayed it before. What cannot be read is left out. It never throws: the failure that it explains matters
 * more.
 *
 * @param service what people call the work, such as `MySQL`
 */
export async function diagnose(
  cluster: Cluster,
  namespace: string,
  outcome: WorkflowOutcome,
  service: string,
): Promise<Diagnosis> {
  const { name: workflow, evidence } = outcome;
  const [pods, allEvents] = await Promise.all([
    readable(cluster.list<PodObject>({ ...POD_TYPE, namespace }, { labelSelector: podsOf([workflow]) })),
    readable(cluster.list<EventObject>({ ...EVENT_TYPE, namespace })),
  ]);
  const pod = pods?.items[0] ?? evidence.pod;
  let logError: string | undefined;
  const log =
    pod === undefined
      ? undefined
      : await readPodLog(cluster, namespace, pod.metadata?.name ?? '').catch((error: unknown) => {
          logError = messageOf(error);
          return undefined;
        });
  const report = reportIn(pod, evidence.workflow);
  const about = new Set([workflow, pod?.metadata?.name]);
  const ours = allEvents?.items.filter(({ involvedObject }) => about.has(involvedObject?.name));
  const events = ours === undefined ? evidence.events : inOrderOfTime(ours);
  return composeDiagnosis({ namespace, service, outcome, found: { ...evidence, pod, events }, report, log, logError });
}

interface Findings {
  readonly namespace: string;
  readonly service: string;
  readonly outcome: WorkflowOutcome;
  readonly found: Evidence;
  /** What the status of the pod, or of the Workflow, has of the provisioner. */
  readonly report: PodReport | undefined;
  readonly log: PodReport | undefined;
  readonly logError?: string | undefined;
}

/** The diagnosis from what was found. */
export function composeDiagnosis(findings: Findings): Diagnosis {
  const { namespace, service, outcome, found, report, logError } = findings;
  const log = findings.log ?? report;
  // In the status it may be shortened.
  const error = log?.error ?? report?.error;
  const { name: workflow, phase, message } = outcome;
  const node = found.workflow === undefined ? undefined : podNode(found.workflow);
  const { code, heading, sentence, remedy } =
    error === undefined
      ? causeInCluster(outcome, found, namespace, log)
      : causeOfProvisioner(error, service, lookAt(workflow, namespace));
  return {
    service,
    namespace,
    workflow,
    phase,
    message,
    node: node?.phase === 'Succeeded' ? undefined : (node?.displayName ?? node?.id),
    exitCode: exitCodeOf(outcome, found.pod),
    containers: containersOf(found.pod),
    warnings: warningsIn(found.events),
    log: log?.lines ?? [],
    logError,
    code,
    title: `${service}: ${heading}`,
    cause: error === undefined ? `${service}: workflow ${workflow} in namespace ${namespace} ${sentence}.` : sentence,
    remedy,
  };
}

/** Without a word of the provisioner: what Kubernetes and Argo say, said of the Workflow. */
function causeInCluster(
  { name: workflow, phase, message, problem, seconds }: WorkflowOutcome,
  found: Evidence,
  namespace: string,
  log: PodReport | undefined,
): Cause {
  const isOutOfTime = phase === 'TimedOut';
  const ended = isOutOfTime
    ? `did not end within ${Math.round(seconds)} s and was terminated`
    : phase === 'NeverStarts'
      ? 'can never start and was terminated'
      : `ended as ${phase}`;
  // A Workflow that is not known may only not have been read.
  const signs = symptomsOf(found).filter(({ reason }) => reason !== DELETED || phase === 'Deleted');
  const recognised = causeOf(signs, { namespace, workflow });
  const cause =
    problem !== undefined && (recognised === undefined || SECOND_HAND.has(recognised.code)) ? problem : recognised;
  const last = log?.lines.at(-1);
  const lastWords = last === undefined ? '' : `; the last line of its log: ${last.replace(/\.$/, '')}`;
  if (cause !== undefined) {
    const also = SECOND_HAND.has(cause.code) ? lastWords : '';
    return { ...cause, sentence: `${ended}: ${cause.sentence}${also}` };
  }
  if (isOutOfTime) {
    const remedy = `Raise input timeout where it only needs longer, else look at what it waits for (kubectl describe pods -n ${namespace}), then run again: what is done already is kept.`;
    return { code: 'workflow-timeout', heading: 'out of time', sentence: `${ended}: ${message}${lastWords}`, remedy };
  }
  const what = message === '' ? '' : `: ${message.replace(/\.$/, '')}`;
  return {
    code: 'workflow-failed',
    heading: 'failed',
    sentence: `${ended}${what}${lastWords}`,
    remedy: lookAt(workflow, namespace),
  };
}

function lookAt(workflow: string, namespace: string): string {
  return `Read its log (kubectl logs -n ${namespace} -l ${WORKFLOW_LABEL}=${workflow} -c main --tail=50) and its state (kubectl describe workflow ${workflow} -n ${namespace}), correct the cause, then run again: what is done already is kept.`;
}

function exitCodeOf({ exitCode }: WorkflowOutcome, pod: PodObject | undefined): number | undefined {
  return exitCode ?? (pod === undefined ? undefined : mainContainer(pod)?.state?.terminated?.exitCode);
}

function containersOf(pod: PodObject | undefined): ContainerReport[] {
  const { initContainerStatuses = [], containerStatuses = [] } = pod?.status ?? {};
  return [...initContainerStatuses, ...containerStatuses].flatMap(containerReport);
}

/** Containers that ended well need no word. */
function containerReport(container: ContainerStatus): ContainerReport[] {
  const { name, state = {} } = container;
  const { waiting, running, terminated } = state;
  if (waiting !== undefined) {
    const { reason = '', message = '' } = waiting;
    return [{ name, state: 'waiting', reason, message, exitCode: undefined }];
  }
  if (terminated !== undefined && terminated.exitCode !== 0) {
    const { reason = '', exitCode } = terminated;
    return [{ name, state: 'terminated', reason, message: messageOfEnd(container), exitCode }];
  }
  return running === undefined ? [] : [{ name, state: 'running', reason: '', message: '', exitCode: undefined }];
}

/** A list comes in the order of names. Times have seconds: within one the names, which end with the time, decide. */
function inOrderOfTime(events: readonly EventObject[]): EventObject[] {
  const timeOf = ({ eventTime, lastTimestamp, metadata }: EventObject) =>
    Date.parse(lastTimestamp ?? eventTime ?? metadata?.creationTimestamp ?? '') || 0;
  return [...events].sort((a, b) => timeOf(a) - timeOf(b));
}

/** Argo tells the end of a Workflow and of its node as events too, in the words of the message that stands above them. */
const ECHOES = /^Workflow(Node)?(Failed|Error|TimedOut)$/;

function warningsIn(events: readonly EventObject[]): string[] {
  const warnings = events.filter(({ type, reason = '' }) => type === 'Warning' && !ECHOES.test(reason));
  return [...new Set(warnings.map(({ reason = '', message = '' }) => `${reason}: ${message}`))];
}

/** What could be read, or undefined: a failure to read must not hide what it should explain. */
async function readable<T>(reading: Promise<T>): Promise<T | undefined> {
  return await reading.catch(() => undefined);
}
