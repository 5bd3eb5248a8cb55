import type { Cluster } from '../api/client.ts';
import { isForbidden } from '../api/errors.ts';
import { INSTANCE_LABEL } from '../objects/names.ts';
import type { KubeObject, ObjectRef } from '../objects/objects.ts';

/** Kinds that are listed without a label: ServiceAccount `default` is Kubernetes' own. */
const WITHOUT_LABEL: ReadonlySet<string> = new Set(['ServiceAccount']);

/** What is in a namespace, of the kinds that could be listed. */
export class LiveObjects {
  readonly #byKind: ReadonlyMap<string, readonly KubeObject[]>;

  private constructor(byKind: ReadonlyMap<string, readonly KubeObject[]>) {
    this.#byKind = byKind;
  }

  /** That of a namespace of which nothing is known. */
  static readonly UNKNOWN = new LiveObjects(new Map());

  /**
   * Lists the kinds of these objects once, each by the instance's label. The permission to list a kind is optional.
   *
   * @param kinds of those objects, which are listed
   */
  static async read(
    cluster: Cluster,
    namespace: string,
    objects: readonly KubeObject[],
    kinds: ReadonlySet<string>,
  ): Promise<LiveObjects> {
    const types = new Map<string, { apiVersion: string; kind: string }>();
    for (const { apiVersion = '', kind = '' } of objects) if (kinds.has(kind)) types.set(kind, { apiVersion, kind });
    const lists = await Promise.all(
      [...types.values()].map(async (type) => {
        const selector = WITHOUT_LABEL.has(type.kind) ? {} : { labelSelector: `${INSTANCE_LABEL}=${namespace}` };
        try {
          const { items } = await cluster.list({ ...type, namespace }, selector);
          // The objects of a list name neither.
          return [[type.kind, items.map((item) => ({ ...item, ...type }))] as const];
        } catch (error) {
          if (isForbidden(error)) return [];
          throw error;
        }
      }),
    );
    return new LiveObjects(new Map(lists.flat()));
  }

  /** Whether all objects of the kind are known. */
  hasKind(kind: string): boolean {
    return this.#byKind.has(kind);
  }

  /** The object, if its kind was listed and it is there. */
  get({ kind, metadata: { name } }: Pick<ObjectRef, 'kind' | 'metadata'>): KubeObject | undefined {
    return this.#byKind.get(kind)?.find(({ metadata }) => metadata?.name === name);
  }
}
