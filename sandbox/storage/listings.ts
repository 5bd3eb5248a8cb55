import type { IncomingMessage, ServerResponse } from 'node:http';
import { S3Error, sendXml } from './answers.ts';
import type { Marker } from './objects.ts';
import type { Bucket, Service, Target } from './service.ts';

export const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

export function notImplemented(): never {
  throw new S3Error(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented');
}

type Listing = (
  service: Service,
  bucket: Bucket,
  incoming: IncomingMessage,
  response: ServerResponse,
  target: Target,
) => void;

/** ListObjectsV2 (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html); the token is the last key. */
export const listObjects: Listing = ({ behaviour }, { objects }, _, response, { query }) => {
  const token = query.get('continuation-token') ?? '';
  const rest = objects.current.filter(({ key }) => key > token);
  sendPage(response, 'ListBucketResult', rest, limitIn(query, 'max-keys', behaviour.pageSize), {
    item: ({ key, body }) => `<Contents><Key>${escaped(key)}</Key><Size>${body.length}</Size></Contents>`,
    next: ({ key }) => `<NextContinuationToken>${escaped(key)}</NextContinuationToken>`,
  });
};

/** ListObjectVersions (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html). */
export const listVersions: Listing = ({ behaviour }, { objects }, _, response, { query }) => {
  if (!behaviour.hasVersions) notImplemented();
  const rest = objects.versionsAfter(markerIn(query, 'version-id-marker'));
  sendPage(response, 'ListVersionsResult', rest, limitIn(query, 'max-keys', behaviour.pageSize), {
    item: ({ key, id, isMarker }) => {
      const element = isMarker ? 'DeleteMarker' : 'Version';
      return `<${element}><Key>${escaped(key)}</Key><VersionId>${id}</VersionId></${element}>`;
    },
    next: ({ key, id }) =>
      `<NextKeyMarker>${escaped(key)}</NextKeyMarker><NextVersionIdMarker>${id}</NextVersionIdMarker>`,
  });
};

/** ListMultipartUploads (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html). */
export const listUploads: Listing = ({ behaviour }, { objects }, _, response, { query }) => {
  const rest = objects.uploadsAfter(markerIn(query, 'upload-id-marker'));
  sendPage(response, 'ListMultipartUploadsResult', rest, limitIn(query, 'max-uploads', behaviour.pageSize), {
    item: ({ key, id }) => `<Upload><Key>${escaped(key)}</Key><UploadId>${id}</UploadId></Upload>`,
    next: ({ key, id }) =>
      `<NextKeyMarker>${escaped(key)}</NextKeyMarker><NextUploadIdMarker>${id}</NextUploadIdMarker>`,
  });
};

/** ListBuckets (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html): those of one customer. */
export function listBuckets({ buckets }: Service, owner: string, response: ServerResponse): void {
  const own = [...buckets].filter(([, bucket]) => bucket.owner === owner);
  const items = own.map(([name]) => `<Bucket><Name>${escaped(name)}</Name></Bucket>`).join('');
  sendXml(response, 200, `<ListAllMyBucketsResult ${NAMESPACE}><Buckets>${items}</Buckets></ListAllMyBucketsResult>`);
}

/** Sends the first items of the rest of a listing; `next` names where the next page begins. */
function sendPage<T>(
  response: ServerResponse,
  element: string,
  rest: readonly T[],
  limit: number,
  xml: { readonly item: (item: T) => string; readonly next: (last: T) => string },
): void {
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const next = last === undefined || page.length === rest.length ? '' : xml.next(last);
  const body = `<IsTruncated>${next !== ''}</IsTruncated>${next}${page.map(xml.item).join('')}`;
  sendXml(response, 200, `<${element} ${NAMESPACE}>${body}</${element}>`);
}

function markerIn(query: URLSearchParams, idName: string): Marker {
  const [key, id] = [query.get('key-marker') ?? '', query.get(idName) ?? ''];
  return { ...(key === '' ? {} : { key }), ...(id === '' ? {} : { id }) };
}

function limitIn(query: URLSearchParams, name: string, most: number): number {
  return Math.min(most, Number(query.get(name) ?? most));
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
