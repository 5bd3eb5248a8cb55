import type { KubeObject } from '../objects/objects.ts';

/** An Application as far as we read it (https://argo-cd.readthedocs.io/en/stable/operator-manual/application.yaml). */
export interface ApplicationObject extends KubeObject {
  /** What Argo CD is asked to do and has not begun. */
  readonly operation?: object | null;
  readonly spec?: { readonly syncPolicy?: { readonly automated?: object | null } };
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
  readonly kind?: string;
  readonly name?: string;
}

/** One revision, or one for each source of an Application that has several. */
interface Revisions {
  readonly revision?: string;
  readonly revisions?: readonly string[];
}

/** Asks Argo CD for a look now; Argo CD takes it away with the status of that look. */
export const REFRESH_ANNOTATION = 'argocd.argoproj.io/refresh';

const UNKNOWN = 'Unknown';

/** Whether Argo CD has done what the annotation asked for, so that the status is of a look after that. */
export function isRefreshed({ metadata }: ApplicationObject): boolean {
  return metadata?.annotations?.[REFRESH_ANNOTATION] === undefined;
}

/** Whether the status was compared after the last operation, and no other is under way: it is not about to change. */
export function isSettled({ operation, status }: ApplicationObject): boolean {
  const { reconciledAt, operationState } = status ?? {};
  if (operation !== undefined && operation !== null) return false;
  if (reconciledAt === undefined) return false;
  if (operationState === undefined) return true;
  const { finishedAt } = operationState;
  // Both times are of Argo CD's own clock.
  return typeof finishedAt === 'string' && Date.parse(reconciledAt) >= Date.parse(finishedAt);
}

export function syncStatus({ status }: ApplicationObject): string {
  return status?.sync?.status ?? UNKNOWN;
}

export function healthStatus({ status }: ApplicationObject): string {
  return status?.health?.status ?? UNKNOWN;
}

/** What the cluster was compared with. */
export function comparedRevisions({ status }: ApplicationObject): string[] {
  return revisionsOf(status?.sync);
}

/** An operation that has failed for good, with the revisions that it was to bring. */
export function failedOperation({ status }: ApplicationObject): { revisions: string[]; message: string } | undefined {
  const { phase, message = '', operation, syncResult } = status?.operationState ?? {};
  if (phase !== 'Failed' && phase !== 'Error') return undefined;
  const result = revisionsOf(syncResult);
  return { revisions: result.length > 0 ? result : revisionsOf(operation?.sync), message };
}

/** Whether somebody has to sync it by hand. */
export function isManual({ spec }: ApplicationObject): boolean {
  return spec?.syncPolicy?.automated === undefined || spec.syncPolicy.automated === null;
}

/** Where it stands, in Argo CD's words. */
export function describeState(application: ApplicationObject): string {
  if (!isRefreshed(application)) return 'waiting for Argo CD to look at it';
  const [revision = ''] = comparedRevisions(application);
  const at = revision === '' ? '' : ` at ${revision.slice(0, 7)}`;
  const parts = [`${syncStatus(application)}${at}`, healthStatus(application), operationOf(application)];
  return [...parts.filter((part) => part !== ''), ...conditionsOf(application)].join(', ');
}

/** What Argo CD complains of. */
export function conditionsOf({ status }: ApplicationObject): string[] {
  return (status?.conditions ?? []).map(({ type = '', message = '' }) => oneLine(`${type}: ${message}`));
}

/**
 * The resources that are not healthy, each with what Argo CD says of it. Argo CD 3 says that of the Application only,
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
  if (operation !== undefined && operation !== null) return 'operation requested';
  const { phase = '', message } = status?.operationState ?? {};
  if (phase === '' || phase === 'Succeeded') return '';
  return `operation ${phase}${reason(message)}`;
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
  return text.replace(/\s+/g, ' ').trim();
}
