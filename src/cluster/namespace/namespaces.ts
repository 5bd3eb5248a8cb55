import type { Cluster } from '../api/client.ts';
import { isForbidden } from '../api/errors.ts';
import { INSTANCE_LABEL } from '../objects/names.ts';
import { namespaceRef } from '../objects/namespace-objects.ts';
import type { KubeObject } from '../objects/objects.ts';

/** The instance's namespace, and those of others. */
export interface FoundNamespaces {
  /** The namespace of the instance's name, whoever's it is; undefined if there is none. */
  readonly own: KubeObject | undefined;
  /** The instances that have a namespace with our label; undefined without the permission to list namespaces. */
  readonly instances: readonly string[] | undefined;
}

/** Milliseconds for which a list of the namespaces is recent: in a run over many instances it is long, and changes little. */
const RECENT_MS = 10_000;

/** Undefined without the permission to list namespaces, which is optional. */
type Listed = readonly KubeObject[] | undefined;

interface List {
  readonly items: Promise<Listed>;
  /** When it was there; undefined while it is under way. */
  readAt: number | undefined;
}

/** The namespaces of all instances. */
export class Namespaces {
  readonly #cluster: Cluster;
  #list: List | undefined;

  /** @param cluster one that no single run cancels */
  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /**
   * What was there some seconds ago at the most, by one list for all runs of the process: enough to find out what is wrong
   * before a run touches anything.
   */
  async recent(instance: string): Promise<FoundNamespaces> {
    const { readAt, items } = this.#list ?? this.#begin(this.#cluster);
    const isOld = readAt !== undefined && this.#cluster.clock.monotonicMs() - readAt > RECENT_MS;
    return await found(this.#cluster, instance, await (isOld ? this.#begin(this.#cluster).items : items));
  }

  /** What is there now: for what a run decides under its Lease. */
  async current(cluster: Cluster, instance: string): Promise<FoundNamespaces> {
    return await found(cluster, instance, await this.#begin(cluster).items);
  }

  #begin(cluster: Cluster): List {
    const list: List = { items: labelled(cluster), readAt: undefined };
    list.items.then(
      () => {
        list.readAt = this.#cluster.clock.monotonicMs();
        this.#list = list;
      },
      () => {
        if (this.#list === list) this.#list = undefined;
      },
    );
    // One that a run's end may cancel is not waited for by others.
    if (cluster === this.#cluster) this.#list = list;
    return list;
  }
}

async function found(cluster: Cluster, instance: string, listed: Listed): Promise<FoundNamespaces> {
  const own =
    listed?.find(({ metadata }) => metadata?.name === instance) ?? (await cluster.read(namespaceRef(instance)));
  return { own, instances: listed?.flatMap(({ metadata }) => metadata?.labels?.[INSTANCE_LABEL] ?? []) };
}

async function labelled(cluster: Cluster): Promise<Listed> {
  try {
    return await cluster.listMetadata({ apiVersion: 'v1', kind: 'Namespace' }, { labelSelector: INSTANCE_LABEL });
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return undefined;
  }
}
