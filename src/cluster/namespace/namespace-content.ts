import { mapConcurrently } from '../../core/concurrency.ts';
import type { Cluster } from '../api/client.ts';
import { listKind, namespacedKinds, type ServedKind } from '../api/discovery.ts';
import type { KubeObject } from '../objects/objects.ts';

/** An object in a namespace. */
export interface ContentObject {
  readonly kind: ServedKind;
  readonly name: string;
  readonly object: KubeObject;
}

/** All that is in a namespace, as far as it can be listed. */
interface NamespaceContent {
  readonly objects: readonly ContentObject[];
  /** Resources whose objects cannot be listed, such as `secrets.`. */
  readonly unlisted: readonly string[];
}

/** Requests at once. */
const AT_ONCE = 6;

/**
 * Lists the objects of these kinds in a namespace. Events are left out: they are about other objects. The permission to list
 * them is optional.
 *
 * @param isWanted undefined: every kind
 * @throws ClusterError if the kinds cannot be read
 */
export async function namespaceContent(
  cluster: Cluster,
  namespace: string,
  isWanted: (kind: ServedKind) => boolean = () => true,
): Promise<NamespaceContent> {
  const kinds = (await namespacedKinds(cluster)).filter((kind) => kind.plural !== 'events' && isWanted(kind));
  const unlisted: string[] = [];
  const lists = await mapConcurrently(kinds, AT_ONCE, async (kind): Promise<ContentObject[]> => {
    try {
      const items = await listKind(cluster, kind, namespace);
      return items.map((object) => ({ kind, name: object.metadata?.name ?? '', object }));
    } catch {
      unlisted.push(kind.resource);
      return [];
    }
  });
  // A kind may be served by two groups.
  const byUid = new Map(lists.flat().map((one) => [one.object.metadata?.uid ?? `${one.kind.kind} ${one.name}`, one]));
  return { objects: [...byUid.values()], unlisted };
}

/** Milliseconds for the look at what holds a deletion. */
const LOOK_MS = 10_000;
/** Objects that are named. */
const MOST_NAMED = 10;

interface HeldOptions {
  readonly isWanted: (kind: ServedKind) => boolean;
  /** Ends the look. */
  readonly signal: AbortSignal;
}

/**
 * Names the objects of a namespace that are being deleted and not gone, those with finalizers first.
 *
 * @returns a sentence, or nothing if there are none or they cannot be listed
 */
export async function describeHeld(
  cluster: Cluster,
  namespace: string,
  { isWanted, signal }: HeldOptions,
): Promise<string[]> {
  const bounded = cluster.until(AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]));
  const content = await namespaceContent(bounded, namespace, isWanted).catch(() => undefined);
  const held = (content?.objects ?? [])
    .filter(({ object }) => object.metadata?.deletionTimestamp !== undefined)
    .toSorted((a, b) => finalizersOf(b).length - finalizersOf(a).length);
  if (held.length === 0) return [];
  const rest = held.length - MOST_NAMED;
  return [
    `Objects that are still being deleted: ${held.slice(0, MOST_NAMED).map(describe).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}.`,
  ];
}

function describe(one: ContentObject): string {
  const finalizers = finalizersOf(one);
  const held = finalizers.length === 0 ? '' : ` (finalizers ${finalizers.join(', ')})`;
  return `${one.kind.kind} ${one.name}${held}`;
}

function finalizersOf({ object }: ContentObject): readonly string[] {
  return object.metadata?.finalizers ?? [];
}
