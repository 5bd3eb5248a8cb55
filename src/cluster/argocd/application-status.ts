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
    readonly destination?: { readonly namespace?: string };
    readonly project?: string;
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
    readonly resources?: readonly (ResourceName & ResourceResult)[];
  };
}

interface ResourceResult {
  /** Empty for hooks. */
  readonly status?: string;
  /** Of hooks, and of resources that were waited for. */
  readonly hookPhase?: string;
  readonly message?: string;
}

interface Health {
  readonly status?: string;
  readonly message?: string;
}

export interface ResourceName {
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
  if (!isFailure(phase) || (next !== undefined && next !== null)) return undefined;
  const result = revisionsOf(syncResult);
  return { revisions: result.length > 0 ? result : revisionsOf(operation?.sync), message };
}

/** Whether it is a phase of something that failed permanently. */
export function isFailure(phase = ''): boolean {
  return phase === 'Failed' || phase === 'Error';
}

/** Whether it needs a manual sync. */
export function isManual({ spec }: ApplicationObject): boolean {
  return (spec?.syncPolicy?.automated ?? { enabled: false }).enabled === false;
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

/** The conditions, such as errors, one line each. A SyncError that repeats what the operation says is left out. */
export function conditionsOf({ status }: ApplicationObject): string[] {
  const said = status?.operationState?.message ?? '';
  const repeats = (type: string, message: string) => type === 'SyncError' && said !== '' && message.includes(said);
  return (status?.conditions ?? []).flatMap(({ type = '', message = '' }) =>
    repeats(type, message) ? [] : [oneLine(`${type}: ${message}`)],
  );
}

/** The operation. One that failed at another revision than the compared one says nothing of this one. */
function operationOf(application: ApplicationObject): string {
  const { operation, status } = application;
  const isRequested = operation !== undefined && operation !== null;
  const { phase = '', message, retryCount = 0 } = status?.operationState ?? {};
  const failed = failedOperation(application)?.revisions;
  const isPast = failed !== undefined && !comparedRevisions(application).some((one) => failed.includes(one));
  if (phase === '' || phase === 'Succeeded' || isPast) {
    if (isRequested) return 'sync requested';
    return isManual(application) && syncStatus(application) === 'OutOfSync'
      ? 'waiting for a manual sync, as it has no automated sync policy'
      : '';
  }
  return `sync ${phase}${retryCount === 0 ? '' : `, retry ${retryCount}`}${reason(message)}`;
}

function revisionsOf({ revision = '', revisions = [] }: Revisions = {}): string[] {
  return [revision, ...revisions].filter((text) => text !== '');
}

/** In parentheses on one line, or nothing. */
export function reason(message = ''): string {
  return message === '' ? '' : ` (${oneLine(message)})`;
}

/** Cut, on one line. */
export function oneLine(text: string): string {
  return shortened(text.replace(/\s+/g, ' ').trim());
}
