import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { type JsonObject, objectAt, type StoredObject, textAt } from './json.ts';
import { KINDS, type KindInfo, resourceName } from './kinds.ts';
import { alreadyExists, conflict, notFound, StatusError } from './status.ts';
import { validate, validateUpdate, withoutStringData } from './validation.ts';

export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly info: KindInfo;
  readonly object: StoredObject;
  readonly version: number;
}

export interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** Events that a watch can still begin from. */
const HISTORY = 2_000;

/** What the cluster holds: objects by kind, namespace and name, one counter of versions, and the history of changes. */
export class Store {
  readonly #objects = new Map<string, StoredObject>();
  readonly #emitter = new EventEmitter().setMaxListeners(0);
  #history: StoreEvent[] = [];
  #version = 1;
  #oldest = 0;

  get version(): number {
    return this.#version;
  }

  /** The version before which changes are forgotten. */
  get oldest(): number {
    return this.#oldest;
  }

  find(info: KindInfo, namespace: string, name: string): StoredObject | undefined {
    return this.#objects.get(keyOf(info, namespace, name));
  }

  get(info: KindInfo, namespace: string, name: string): StoredObject {
    const found = this.find(info, namespace, name);
    if (found === undefined) throw notFound(resourceName(info), name);
    return found;
  }

  list(info: KindInfo, namespace?: string): StoredObject[] {
    const prefix = keyOf(info, namespace ?? '', '');
    const all = [...this.#objects].filter(([key]) =>
      namespace === undefined ? key.startsWith(`${info.apiVersion}/${info.plural}/`) : key.startsWith(prefix),
    );
    return all.map(([, object]) => object);
  }

  /** All objects, of whatever kind. */
  everything(): { readonly info: KindInfo; readonly object: StoredObject }[] {
    return KINDS.flatMap((info) => this.list(info).map((object) => ({ info, object })));
  }

