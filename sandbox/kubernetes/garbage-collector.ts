import { type KindInfo, kindNamed } from './kinds.ts';
import type { Store, StoreEvent } from './store.ts';

/** Milliseconds after which a controller of the real cluster would have noticed. */
const SOON_MS = 20;

/**
 * What goes by itself: objects whose owner is gone, and the content of a namespace that is deleted. A namespace gets its
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
    if (event.info.kind === 'Namespace') soon(() => tendNamespace(store, event));
  });
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

function tendNamespace(store: Store, { type, info, object }: StoreEvent): void {
  const { name } = object.metadata;
  const account = kindNamed('ServiceAccount');
  if (type === 'ADDED' && store.find(account, name, 'default') === undefined) {
    store.create(account, name, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } });
  }
  const current = store.find(info, '', name);
  if (current?.metadata.deletionTimestamp === undefined) return;
  const content = store.everything().filter((other) => other.object.metadata.namespace === name);
  for (const { info: kind, object: held } of content) deleteIfThere(store, kind, name, held.metadata.name);
  const isHeld = store.everything().some((other) => other.object.metadata.namespace === name);
  if (isHeld) setTimeout(() => tendNamespace(store, { type: 'MODIFIED', info, object, version: 0 }), SOON_MS).unref();
  else store.remove(info, current);
}

function deleteIfThere(store: Store, info: KindInfo, namespace: string, name: string): void {
  const found = store.find(info, namespace, name);
  if (found !== undefined && found.metadata.deletionTimestamp === undefined) store.delete(info, namespace, name);
}
