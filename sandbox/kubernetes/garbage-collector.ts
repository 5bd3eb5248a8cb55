import { type JsonObject, objectAt, type StoredObject } from './json.ts';
import { groupOf, type KindInfo, kindNamed } from './kinds.ts';
import type { Store, StoreEvent } from './store.ts';

/** Milliseconds after which a controller of the real cluster would have noticed. */
const SOON_MS = 20;
/** Milliseconds that a namespace takes to go at least. */
const NAMESPACE_MS = 300;

/**
 * Deletes objects whose owner no longer exists, and the content of a namespace that is deleted. A namespace gets its
 * `default` service account.
 */
export function collectGarbage(store: Store): () => void {
  const pending = new Set<NodeJS.Timeout>();
  const soon = (work: () => void) => {
    const timer = setTimeout(() => {
      pending.delete(timer);
      work();
    }, SOON_MS);
    pending.add(timer);
  };
  const stop = store.onChange((event) => {
    if (event.type === 'DELETED') soon(() => removeOrphans(store, event.object.metadata.uid));
    if (event.type === 'ADDED' && event.info.kind !== 'Namespace') soon(() => removeIfOrphan(store, event));
    if (event.info.kind === 'Namespace' && event.type === 'ADDED') soon(() => makeAccount(store, event.object));
    if (event.info.kind === 'Namespace' && event.type === 'MODIFIED') empty(event);
  });
  const ending = new Set<string>();
  /** Empties a namespace that is being deleted, again and again until nothing holds it any more. */
  const empty = ({ info, object: { metadata } }: StoreEvent) => {
    const { uid, name, deletionTimestamp } = metadata;
    if (deletionTimestamp === undefined || ending.has(uid)) return;
    ending.add(uid);
    const end = Date.now() + NAMESPACE_MS;
    const look = () => {
      const isEmpty = emptyNamespace(store, info, name);
      if (!isEmpty || Date.now() < end) soon(look);
      else store.remove(info, store.get(info, '', name));
    };
    soon(look);
  };
  return () => {
    stop();
    for (const timer of pending) clearTimeout(timer);
  };
}

function removeOrphans(store: Store, owner: string): void {
  for (const { info, object } of store.everything()) {
    const isOwned = object.metadata.ownerReferences?.some(({ uid }) => uid === owner);
    if (isOwned) deleteIfThere(store, info, object.metadata.namespace ?? '', object.metadata.name);
  }
}

function removeIfOrphan(store: Store, { info, object }: StoreEvent): void {
  const owners = object.metadata.ownerReferences ?? [];
  if (owners.length === 0) return;
  const living = new Set(store.everything().map((other) => other.object.metadata.uid));
  if (owners.some(({ uid }) => living.has(uid))) return;
  deleteIfThere(store, info, object.metadata.namespace ?? '', object.metadata.name);
}

function makeAccount(store: Store, { metadata: { name } }: StoredObject): void {
  const account = kindNamed('ServiceAccount');
  if (store.find(account, name, 'default') !== undefined) return;
  store.create(account, name, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } });
}

/** Deletes the content of the namespace. False: something is left, which the status names, or the namespace has finalizers. */
function emptyNamespace(store: Store, info: KindInfo, name: string): boolean {
  const contentOf = () => store.everything().filter(({ object }) => object.metadata.namespace === name);
  for (const { info: kind, object } of contentOf()) deleteIfThere(store, kind, name, object.metadata.name);
  const namespace = store.get(info, '', name);
  const conditions = remaining(contentOf());
  const status = { ...objectAt(namespace, 'status'), ...(conditions.length > 0 ? { conditions } : {}) };
  const updated = store.update(info, namespace, { ...namespace, status });
  return conditions.length === 0 && (updated.metadata.finalizers ?? []).length === 0;
}

/** The conditions by which the namespace controller reports what is left (pkg/controller/namespace/deletion of kubernetes). */
function remaining(content: readonly { readonly info: KindInfo; readonly object: StoredObject }[]): JsonObject[] {
  if (content.length === 0) return [];
  const condition = (type: string, reason: string, message: string) => ({ type, status: 'True', reason, message });
  const resources = Map.groupBy(content, ({ info }) => `${info.plural}.${groupOf(info.apiVersion)}`);
  const finalizers = Map.groupBy(
    content.flatMap(({ object }) => object.metadata.finalizers ?? []),
    (finalizer) => finalizer,
  );
  const counted = (groups: ReadonlyMap<string, readonly unknown[]>, words: string) =>
    [...groups].map(([one, { length }]) => `${one} ${words} ${length} resource instances`).join(', ');
  return [
    condition(
      'NamespaceContentRemaining',
      'SomeResourcesRemain',
      `Some resources are remaining: ${counted(resources, 'has')}`,
    ),
    ...(finalizers.size === 0
      ? []
      : [
          condition(
            'NamespaceFinalizersRemaining',
            'SomeFinalizersRemain',
            `Some content in the namespace has finalizers remaining: ${counted(finalizers, 'in')}`,
          ),
        ]),
  ];
}

function deleteIfThere(store: Store, info: KindInfo, namespace: string, name: string): void {
  const found = store.find(info, namespace, name);
  if (found !== undefined && found.metadata.deletionTimestamp === undefined) store.delete(info, namespace, name);
}
