import { backoffMs } from '../../core/retry.ts';
import type { KubeObject, ListedType } from '../objects/objects.ts';
import type { Cluster } from './client.ts';
import { ClusterError, isPermanent } from './errors.ts';

/** A change of one object; at the beginning what is there already comes as ADDED. */
export interface WatchEvent<T extends KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: T;
}

export interface WatchOptions {
  readonly labelSelector?: string;
  /** An attempt at the watch failed; it is made again. A connection that ends is none. */
  readonly onBroken?: (error: ClusterError) => void;
  /** The server has answered. */
  readonly onAnswer?: () => void;
  /** What is there, each time that it is listed: at the beginning, and after a gap. */
  readonly onListed?: (items: readonly KubeObject[]) => void;
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
  const { labelSelector, onBroken, onAnswer, onListed } = options;
  const selected = labelSelector === undefined ? {} : { labelSelector };
  const known = new Map<string, T>();
  let resourceVersion: string | undefined;
  let failures = 0;
  while (!signal.aborted) {
    try {
      if (resourceVersion === undefined) {
        const list = await cluster.list<T>(type, { ...selected, signal });
        onListed?.(list.items);
        yield* differences(known, list.items);
        resourceVersion = list.resourceVersion;
      }
      const query = {
        ...selected,
        resourceVersion,
        allowWatchBookmarks: 'true',
        timeoutSeconds: String(WATCH_SECONDS),
      };
      for await (const line of heard(cluster, type, query, signal, options.silenceMs ?? SILENCE_MS, onAnswer)) {
        const event = parseEvent<T>(line);
        if (event.type === 'ERROR') {
          resourceVersion = undefined;
          if (event.code !== 410)
            throw new ClusterError(event.code, '', `The watch was ended by the server: ${event.message}`);
          break;
        }
        failures = 0;
        resourceVersion = event.object.metadata?.resourceVersion ?? resourceVersion;
        if (event.type !== 'BOOKMARK') yield* remembered(known, { type: event.type, object: event.object });
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ClusterError) || endsWatch(error)) throw error;
      if (error.status === 410) resourceVersion = undefined;
      failures += 1;
      if (failures > 1) onBroken?.(error);
      await cluster.clock.sleep(backoffMs(failures, DELAYS), signal).catch(() => undefined);
    }
  }
}

/** The lines of one watch; silence ends it as if the server had, which is no error. */
async function* heard(
  cluster: Cluster,
  type: ListedType,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
  silenceMs: number,
  onAnswer?: () => void,
): AsyncGenerator<string> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), silenceMs);
  try {
    for await (const line of cluster.watchOnce(type, query, AbortSignal.any([signal, silence.signal]), onAnswer)) {
      timer.refresh();
      yield line;
    }
  } catch (error) {
    if (!silence.signal.aborted || signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
}

type Line<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: T }
  | { readonly type: 'ERROR'; readonly code: number; readonly message: string };

function parseEvent<T>(line: string): Line<T> {
  const event:
    | { type: WatchEvent<KubeObject>['type'] | 'BOOKMARK'; object: T }
    | { type: 'ERROR'; object: StatusObject } = JSON.parse(line);
  if (event.type !== 'ERROR') return event;
  return { type: 'ERROR', code: event.object.code ?? 0, message: event.object.message ?? '' };
}

interface StatusObject {
  readonly code?: number;
  readonly message?: string;
}

/** What happened between what was known and a new list. */
function* differences<T extends KubeObject>(known: Map<string, T>, items: readonly T[]): Generator<WatchEvent<T>> {
  const present = new Set(items.map(uidOf));
  for (const [uid, object] of known) {
    if (!present.has(uid)) yield* remembered(known, { type: 'DELETED', object });
  }
  for (const object of items)
    yield* remembered(known, { type: known.has(uidOf(object)) ? 'MODIFIED' : 'ADDED', object });
}

/** The event, unless this state of the object was told before. */
function* remembered<T extends KubeObject>(known: Map<string, T>, event: WatchEvent<T>): Generator<WatchEvent<T>> {
  const uid = uidOf(event.object);
  const before = known.get(uid);
  if (event.type === 'DELETED') known.delete(uid);
  else known.set(uid, event.object);
  const same = before?.metadata?.resourceVersion === event.object.metadata?.resourceVersion;
  if (event.type === 'DELETED' || before === undefined || !same) yield event;
}

function uidOf(object: KubeObject): string {
  return object.metadata?.uid ?? `${object.metadata?.namespace}/${object.metadata?.name}`;
}

/** Answers that asking again does not change. */
function endsWatch(error: ClusterError): boolean {
  return [400, 401, 403, 404].includes(error.status) || isPermanent(error);
}
