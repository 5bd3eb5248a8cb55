import { LaunchpadError } from '../errors.ts';
import type { Cluster } from './client.ts';
import type { KubeObject } from './objects.ts';
import { type PodReport, readPodReport } from './pod-report.ts';
import type { WorkflowOutcome } from './wait.ts';

interface PodObject extends KubeObject {
  readonly status?: {
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly state?: Readonly<Record<string, { readonly reason?: string; readonly message?: string }>>;
    }[];
  };
}

interface EventObject extends KubeObject {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly involvedObject?: { readonly name?: string };
}

/** Why a Workflow did not succeed: the error to end with, and lines of its log. */
export interface WorkflowFailure {
  readonly error: LaunchpadError;
  readonly log: readonly string[];
}

/**
 * Finds out why a Workflow failed: from the last words of its provisioner, else from the state of its pod and from
 * warnings about it. Whatever cannot be read is left out: the Workflow's own message is always there.
 *
 * @param title what people call the work, such as `MySQL`
 */
export async function explainFailure(
  cluster: Cluster,
  namespace: string,
  outcome: WorkflowOutcome,
  title: string,
): Promise<WorkflowFailure> {
  const report = outcome.pod === undefined ? undefined : await readable(readPodReport(cluster, namespace, outcome.pod));
  if (report?.error !== undefined) return { error: provisionerError(report.error, title), log: report.lines };
  const circumstances = await podCircumstances(cluster, namespace, outcome.name);
  const message = [`${title}: workflow ${outcome.name} ended as ${outcome.phase}`, outcome.message, ...circumstances];
  return {
    error: new LaunchpadError('workflow-failed', message.filter((part) => part !== '').join('; '), {
      remedy: `Look at the workflow (kubectl describe workflow ${outcome.name} -n ${namespace}), mend the cause, then run again: what is done already is kept.`,
    }),
    log: report?.lines ?? [],
  };
}

function provisionerError(
  { code, message, host, hint }: NonNullable<PodReport['error']>,
  title: string,
): LaunchpadError {
  const where = host === undefined || message.includes(host) ? '' : ` (${host})`;
  const subject = message.startsWith(title) ? '' : `${title}: `;
  return new LaunchpadError(code, `${subject}${message}${where}`, { remedy: hint });
}

/** What state the pod's containers are in, and what Kubernetes warns of. */
async function podCircumstances(cluster: Cluster, namespace: string, name: string): Promise<string[]> {
  const [pod, events] = await Promise.all([
    readable(cluster.read<PodObject>({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace } })),
    readable(cluster.list<EventObject>({ apiVersion: 'v1', kind: 'Event', namespace })),
  ]);
  const states = (pod?.status?.containerStatuses ?? []).flatMap(({ name: container, state = {} }) =>
    Object.values(state)
      .filter(({ reason = '' }) => reason !== '' && reason !== 'Completed')
      .map(({ reason, message = '' }) => `container ${container}: ${reason} ${message}`.trim()),
  );
  const warnings = (events?.items ?? [])
    .filter(({ type, involvedObject }) => type === 'Warning' && involvedObject?.name === name)
    .map(({ reason, message }) => `${reason}: ${message}`);
  return [...new Set([...states, ...warnings])];
}

/** What could be read, or undefined: a failure to read must not hide what it should explain. */
async function readable<T>(reading: Promise<T>): Promise<T | undefined> {
  return await reading.catch(() => undefined);
}
