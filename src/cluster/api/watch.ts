import { fieldsOf, isFields } from '../../core/fields.ts';
import { backoffMs } from '../../core/retry.ts';
import type { KubeObject, ListedType } from '../objects/objects.ts';
import type { Cluster } from './client.ts';
import { ClusterError } from './errors.ts';
import { WatchLife } from './watch-life.ts';

/**
 * A change of one object; at the beginning what is there already comes as ADDED. Of one that is deleted only its names and
 * its UID are sure: its end may have come in a gap of the watch.
 */
export type WatchEvent<T extends KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED'; readonly object: T }
  | { readonly type: 'DELETED'; readonly object: KubeObject };

export interface WatchOptions {
  readonly labelSelector?: string;
  /** A second attempt at the watch failed, or more; it is made again. A watch that ends after a second or more is none. */
  readonly onBroken?: (error: ClusterError) => void;
  /** A watch works: it was accepted and has lived a second. */
  readonly onAnswer?: () => void;
  /** What is there, each time that it is listed: at the beginning, and after a gap. */
  readonly onListed?: (items: readonly KubeObject[]) => void;
  /** False: what is there at the beginning comes by the watch itself, without a list before it. */
  readonly isListed?: boolean;
  /** Milliseconds without a line after which the connection is taken for dead. */
  readonly silenceMs?: number;
}

/** Seconds after which the server ends a watch by itself, so that no connection grows old. */
const WATCH_SECONDS = 240;
/** A load balancer may drop an idle connection without a word; half a minute of nothing, and we ask again. */
const SILENCE_MS = 30_000;
const DELAYS = { firstDelayMs: 250, longestDelayMs: 5_000 };

/**
 * Watches the objects of a kind until the signal aborts. After silence, a drop, an error or a restart of the API server the
 * watch resumes from the last resourceVersion; if that is too old (410 Gone) everything is listed again, and the
 * difference comes as events
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes).
 *
 * @throws ClusterError where the server refuses the watch (401, 403, 404) or cannot be trusted
 */
export async function* watchObjects<T extends KubeObject>(
  cluster: Cluster,
  type: ListedType,
  options: WatchOptions,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  const { labelSelector, onBroken, onAnswer, onListed, silenceMs = SILENCE_MS, isListed = true } = options;
  const { clock } = cluster;
  const selected = labelSelector === undefined ? {} : { labelSelector };
  const known: Known = new Map();
  let resourceVersion: string | undefined;
  let isUnlisted = !isListed;
  let failures = 0;
  while (!signal.aborted) {
    const life = new WatchLife(clock, { signal, silenceMs, onSettled: onAnswer });
    let broken: ClusterError | undefined;
    try {
      if (resourceVersion === undefined && !isUnlisted) {
        const list = await cluster.list<T>(type, { ...selected, signal, attempts: 1 });
        onListed?.(list.items);
        yield* differences(known, list.items);
        resourceVersion = list.resourceVersion;
      }
      const query = {
        ...selected,
        // 0: from the API server's cache, which may be a moment behind, and not from etcd.
        resourceVersion: resourceVersion ?? '0',
        allowWatchBookmarks: 'true',
        timeoutSeconds: String(WATCH_SECONDS),
      };
      for await (const line of cluster.watchOnce(type, query, life.signal, life.begin)) {
        life.heard();
        const event = parseEvent<T>(line, type);
        // The objects that an unlisted watch begins with come in no order: after it all is listed.
        if (!isUnlisted) resourceVersion = event.object.metadata?.resourceVersion ?? resourceVersion;
        if (event.type !== 'BOOKMARK') yield* remembered<T>(known, { type: event.type, object: event.object });
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!life.isSilent) {
        if (!(error instanceof ClusterError) || endsWatch(error)) throw error;
        if (error.status === 410) resourceVersion = undefined;
        broken = error;
      }
    } finally {
      life.end();
      isUnlisted = false;
    }
    if (life.isSettled) failures = 0;
    if (life.isSettled && broken === undefined) continue;
    failures += 1;
    if (failures > 1) onBroken?.(broken ?? endedAtOnce(cluster, type));
    await clock.sleep(backoffMs(failures, DELAYS), signal).catch(() => undefined);
  }
}

type Line<T> = { readonly type: WatchEvent<KubeObject>['type'] | 'BOOKMARK'; readonly object: T };

const EVENT_TYPES = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);

/** @throws ClusterError for an ERROR of the server, and for a line that is no event */
function parseEvent<T extends KubeObject>(line: string, { kind }: ListedType): Line<T> {
  let event: Line<T> | { readonly type: 'ERROR'; readonly object: StatusObject };
  try {
    event = JSON.parse(line);
  } catch {
    throw noEvent(kind);
  }
  const { type, object } = fieldsOf(event);
  if (typeof type !== 'string' || !isFields(object)) throw noEvent(kind);
  if (event.type === 'ERROR') {
    const { code = 0, message = '', reason = '' } = event.object;
    throw new ClusterError(code, reason, `The API server ended the watch of ${kind} objects: ${message}`);
  }
  if (!EVENT_TYPES.has(type) || !isFields(object.metadata)) throw noEvent(kind);
  return event;
}

function noEvent(kind: string): ClusterError {
  return new ClusterError(0, '', `A line in the watch of ${kind} objects is not an event of a Kubernetes API server.`, {
    code: 'cluster-answer-invalid',
    remedy: 'Check what is before the API server: a proxy or a gateway.',
  });
}

function endedAtOnce({ server }: Cluster, { kind }: ListedType): ClusterError {
  return new ClusterError(0, '', `The Kubernetes API server ${server} ends each watch of ${kind} objects at once.`, {
    remedy: 'Check the API server, and what is before it: a proxy or a gateway that allows no long requests.',
  });
}

interface StatusObject {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
}

/** By their UIDs, of the objects that were told of, their names and versions: those of many instances must not stay in memory. */
type Known = Map<string, KubeObject>;

/** What happened between what was known and a new list. */
function* differences<T extends KubeObject>(known: Known, items: readonly T[]): Generator<WatchEvent<T>> {
  const present = new Set(items.map(uidOf));
  for (const [uid, object] of known) {
    if (!present.has(uid)) yield* remembered<T>(known, { type: 'DELETED', object });
  }
  for (const object of items)
    yield* remembered<T>(known, { type: known.has(uidOf(object)) ? 'MODIFIED' : 'ADDED', object });
}

/** The event, unless this state of the object was told before. */
function* remembered<T extends KubeObject>(known: Known, event: WatchEvent<T>): Generator<WatchEvent<T>> {
  const uid = uidOf(event.object);
  const { resourceVersion } = event.object.metadata ?? {};
  const before = known.get(uid);
  if (event.type === 'DELETED') known.delete(uid);
  else known.set(uid, identityOf(event.object));
  if (event.type === 'DELETED' || before === undefined || before.metadata?.resourceVersion !== resourceVersion)
    yield event;
}

function identityOf({ metadata = {} }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion } = metadata;
  const known = Object.entries({ name, namespace, uid, resourceVersion }).filter(([, value]) => value !== undefined);
  return { metadata: Object.fromEntries(known) };
}

function uidOf(object: KubeObject): string {
  return object.metadata?.uid ?? `${object.metadata?.namespace}/${object.metadata?.name}`;
}

/** Answers that asking again does not change. */
function endsWatch(error: ClusterError): boolean {
  return [400, 401, 403, 404].includes(error.status) || error.isPermanent;
}
