import type { KubeObject, ListedType } from '../objects/objects.ts';
import type { Cluster } from './client.ts';
import { type ClusterError, isForbidden } from './errors.ts';
import { type WatchEvent, watchObjects } from './watch.ts';

/** Who follows one namespace of a shared watch. */
export interface Follower<T extends KubeObject> {
  readonly onEvent: (event: WatchEvent<T>) => void;
  /** As of `WatchOptions`. */
  readonly onBroken: (error: ClusterError) => void;
  readonly onAnswer: () => void;
}

/** A watch of all namespaces that is under way. */
interface Life<T extends KubeObject> {
  readonly end: AbortController;
  readonly followers: Map<string, Follower<T> & { readonly fail: (error: unknown) => void }>;
  /** The last event of each object of a namespace that nobody has followed yet. */
  readonly early: Map<string, Map<string, WatchEvent<T>>>;
  /** Namespaces that somebody has followed: what came since is not kept. */
  readonly left: Set<string>;
  broken: ClusterError | undefined;
}

/**
 * One watch of a kind in all namespaces, by label, for all who follow a namespace each at the same time. It begins with the
 * first of them, and ends with the last. Where all namespaces may not be watched (403), each gets a watch of its own; so
 * does who comes back to a namespace while others still follow theirs.
 */
export class SharedWatch<T extends KubeObject> {
  readonly #cluster: Cluster;
  readonly #type: ListedType;
  readonly #labelSelector: string;
  #life: Life<T> | undefined;
  #isDenied = false;

  constructor(cluster: Cluster, type: ListedType, labelSelector: string) {
    this.#cluster = cluster;
    this.#type = type;
    this.#labelSelector = labelSelector;
  }

  /**
   * Follows the objects in the namespace until the signal aborts. What is there at the beginning comes as ADDED.
   *
   * @throws ClusterError as `watchObjects`
   */
  async follow(namespace: string, follower: Follower<T>, signal: AbortSignal): Promise<void> {
    if (!this.#isDenied && this.#life?.left.has(namespace) !== true) {
      try {
        await this.#share(namespace, follower, signal);
        return;
      } catch (error) {
        if (!isForbidden(error)) throw error;
        this.#isDenied = true;
      }
    }
    const { onEvent, ...rest } = follower;
    const options = { ...rest, labelSelector: this.#labelSelector, isListed: false };
    for await (const event of watchObjects<T>(this.#cluster, { ...this.#type, namespace }, options, signal))
      onEvent(event);
  }

  async #share(namespace: string, follower: Follower<T>, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stop = () => resolve();
    signal.addEventListener('abort', stop, { once: true });
    const life = this.#life ?? this.#begin();
    life.followers.set(namespace, { ...follower, fail: reject });
    if (life.broken !== undefined) follower.onBroken(life.broken);
    for (const event of life.early.get(namespace)?.values() ?? []) tell(life, namespace, event);
    life.early.delete(namespace);
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', stop);
      life.followers.delete(namespace);
      life.left.add(namespace);
      if (life.followers.size === 0) this.#end(life);
    }
  }

  #begin(): Life<T> {
    const maps = { followers: new Map(), early: new Map(), left: new Set<string>() };
    const life: Life<T> = { ...maps, end: new AbortController(), broken: undefined };
    this.#life = life;
    void this.#run(life);
    return life;
  }

  #end(life: Life<T>): void {
    life.end.abort();
    if (this.#life === life) this.#life = undefined;
  }

  async #run(life: Life<T>): Promise<void> {
    const onBroken = (error: ClusterError) => {
      life.broken = error;
      for (const follower of life.followers.values()) follower.onBroken(error);
    };
    const onAnswer = () => {
      life.broken = undefined;
      for (const follower of life.followers.values()) follower.onAnswer();
    };
    const options = { labelSelector: this.#labelSelector, isListed: false, onBroken, onAnswer };
    try {
      for await (const event of watchObjects<T>(this.#cluster, this.#type, options, life.end.signal)) {
        const { namespace = '', uid = '' } = event.object.metadata ?? {};
        if (life.followers.has(namespace)) tell(life, namespace, event);
        else if (!life.left.has(namespace)) {
          const known = life.early.get(namespace) ?? new Map<string, WatchEvent<T>>();
          life.early.set(namespace, known.set(uid, event));
        }
      }
    } catch (error) {
      this.#end(life);
      for (const { fail } of life.followers.values()) fail(error);
    }
  }
}

/** Tells the follower of the namespace; an error in what they do with it is theirs alone. */
function tell<T extends KubeObject>({ followers }: Life<T>, namespace: string, event: WatchEvent<T>): void {
  const follower = followers.get(namespace);
  try {
    follower?.onEvent(event);
  } catch (error) {
    follower?.fail(error);
  }
}
