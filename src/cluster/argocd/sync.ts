import type { Cluster } from '../api/client.ts';
import { watchObjects } from '../api/watch.ts';
import { INSTANCE_LABEL } from '../objects/names.ts';
import {
  APPLICATION_TYPE,
  type ApplicationObject,
  applicationRef,
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

/** The Application's state in Argo CD's words. */
export interface ApplicationState {
  readonly sync: string;
  readonly health: string;
}

/**
 * Requests a refresh of the Application, and waits until it is Healthy and Synced at the commit or a later one. A status
 * from before the refresh does not count.
 *
 * @throws LaunchpadError `sync-failed` as soon as Argo CD stops trying to sync the commit, `sync-timeout` after the time
 *   limit, `application-deleted`; the signal's reason when it aborts
 */
export async function waitForSync(cluster: Cluster, options: SyncOptions): Promise<ApplicationState> {
  const { instance, application, timeoutMs, signal, onChange, onRetry } = options;
  await requestRefresh(cluster, application);
  const stop = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const selection = { labelSelector: `${INSTANCE_LABEL}=${instance}`, onRetry };
  let latest: ApplicationObject | undefined;
  let shown = '';
  for await (const { type, object } of watchObjects<ApplicationObject>(cluster, APPLICATION_TYPE, selection, stop)) {
    if (object.metadata?.name !== application) continue;
    if (type === 'DELETED') throw applicationDeleted(application);
    latest = object;
    const state = describeState(object);
    if (state !== shown) onChange(`${application}: ${state}`);
    shown = state;
    if (!isRefreshed(object)) continue;
    if (await hasFailed(object, options)) throw syncFailed(object, options);
    if (await hasArrived(object, options)) return { sync: syncStatus(object), health: healthStatus(object) };
  }
  signal.throwIfAborted();
  throw await syncTimedOut(cluster, latest, options);
}

async function requestRefresh(cluster: Cluster, application: string): Promise<void> {
  await cluster.patch(applicationRef(application), { metadata: { annotations: { [REFRESH_ANNOTATION]: 'normal' } } });
}

/** Whether Argo CD stopped trying to sync our commit. A failure at an older commit does not count. */
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
