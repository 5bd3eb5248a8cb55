import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bytesOf, S3Error, sendXml } from './answers.ts';
import { escaped, NAMESPACE, notImplemented } from './listings.ts';
import type { Bucket, Target } from './service.ts';

/** A request for an object: PutObject, GetObject, HeadObject, DeleteObject, CreateMultipartUpload, AbortMultipartUpload. */
export async function serveObject(
  { objects, versioning }: Bucket,
  target: Target,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const key = decodeURIComponent(target.key);
  const { query } = target;
  const [uploadId, versionId] = [query.get('uploadId'), query.get('versionId')];
  switch (`${incoming.method} ${[...query.keys()].join()}`) {
    case 'PUT ': {
      const { body } = objects.put(key, versioning, await contentOf(incoming));
      response.writeHead(200, { etag: etagOf(body) }).end();
      return;
    }
    case 'GET ':
    case 'HEAD ': {
      const body = objects.read(key);
      if (body === undefined) throw new S3Error(404, 'NoSuchKey', 'The specified key does not exist.');
      const headers = { 'content-length': body.length, 'content-type': 'binary/octet-stream', etag: etagOf(body) };
      response.writeHead(200, headers).end(incoming.method === 'HEAD' ? undefined : body);
      return;
    }
    case 'DELETE ':
      objects.delete(key, versioning);
      break;
    case 'DELETE versionId':
      objects.deleteVersion(key, versionId ?? '');
      break;
    case 'POST uploads': {
      const names = `<Key>${escaped(key)}</Key><UploadId>${objects.begin(key).id}</UploadId>`;
      const result = `<InitiateMultipartUploadResult ${NAMESPACE}><Bucket>${target.name}</Bucket>${names}`;
      sendXml(response, 200, `${result}</InitiateMultipartUploadResult>`);
      return;
    }
    case 'DELETE uploadId':
      if (objects.end(uploadId ?? '')) break;
      throw new S3Error(404, 'NoSuchUpload', 'The specified multipart upload does not exist.');
    default:
      notImplemented();
  }
  response.writeHead(204).end();
}

/** Content in signed chunks would have to be taken apart first; the SDK sends it for streams alone. */
async function contentOf(incoming: IncomingMessage): Promise<Buffer> {
  if (String(incoming.headers['x-amz-content-sha256']).startsWith('STREAMING-')) notImplemented();
  return await bytesOf(incoming);
}

const etagOf = (body: Buffer) => `"${createHash('md5').update(body).digest('hex')}"`;
