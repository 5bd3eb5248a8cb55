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

interface Following<T extends KubeObject> extends Follower<T> {
  readonly fail: (error: unknown) => void;
}

/**
 * One watch of a kind in all namespaces, by label, for all who follow a namespace each. It begins with the first of them,
 * and stays until it is ended. Where all namespaces may not be watched (403), each gets a watch of its own; so does who
 * follows a namespace a second time, as what came meanwhile is not kept.
 */
export class SharedWatch<T extends KubeObject> {
  readonly #cluster: Cluster;
  readonly #type: ListedType;
  readonly #labelSelector: string;
  readonly #over = new AbortController();
  readonly #followers = new Map<string, Following<T>>();
  /** The last event of each object of a namespace that nobody has followed yet. */
  readonly #early = new Map<string, Map<string, WatchEvent<T>>>();
  readonly #followed = new Set<string>();
  #isRunning = false;
  #isDenied = false;
  #broken: ClusterError | undefined;

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
    if (!this.#isDenied && !this.#followed.has(namespace)) {
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

  /** Ends the watch. */
  end(): void {
    this.#over.abort();
  }

  async #share(namespace: string, follower: Follower<T>, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stop = () => resolve();
    signal.addEventListener('abort', stop, { once: true });
    this.#followed.add(namespace);
    this.#followers.set(namespace, { ...follower, fail: reject });
    if (this.#broken !== undefined) follower.onBroken(this.#broken);
    for (const event of this.#early.get(namespace)?.values() ?? []) follower.onEvent(event);
    this.#early.delete(namespace);
    if (!this.#isRunning) void this.#run();
    try {
      await promise;
    } finally {
      this.#followers.delete(namespace);
      signal.removeEventListener('abort', stop);
    }
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    const onBroken = (error: ClusterError) => {
      this.#broken = error;
      for (const follower of this.#followers.values()) follower.onBroken(error);
    };
    const onAnswer = () => {
      this.#broken = undefined;
      for (const follower of this.#followers.values()) follower.onAnswer();
    };
    const options = { labelSelector: this.#labelSelector, isListed: false, onBroken, onAnswer };
    try {
      for await (const event of watchObjects<T>(this.#cluster, this.#type, options, this.#over.signal))
        this.#take(event);
    } catch (error) {
      for (const { fail } of this.#followers.values()) fail(error);
    } finally {
      this.#isRunning = false;
      this.#broken = undefined;
    }
  }

  #take(event: WatchEvent<T>): void {
    const { namespace = '', uid = '' } = event.object.metadata ?? {};
    const follower = this.#followers.get(namespace);
    if (follower !== undefined) follower.onEvent(event);
    else if (!this.#followed.has(namespace)) {
      const known = this.#early.get(namespace) ?? new Map<string, WatchEvent<T>>();
      this.#early.set(namespace, known.set(uid, event));
    }
  }
}
