import type { Clock } from '../../core/clock.ts';
import { retry } from '../../core/retry.ts';
import { ARGOCD_NAMESPACE } from '../objects/names.ts';
import {
  collectionPath,
  groupPath,
  type KubeObject,
  type ListedType,
  type ObjectRef,
  objectPath,
} from '../objects/objects.ts';
import { ClusterError, invalidAnswerError, isNotFound } from './errors.ts';
import type { ClusterAccess } from './kubeconfig.ts';
import {
  creation,
  deletion,
  jsonPatch,
  METADATA_LIST,
  mergePatch,
  type Preconditions,
  replacement,
  serverSideApply,
} from './request.ts';
import { type ClientOptions, Transport } from './transport.ts';

/** How often a list is begun again whose pages expired. */
const LIST_AGAIN = { attempts: 4, firstDelayMs: 250, longestDelayMs: 2_000 };

interface ListOptions {
  readonly labelSelector?: string;
  readonly signal?: AbortSignal;
  /** Whether the answer need not have more of the objects. */
  readonly isMetadataEnough?: boolean;
  /** Of each request; without it those of the transport. */
  readonly attempts?: number;
}

/** Most bytes of a pod's log that are read at once. */
export const LOG_BYTES = 256 * 1024;

/**
 * The Kubernetes API as the action uses it: objects in, objects out, as plain JSON. client-node loads the kubeconfig and
 * authenticates; the requests are made here, as its generated classes ask discovery for every group, turn times into
 * Dates of lesser precision, and give up a watch after 30 s.
 *
 * Requests that meet a connection error, an answer that is cut or not the API server's, 408, 429 or 5xx are made again for
 * a minute, with growing delays; so are changes without a condition that meet a conflict (409). A POST may so meet the object that its first attempt stored: give objects that must be made once a name of their own, and take
 * `AlreadyExists` for that.
 */
export class Cluster {
  readonly #transport: Transport;
  /** Namespace of Argo CD, its Applications and our Leases. */
  readonly argocdNamespace: string;

  private constructor(transport: Transport, argocdNamespace: string) {
    this.#transport = transport;
    this.argocdNamespace = argocdNamespace;
  }

  /** @throws LaunchpadError `kubeconfig-invalid` */
  static async connect(access: ClusterAccess, options: ClientOptions = {}): Promise<Cluster> {
    return new Cluster(await Transport.open(access, options), access.argocdNamespace ?? ARGOCD_NAMESPACE);
  }

  /**
   * The same cluster for work that the signal cancels: then nothing more is sent, questions under way are dropped, and the
   * signal's reason is thrown. A change under way is given a moment for its answer, so that a clean-up finds it.
   *
   * @param beforeChange called directly before each change is sent; it aborts the signal and throws where none may begin
   */
  until(signal: AbortSignal, beforeChange?: () => void): Cluster {
    return new Cluster(this.#transport.until(signal, beforeChange), this.argocdNamespace);
  }

  /** The same cluster for work that only looks: every request by which something would be stored is refused. */
  readOnly(): Cluster {
    return new Cluster(this.#transport.readOnly(), this.argocdNamespace);
  }

  /** The clock of its waits. */
  get clock(): Clock {
    return this.#transport.clock;
  }

  /** URL of the API server. */
  get server(): string {
    return this.#transport.server;
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await this.#transport.close();
  }

  /** Kinds that the API server serves in this version of a group; none where it does not know the group. */
  async kinds(apiVersion: string): Promise<ReadonlySet<string>> {
    try {
      const list = await this.#transport.json<{ resources?: { kind: string }[] }>({
        method: 'GET',
        path: groupPath(apiVersion),
        kinds: ['APIResourceList'],
      });
      return new Set((list.resources ?? []).map(({ kind }) => kind));
    } catch (error) {
      if (isNotFound(error)) return new Set();
      throw error;
    }
  }

  /** The object, or undefined where there is none of that name. */
  async read<T extends KubeObject = KubeObject>(ref: ObjectRef): Promise<T | undefined> {
    try {
      return await this.#transport.json<T>({ method: 'GET', path: objectPath(ref), kinds: [ref.kind] });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** The JSON at a path of discovery, or of a list of a kind that only discovery names. */
  async readPath(path: string, query: Readonly<Record<string, string>> = {}): Promise<unknown> {
    return JSON.parse(await this.#transport.text({ method: 'GET', path, query }));
  }

  /**
   * All objects of a kind, page by page, and the resourceVersion from which a watch goes on. Pages that have expired (410)
   * are read again from the first.
   */
  async list<T extends KubeObject = KubeObject>(
    type: ListedType,
    options: ListOptions = {},
  ): Promise<{ items: T[]; resourceVersion: string }> {
    return await retry(async () => await this.#listOnce<T>(type, options), {
      isTransient: (error) => error instanceof ClusterError && error.status === 410,
      ...LIST_AGAIN,
      signal: options.signal,
      clock: this.clock,
    });
  }

  /** The metadata of all objects of a kind (https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches). */
  async listMetadata(type: ListedType, options: Pick<ListOptions, 'labelSelector'>): Promise<KubeObject[]> {
    return (await this.list(type, { ...options, isMetadataEnough: true })).items;
  }

  async #listOnce<T extends KubeObject>(
    type: ListedType,
    { labelSelector, signal, isMetadataEnough, attempts }: ListOptions,
  ): Promise<{ items: T[]; resourceVersion: string }> {
    const items: T[] = [];
    const read = new Set<string>();
    for (let next = ''; ; ) {
      const page = await this.#transport.json<{
        items: T[] | null;
        metadata: { resourceVersion?: string; continue?: string };
      }>({
        method: 'GET',
        path: collectionPath(type),
        kinds: [`${type.kind}List`, ...(isMetadataEnough ? ['PartialObjectMetadataList'] : [])],
        ...(isMetadataEnough ? { accept: METADATA_LIST } : {}),
        ...(attempts === undefined ? {} : { attempts }),
        query: {
          limit: '500',
          ...(labelSelector === undefined ? {} : { labelSelector }),
          ...(next === '' ? {} : { continue: next }),
        },
        ...(signal === undefined ? {} : { signal }),
      });
      items.push(...(page.items ?? []));
      next = page.metadata.continue ?? '';
      if (next === '') return { items, resourceVersion: page.metadata.resourceVersion ?? '' };
      if (read.has(next)) {
        const name = { server: this.server, method: 'GET', path: collectionPath(type) };
        throw invalidAnswerError(name, 200, 'its pages begin again and again');
      }
      read.add(next);
    }
  }

