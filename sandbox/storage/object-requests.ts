import type { IncomingMessage, ServerResponse } from 'node:http';
import { pass } from './backend.ts';
import type { Bucket, Service, Target } from './service.ts';

/** A request for an object of the bucket: passed on, and what it changes is noted. */
export async function serveObject(
  { backend }: Service,
  { objects, versioning }: Bucket,
  target: Target,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const key = decodeURIComponent(target.key);
  const { method } = incoming;
  const uploadId = target.query.get('uploadId');
  const versionId = target.query.get('versionId');
  if (method === 'DELETE' && versionId !== null) {
    if (objects.deleteVersion(key, versionId)) await pass(backend, { ...target, query: none() }, incoming, response);
    else response.writeHead(204).end();
    return;
  }
  const { status, text } = await pass(backend, target, incoming, response);
  if (status >= 300) return;
  if (method === 'POST' && target.query.has('uploads')) {
    objects.begin({ key, id: /<UploadId>([^<]+)</.exec(text)?.[1] ?? '' });
  } else if (uploadId !== null && (method === 'POST' || method === 'DELETE')) {
    objects.end(uploadId);
    if (method === 'POST') objects.put(key, versioning);
  } else if (method === 'PUT' && uploadId === null) {
    objects.put(key, versioning);
  } else if (method === 'DELETE') {
    objects.delete(key, versioning);
  }
}

const none = () => new URLSearchParams();
