import { shortened } from '../../core/quote.ts';
import type { Cluster } from '../api/client.ts';
import type { KubeObject, ObjectRef } from '../objects/objects.ts';

/** All Applications are in Argo CD's namespace. */
export function applicationType({ argocdNamespace: namespace }: Pick<Cluster, 'argocdNamespace'>) {
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', namespace };
}

export function applicationRef(cluster: Pick<Cluster, 'argocdNamespace'>, name: string): ObjectRef {
  const { namespace, ...type } = applicationType(cluster);
  return { ...type, metadata: { name, namespace } };
}

/** The fields of an Application that we read (https://argo-cd.readthedocs.io/en/stable/operator-manual/application.yaml). */
export interface ApplicationObject extends KubeObject {
  /** An operation that Argo CD has not started yet. */
  readonly operation?: object | null;
  readonly spec?: {
    readonly [field: string]: unknown;
    readonly source?: { readonly repoURL?: string; readonly targetRevision?: string };
    readonly destination?: { readonly namespace?: string };
    readonly syncPolicy?: { readonly automated?: { readonly enabled?: boolean } | null };
  };
  readonly status?: ApplicationStatus;
}

interface ApplicationStatus {
  readonly reconciledAt?: string;
  readonly sync?: Revisions & { readonly status?: string };
  readonly health?: Health;
  readonly conditions?: readonly { readonly type?: string; readonly message?: string }[];
  readonly operationState?: OperationState;
  readonly resources?: readonly (ResourceName & { readonly health?: Health })[];
}

interface OperationState {
  /** Running, Terminating, Succeeded, Failed or Error. */
  readonly phase?: string;
  readonly message?: string;
  /** Syncs after the first one. */
  readonly retryCount?: number;
  readonly finishedAt?: string | null;
  readonly operation?: { readonly sync?: Revisions };
  readonly syncResult?: Revisions & {
    readonly resources?: readonly (ResourceName & { readonly status?: string; readonly message?: string })[];
  };
}

interface Health {
  readonly status?: string;
  readonly message?: string;
}

interface ResourceName {
  readonly group?: string;
  readonly namespace?: string;
  readonly kind?: string;
  readonly name?: string;
}

/** One revision, or one for each source of an Application that has several. */
interface Revisions {
  readonly revision?: string;
  readonly revisions?: readonly string[];
}

/** Requests a refresh. Argo CD removes it when it writes the refreshed status. */
export const REFRESH_ANNOTATION = 'argocd.argoproj.io/refresh';

const UNKNOWN = 'Unknown';

/** Whether Argo CD has done the requested refresh, so that the status is newer than the request. */
export function isRefreshed({ metadata }: ApplicationObject): boolean {
  return metadata?.annotations?.[REFRESH_ANNOTATION] === undefined;
}

/** Whether the comparison is newer than the last operation, and no operation is pending. */
export function isSettled({ operation, status }: ApplicationObject): boolean {
  const { reconciledAt, operationState } = status ?? {};
  if (operation !== undefined && operation !== null) return false;
  if (reconciledAt === undefined) return false;
  if (operationState === undefined) return true;
  const { finishedAt } = operationState;
  // Both times come from Argo CD's clock.
  return typeof finishedAt === 'string' && Date.parse(reconciledAt) >= Date.parse(finishedAt);
}

export function syncStatus({ status }: ApplicationObject): string {
  return status?.sync?.status ?? UNKNOWN;
}

export function healthStatus({ status }: ApplicationObject): string {
  return status?.health?.status ?? UNKNOWN;
}

/** The revisions that the cluster was compared with. */
export function comparedRevisions({ status }: ApplicationObject): string[] {
  return revisionsOf(status?.sync);
}

/** Whether an operation is requested or runs; `operation` stays set through its retries. */
export function isOperating({ operation, status }: ApplicationObject): boolean {
  return (operation !== undefined && operation !== null) || status?.operationState?.phase === 'Running';
}

