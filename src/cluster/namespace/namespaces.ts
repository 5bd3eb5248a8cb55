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

/** Milliseconds for which a list of the namespaces counts: in a run over many instances it is long, and changes little. */
const LIST_MS = 10_000;

interface List {
  readonly readAt: number;
  /** Undefined without the permission to list namespaces, which is optional. */
  readonly items: Promise<readonly KubeObject[] | undefined>;
}

/** The namespaces of all instances, listed once for the runs of a process that ask at about the same time. */
export class Namespaces {
  readonly #cluster: Cluster;
  #list: List | undefined;

  /** @param cluster one that no single run cancels */
  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** What is there now or was some seconds ago: enough to find out, before a run touches anything, what is wrong. */
  async look(instance: string): Promise<FoundNamespaces> {
    const listed = await this.#listed();
    const own = listed?.find(({ metadata }) => metadata?.name === instance);
    return { own: own ?? (await this.#cluster.read(namespaceRef(instance))), instances: instancesOf(listed) };
  }

  /** The instance's namespace as it is now, under the Lease; those of others were there some seconds ago. */
  async read(cluster: Cluster, instance: string): Promise<FoundNamespaces> {
    const [own, listed] = await Promise.all([cluster.read(namespaceRef(instance)), this.#listed()]);
    return { own, instances: instancesOf(listed) };
  }

  async #listed(): Promise<readonly KubeObject[] | undefined> {
    const now = this.#cluster.clock.monotonicMs();
    if (this.#list === undefined || now - this.#list.readAt > LIST_MS) {
      const list = { readAt: now, items: labelled(this.#cluster) };
      this.#list = list;
      list.items.catch(() => {
        if (this.#list === list) this.#list = undefined;
      });
    }
    return await this.#list.items;
  }
}

async function labelled(cluster: Cluster): Promise<readonly KubeObject[] | undefined> {
  try {
    return await cluster.listMetadata({ apiVersion: 'v1', kind: 'Namespace' }, { labelSelector: INSTANCE_LABEL });
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return undefined;
  }
}

function instancesOf(listed: readonly KubeObject[] | undefined): readonly string[] | undefined {
  return listed?.flatMap(({ metadata }) => metadata?.labels?.[INSTANCE_LABEL] ?? []);
}
