import { SYSTEM_CLOCK } from '../../core/clock.ts';
import { REMIND_MS, Reminder } from '../../core/reminder.ts';
import type { Cluster } from '../api/client.ts';
import { watchObjects } from '../api/watch.ts';
import { INSTANCE_LABEL } from '../objects/names.ts';
import { requestRefresh } from './application.ts';
import {
  type ApplicationObject,
  applicationType,
  comparedRevisions,
  comparisonErrors,
  describeState,
  failedOperation,
  healthStatus,
  isOperating,
  isRefreshed,
  isSettled,
  mayPass,
  specErrors,
  syncStatus,
} from './application-status.ts';
import { applicationDeleted, type SyncOptions, syncFailed, syncTimedOut, waitingPods } from './sync-errors.ts';

/** The Application's state in Argo CD's words. */
export interface ApplicationState {
  readonly sync: string;
  readonly health: string;
}

/** Milliseconds between the end of a look and the request for another. */
const LOOK_AGAIN_MS = 2_000;
/** Waiting pods in a reminder. */
const PODS_SHOWN = 3;
/** Looks that must end in the same complaint: the first may be of a commit before ours. */
const LOOKS = 3;

/**
 * Requests a refresh of the Application, and waits until it is Healthy and Synced at the commit or a later one. A status
 * from before the refresh does not count. One refresh may not be enough, as Argo CD caches what it read of the repository:
 * requests another until it has looked at the commit.
 *
 * @throws LaunchpadError `sync-failed` as soon as Argo CD cannot sync the commit, `sync-timeout` after the time limit,
 *   `application-deleted`; the signal's reason when it aborts
 */
export async function waitForSync(cluster: Cluster, options: SyncOptions): Promise<ApplicationState> {
  const { instance, application, timeoutMs, signal, onChange, clock = SYSTEM_CLOCK } = options;
  await requestRefresh(cluster, application);
  const ended = new AbortController();
  const stop = AbortSignal.any([signal, ended.signal]);
  clock.sleep(timeoutMs, stop, 'limit').then(
    () => ended.abort(),
    () => undefined,
  );
  const looks = new Looks();
  const asking = askAgain(cluster, looks, options, stop);
  const reminder = new Reminder(onChange, REMIND_MS, clock);
  const reminding = reminder.remindUntil(stop, async () => {
    const pods = await waitingPods(cluster.until(stop), instance);
    const state = looks.latest === undefined ? 'not found' : describeState(looks.latest);
    return [`${application}: still ${state}`, ...pods.slice(0, PODS_SHOWN)].join('; ');
  });
  try {
    const state = await follow(cluster, looks, { ...options, onChange: (line) => reminder.say(line) }, stop);
    if (state !== undefined) return state;
  } finally {
    ended.abort();
    await Promise.all([asking, reminding]);
  }
  signal.throwIfAborted();
  throw await syncTimedOut(cluster, looks.found, options);
}

/** What Argo CD found, look by look. */
class Looks {
  /** As the watch showed it last. */
  latest: ApplicationObject | undefined;
  /** As the last look found it. */
  found: ApplicationObject | undefined;
  /** How many looks in a row ended in a complaint. */
  complaints = 0;
  #isWaiting = true;

  see(object: ApplicationObject): void {
    this.latest = object;
    if (isRefreshed(object)) this.found = object;
    const isNewLook = this.#isWaiting && isRefreshed(object);
    this.#isWaiting = !isRefreshed(object);
    if (!isNewLook) return;
    this.complaints = comparisonErrors(object).length === 0 ? 0 : this.complaints + 1;
  }
}

async function follow(
  cluster: Cluster,
  looks: Looks,
  options: SyncOptions,
  stop: AbortSignal,
): Promise<ApplicationState | undefined> {
  const { instance, application, onChange, onRetry } = options;
  const selection = { labelSelector: `${INSTANCE_LABEL}=${instance}`, onRetry };
  let shown = '';
  for await (const { type, object } of watchObjects<ApplicationObject>(
    cluster,
    applicationType(cluster),
    selection,
    stop,
  )) {
    if (object.metadata?.name !== application) continue;
    if (type === 'DELETED') throw applicationDeleted(application, cluster.argocdNamespace);
    looks.see(object);
    // While another look is awaited, the last one stands.
    if (looks.found !== undefined && looks.found !== object) continue;
    const state = describeState(object);
    if (state !== shown) onChange(`${application}: ${state}`);
    shown = state;
    if (!isRefreshed(object)) continue;
    if (await hasFailed(object, looks, options)) throw syncFailed(object, options);
    if (await hasArrived(object, options)) return { sync: syncStatus(object), health: healthStatus(object) };
  }
  return undefined;
}

/** Requests another look while none at the commit has been seen. It never throws: the wait goes on without it. */
async function askAgain(
  cluster: Cluster,
  looks: Looks,
  { application, includesCommit, clock = SYSTEM_CLOCK }: SyncOptions,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    await clock.sleep(LOOK_AGAIN_MS, stop).catch(() => undefined);
    const { latest } = looks;
    if (stop.aborted || latest === undefined || !isRefreshed(latest) || isOperating(latest)) continue;
    if (await anyOf(comparedRevisions(latest), includesCommit)) continue;
    await requestRefresh(cluster.until(stop), application).catch(() => undefined);
  }
}

/**
 * Whether Argo CD cannot sync our commit: the Application is not allowed, its manifests cannot be read, or Argo CD gave up.
 * A failure at an older commit does not count.
 */
async function hasFailed(
  object: ApplicationObject,
  { complaints }: Looks,
  { includesCommit }: SyncOptions,
): Promise<boolean> {
  if (specErrors(object).length > 0) return true;
  if (complaints >= LOOKS && !comparisonErrors(object).every(mayPass)) return true;
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