  create(info: KindInfo, namespace: string, given: JsonObject, isDryRun = false): StoredObject {
    const metadata = objectAt(given, 'metadata');
    const generated = `${textAt(metadata, 'generateName')}${randomUUID().slice(0, 5)}`;
    const name = textAt(metadata, 'name') || generated;
    if (this.find(info, namespace, name) !== undefined) throw alreadyExists(resourceName(info), name);
    const { resourceVersion: _, ...kept } = metadata;
    const object: StoredObject = {
      ...withoutStringData(given),
      ...(info.kind === 'Namespace' ? { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } } : {}),
      apiVersion: info.apiVersion,
      kind: info.kind,
      metadata: {
        ...kept,
        // https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name
        ...(info.kind === 'Namespace'
          ? { labels: { ...objectAt(metadata, 'labels'), 'kubernetes.io/metadata.name': name } }
          : {}),
        name,
        ...(info.isNamespaced ? { namespace } : {}),
        uid: randomUUID(),
        resourceVersion: '',
        creationTimestamp: now(),
      },
    };
    validate(info, object);
    return isDryRun ? object : this.#put('ADDED', info, object);
  }

  /** Replaces an object; with a resourceVersion in the new one only that version. */
  update(info: KindInfo, before: StoredObject, given: JsonObject, isDryRun = false): StoredObject {
    const { metadata } = before;
    const wanted = objectAt(given, 'metadata');
    const version = textAt(wanted, 'resourceVersion');
    if (version !== '' && version !== metadata.resourceVersion) {
      throw conflict(
        resourceName(info),
        metadata.name,
        'the object has been modified; please apply your changes to the latest version and try again',
      );
    }
    const { uid, creationTimestamp, name, resourceVersion, namespace } = metadata;
    const kept = { uid, creationTimestamp, name, resourceVersion, ...(namespace === undefined ? {} : { namespace }) };
    const deletion = metadata.deletionTimestamp === undefined ? {} : { deletionTimestamp: metadata.deletionTimestamp };
    const object: StoredObject = {
      ...withoutStringData(given),
      apiVersion: info.apiVersion,
      kind: info.kind,
      metadata: { ...wanted, ...kept, ...deletion },
    };
    validate(info, object);
    validateUpdate(info, before, object);
    if (isDryRun || JSON.stringify(object) === JSON.stringify(before)) return object;
    const stored = this.#put('MODIFIED', info, object);
    const isReleased = deletion.deletionTimestamp !== undefined && (stored.metadata.finalizers ?? []).length === 0;
    // A namespace goes when it is empty: its controller sees to that.
    if (isReleased && info.kind !== 'Namespace') this.remove(info, stored);
    return stored;
  }

  /** Deletes an object, or marks it for deletion where finalizers hold it. */
  delete(info: KindInfo, namespace: string, name: string, preconditions: Preconditions = {}): StoredObject {
    const object = this.get(info, namespace, name);
    const { uid, resourceVersion } = preconditions;
    if (uid !== undefined && uid !== object.metadata.uid) {
      throw conflict(
        resourceName(info),
        name,
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${object.metadata.uid}`,
      );
    }
    if (resourceVersion !== undefined && resourceVersion !== object.metadata.resourceVersion) {
      throw conflict(
        resourceName(info),
        name,
        `Precondition failed: ResourceVersion in precondition: ${resourceVersion}`,
      );
    }
    if (object.metadata.deletionTimestamp !== undefined) return object;
    if (info.kind === 'Namespace') {
      const status = { ...objectAt(object, 'status'), phase: 'Terminating' };
      const metadata = { ...object.metadata, deletionTimestamp: now() };
      return this.#put('MODIFIED', info, { ...object, metadata, status });
    }
    if ((object.metadata.finalizers ?? []).length > 0) {
      return this.#put('MODIFIED', info, { ...object, metadata: { ...object.metadata, deletionTimestamp: now() } });
    }
    return this.remove(info, object);
  }

  /** Takes an object away, finalizers or not. */
  remove(info: KindInfo, object: StoredObject): StoredObject {
    const { namespace = '', name } = object.metadata;
    this.#objects.delete(keyOf(info, namespace, name));
    return this.#record('DELETED', info, object);
  }

  /** Events after that version. @throws StatusError 410 where they are forgotten */
  since(version: number): StoreEvent[] {
    if (version < this.#oldest) {
      throw new StatusError(410, 'Expired', `too old resource version: ${version} (${this.#oldest})`);
    }
    return this.#history.filter((event) => event.version > version);
  }

  /** Calls back for each change until the returned function is called. */
  onChange(listener: (event: StoreEvent) => void): () => void {
    this.#emitter.on('change', listener);
    return () => this.#emitter.off('change', listener);
  }

  /** Forgets the history, so that a watch from an older version is answered 410. */
  forgetHistory(): void {
    this.#history = [];
    this.#oldest = this.#version;
  }

  #put(type: 'ADDED' | 'MODIFIED', info: KindInfo, object: StoredObject): StoredObject {
    const stored = this.#record(type, info, object);
    this.#objects.set(keyOf(info, stored.metadata.namespace ?? '', stored.metadata.name), stored);
    return stored;
  }

  #record(type: StoreEvent['type'], info: KindInfo, object: StoredObject): StoredObject {
    this.#version += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
    const event = { type, info, object: stored, version: this.#version };
    this.#history.push(event);
    if (this.#history.length > HISTORY) {
      this.#history = this.#history.slice(-HISTORY / 2);
      this.#oldest = (this.#history[0]?.version ?? 1) - 1;
    }
    queueMicrotask(() => this.#emitter.emit('change', event));
    return stored;
  }
}

/** Kubernetes' Time has seconds, and no parts of them. */
export function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}

function keyOf({ apiVersion, plural }: KindInfo, namespace: string, name: string): string {
  return `${apiVersion}/${plural}/${namespace}/${name}`;
}