/** An operation that failed permanently, with its revisions. */
export function failedOperation({
  operation: next,
  status,
}: ApplicationObject): { revisions: string[]; message: string } | undefined {
  const { phase, message = '', operation, syncResult } = status?.operationState ?? {};
  if ((phase !== 'Failed' && phase !== 'Error') || (next !== undefined && next !== null)) return undefined;
  const result = revisionsOf(syncResult);
  return { revisions: result.length > 0 ? result : revisionsOf(operation?.sync), message };
}

/** Whether it needs a manual sync: without a policy, or with one that is switched off. */
export function isManual({ spec }: ApplicationObject): boolean {
  const automated = spec?.syncPolicy?.automated ?? undefined;
  return automated === undefined || automated.enabled === false;
}

/** The state in Argo CD's words. */
export function describeState(application: ApplicationObject): string {
  if (!isRefreshed(application)) return 'waiting for Argo CD to look at it';
  const [revision = ''] = comparedRevisions(application);
  const at = revision === '' ? '' : ` at ${revision.slice(0, 7)}`;
  const parts = [`${syncStatus(application)}${at}`, healthStatus(application), operationOf(application)];
  return [...parts.filter((part) => part !== ''), ...conditionsOf(application)].join(', ');
}

/** Why Argo CD does not take the Application: its AppProject does not allow it, or its source is wrong. */
export function specErrors(application: ApplicationObject): string[] {
  return messagesOf(application, 'InvalidSpecError');
}

/** Why Argo CD cannot compare the cluster with the repository: the manifests cannot be read. */
export function comparisonErrors(application: ApplicationObject): string[] {
  return messagesOf(application, 'ComparisonError');
}

/** Whether a complaint is about a connection, and so may pass by itself. */
export function mayPass(message: string): boolean {
  return /code = (?:Unavailable|DeadlineExceeded|Canceled)|connection (?:refused|reset)|timeout|timed out|deadline exceeded|no such host|too many requests|\bEOF\b|Temporary failure/i.test(
    message,
  );
}

function messagesOf({ status }: ApplicationObject, wanted: string): string[] {
  return (status?.conditions ?? []).flatMap(({ type, message = '' }) => (type === wanted ? [message] : []));
}

/** The conditions, such as errors, one line each. */
export function conditionsOf({ status }: ApplicationObject): string[] {
  return (status?.conditions ?? []).map(({ type = '', message = '' }) => oneLine(`${type}: ${message}`));
}

/**
 * The resources that are not healthy, each with Argo CD's reason. Argo CD 3 stores only the Application's own health,
 * unless `controller.resource.health.persist` is set
 * (https://argo-cd.readthedocs.io/en/stable/operator-manual/upgrading/2.14-3.0/).
 */
export function unhealthyResources({ status }: ApplicationObject): string[] {
  return (status?.resources ?? []).flatMap(({ health, ...resource }) => {
    if (health?.status === undefined || health.status === 'Healthy') return [];
    return [`${nameOf(resource)} is ${health.status}${reason(health.message)}`];
  });
}

/** The resources that the last operation could not sync. */
export function unsyncedResources({ status }: ApplicationObject): string[] {
  const resources = status?.operationState?.syncResult?.resources ?? [];
  return resources
    .filter((resource) => resource.status === 'SyncFailed')
    .map((resource) => `${nameOf(resource)}${reason(resource.message)}`);
}

function operationOf({ operation, status }: ApplicationObject): string {
  const isRequested = operation !== undefined && operation !== null;
  const { phase = '', message, retryCount = 0 } = status?.operationState ?? {};
  if (phase === '' || phase === 'Succeeded') return isRequested ? 'sync requested' : '';
  return `sync ${phase}${retryCount === 0 ? '' : `, retry ${retryCount}`}${reason(message)}`;
}

function revisionsOf({ revision = '', revisions = [] }: Revisions = {}): string[] {
  return [revision, ...revisions].filter((text) => text !== '');
}

function nameOf({ kind = '', name = '' }: ResourceName): string {
  return `${kind} ${name}`;
}

function reason(message = ''): string {
  return message === '' ? '' : ` (${oneLine(message)})`;
}

function oneLine(text: string): string {
  return shortened(text.replace(/\s+/g, ' ').trim());
}
