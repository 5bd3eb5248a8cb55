import type { Cluster } from '../api/client.ts';
import { watchObjects } from '../api/watch.ts';
import { ARGOCD_NAMESPACE, INSTANCE_LABEL } from '../objects/names.ts';
import {
  type ApplicationObject,
  comparedRevisions,
  describeState,
  failedOperation,
  healthStatus,
  isRefreshed,
  isSettled,
  REFRESH_ANNOTATION,
  syncStatus,
} from './application-status.ts';
import { applicationDeleted, type SyncOptions, syncFailed, syncTimedOut } from './sync-errors.ts';

const APPLICATION = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', namespace: ARGOCD_NAMESPACE };

/** How the Application stands, in Argo CD's words. */
export interface ApplicationState {
  readonly sync: string;
  readonly health: string;
}

/**
 * Asks Argo CD to look at the Application now, and waits until it is Synced at the commit, or at one after it, and
 * Healthy. Only what Argo CD finds in that look and later counts: before it the status is of the past.
 *
 * @throws LaunchpadError `sync-failed` as soon as Argo CD has given up syncing the commit, `sync-timeout` when the time is
 *   up, `application-deleted`; the signal's reason when it aborts
 */
export async function waitForSync(cluster: Cluster, options: SyncOptions): Promise<ApplicationState> {
  const { instance, application, timeoutMs, signal, onChange, onRetry } = options;
  await askForLook(cluster, application);
  const stop = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const selection = { labelSelector: `${INSTANCE_LABEL}=${instance}`, onRetry };
  let latest: ApplicationObject | undefined;
  let said = '';
  for await (const { type, object } of watchObjects<ApplicationObject>(cluster, APPLICATION, selection, stop)) {
    if (object.metadata?.name !== application) continue;
    if (type === 'DELETED') throw applicationDeleted(application);
    latest = object;
    const state = describeState(object);
    if (state !== said) onChange(`${application}: ${state}`);
    said = state;
    if (!isRefreshed(object)) continue;
    if (await hasFailed(object, options)) throw syncFailed(object, options);
    if (await hasArrived(object, options)) return { sync: syncStatus(object), health: healthStatus(object) };
  }
  signal.throwIfAborted();
  throw await syncTimedOut(cluster, latest, options);
}

async function askForLook(cluster: Cluster, application: string): Promise<void> {
  const ref = { ...APPLICATION, metadata: { name: application, namespace: ARGOCD_NAMESPACE } };
  await cluster.patch(ref, { metadata: { annotations: { [REFRESH_ANNOTATION]: 'normal' } } });
}

/** Whether Argo CD gave up syncing our commit; that it once gave up an older one says nothing. */
async function hasFailed(object: ApplicationObject, { includesCommit }: SyncOptions): Promise<boolean> {
  const failed = failedOperation(object);
  return failed !== undefined && (await anyOf(failed.revisions, includesCommit));
}

async function hasArrived(object: ApplicationObject, { includesCommit }: SyncOptions): Promise<boolean> {
  if (!isSettled(object) || syncStatus(object) !== 'Synced' || healthStatus(object) !== 'Healthy') return false;
  return await anyOf(comparedRevisions(object), includesCommit);
}

async function anyOf(revisions: readonly string[], test: (revision: string) => Promise<boolean>): Promise<boolean> {
  for (const revision of revisions) if (await test(revision)) return true;
  return false;
}
