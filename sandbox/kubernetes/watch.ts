import type { ServerResponse } from 'node:http';
import type { ResourceRequest } from './request.ts';
import { selected } from './resources.ts';
import { StatusError } from './status.ts';
import type { Store, StoreEvent } from './store.ts';

/** Streams the changes of a kind after a resourceVersion, a line of JSON each, until the time is up or the client goes. */
export function streamChanges(
  store: Store,
  { info, namespace, query }: ResourceRequest,
  response: ServerResponse,
): void {
  response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
  response.flushHeaders();
  const write = (type: string, object: unknown) => response.write(`${JSON.stringify({ type, object })}\n`);
  const send = (event: StoreEvent) => {
    if (event.info.plural !== info.plural || event.info.apiVersion !== info.apiVersion) return;
    if (namespace !== '' && event.object.metadata.namespace !== namespace) return;
    if (selected([event.object], query).length > 0) write(event.type, event.object);
  };
  const from = Number(query.get('resourceVersion') ?? '0');
  try {
    const past = from === 0 ? added(store, info, namespace) : store.since(from);
    for (const event of past) send(event);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    write('ERROR', error.status);
    response.end();
    return;
  }
  const seen = store.version;
  const stop = store.onChange((event) => {
    if (event.version > seen) send(event);
  });
  const seconds = Number(query.get('timeoutSeconds') ?? '300');
  const timer = setTimeout(() => response.end(), seconds * 1000);
  response.on('close', () => {
    stop();
    clearTimeout(timer);
  });
}

function added(store: Store, info: ResourceRequest['info'], namespace: string): StoreEvent[] {
  const objects = store.list(info, namespace === '' ? undefined : namespace);
  return objects.map((object) => ({ type: 'ADDED', info, object, version: store.version }));
}