  /** Creates the object by POST, and gives back what the server stored of it, or only the metadata of that. */
  async create<T extends KubeObject>(object: T, { isMetadataEnough = false } = {}): Promise<KubeObject> {
    return await this.#transport.json<KubeObject>(creation(object, isMetadataEnough));
  }

  /** Asks the server a question that is an object, such as an access review; nothing is stored. */
  async ask<T extends KubeObject>(question: KubeObject & { apiVersion: string; kind: string }): Promise<T> {
    return await this.#transport.json<T>({
      method: 'POST',
      path: collectionPath(question),
      kinds: [question.kind],
      body: question,
      isQuestion: true,
    });
  }

  /**
   * Server-side apply: makes the object, or sets the fields that are given and leaves all others.
   *
   * @param options `force` takes fields over from other managers; without it the server answers 409 and says whose they
   *   are. `isDryRun`: the server checks it and answers what would be there then, and stores nothing
   */
  async apply<T extends KubeObject>(
    object: T,
    { force, isDryRun = false }: { readonly force: boolean; readonly isDryRun?: boolean },
  ): Promise<KubeObject> {
    return await this.#transport.json<KubeObject>(serverSideApply(object, force, isDryRun));
  }

  /**
   * JSON merge patch (RFC 7386): objects merge, null removes, lists are replaced. With a resourceVersion in the patch it
   * is for that version only (else 409). Gives back the metadata of what is stored then.
   */
  async patch(ref: ObjectRef, body: object): Promise<KubeObject> {
    return await this.#transport.json<KubeObject>(mergePatch(ref, body));
  }

  /** Replaces the object's `spec` as a whole, with the fields of others in it, by a JSON patch (RFC 6902). */
  async replaceSpec(ref: ObjectRef, spec: unknown): Promise<void> {
    await this.#transport.json<KubeObject>(jsonPatch(ref, [{ op: 'replace', path: '/spec', value: spec }]));
  }

  /** Replaces the object by PUT; with a resourceVersion in it only that version (else 409). It is for Leases: it waits for no other requests. */
  async replace<T extends KubeObject>(object: T, signal?: AbortSignal): Promise<T> {
    return await this.#transport.json<T>(replacement(object, signal));
  }

  /** Deletes the object, and what it owns in the background. False: there was none. With preconditions 409 otherwise. */
  async delete(ref: ObjectRef, preconditions?: Preconditions): Promise<boolean> {
    try {
      await this.#transport.json(deletion(ref, preconditions));
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** Deletes the objects of a kind in a namespace that have these labels. */
  async deleteCollection(type: Required<ListedType>, labelSelector: string): Promise<void> {
    await this.#transport.json({
      method: 'DELETE',
      path: collectionPath(type),
      kinds: ['Status', `${type.kind}List`],
      query: { labelSelector },
    });
  }

  /** The last lines of a container's log. */
  async podLog(
    namespace: string,
    pod: string,
    container: string,
    tailLines: number,
    signal?: AbortSignal,
  ): Promise<string> {
    const ref = { apiVersion: 'v1', kind: 'Pod', metadata: { name: pod, namespace } };
    return await this.#transport.text({
      method: 'GET',
      path: `${objectPath(ref)}/log`,
      query: { container, tailLines: String(tailLines), limitBytes: String(LOG_BYTES) },
      accept: '*/*',
      // A log only adds to what the pod's status tells; some API servers reach no kubelet at all.
      attempts: 1,
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /**
   * Opens one watch and gives its lines as they come; it ends when the server ends it, and throws when it breaks. It is
   * not made again here: see watch.ts.
   *
   * @param onAnswer called when the server has accepted the watch
   */
  async *watchOnce(
    type: ListedType,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
    onAnswer?: () => void,
  ): AsyncGenerator<string> {
    yield* this.#transport.lines(
      { method: 'GET', path: collectionPath(type), query: { ...query, watch: 'true' } },
      signal,
      onAnswer,
    );
  }
}
