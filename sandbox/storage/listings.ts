import type { IncomingMessage, ServerResponse } from 'node:http';
import { S3Error, sendXml } from './answers.ts';
import type { Marker } from './objects.ts';
import type { Bucket, Service, Target } from './service.ts';

export const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

export function notImplemented(): never {
  throw new S3Error(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented');
}

/** ListObjectsV2 (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html): a token is the key before it. */
export function listObjects(
  { behaviour }: Service,
  { objects }: Bucket,
  _: IncomingMessage,
  response: ServerResponse,
  { query }: Target,
): void {
  const token = query.get('continuation-token') ?? '';
  const rest = objects.current.filter(({ key }) => key > token);
  const page = rest.slice(0, limitIn(query, 'max-keys', behaviour.pageSize));
  const items = page.map(
    ({ key, body }) => `<Contents><Key>${escaped(key)}</Key><Size>${body.length}</Size></Contents>`,
  );
  const last = page.at(-1);
  const next =
    last === undefined || page.length === rest.length
      ? ''
      : `<NextContinuationToken>${escaped(last.key)}</NextContinuationToken>`;
  const body = `<IsTruncated>${next !== ''}</IsTruncated>${next}${items.join('')}`;
  sendXml(response, 200, `<ListBucketResult ${NAMESPACE}>${body}</ListBucketResult>`);
}

/** ListObjectVersions (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html). */
export function listVersions(
  { behaviour }: Service,
  { objects }: Bucket,
  _: IncomingMessage,
  response: ServerResponse,
  { query }: Target,
): void {
  if (!behaviour.hasVersions) notImplemented();
  const rest = objects.versionsAfter(markerIn(query, 'version-id-marker'));
  const page = rest.slice(0, limitIn(query, 'max-keys', behaviour.pageSize));
  const items = page.map(({ key, id, isMarker }) => {
    const element = isMarker ? 'DeleteMarker' : 'Version';
    return `<${element}><Key>${escaped(key)}</Key><VersionId>${id}</VersionId></${element}>`;
  });
  const last = page.at(-1);
  const next =
    last === undefined || page.length === rest.length
      ? ''
      : `<NextKeyMarker>${escaped(last.key)}</NextKeyMarker><NextVersionIdMarker>${last.id}</NextVersionIdMarker>`;
  const truncated = `<IsTruncated>${next !== ''}</IsTruncated>`;
  sendXml(response, 200, `<ListVersionsResult ${NAMESPACE}>${truncated}${next}${items.join('')}</ListVersionsResult>`);
}

/** ListMultipartUploads (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html). */
export function listUploads(
  { behaviour }: Service,
  { objects }: Bucket,
  _: IncomingMessage,
  response: ServerResponse,
  { query }: Target,
): void {
  const rest = objects.uploadsAfter(markerIn(query, 'upload-id-marker'));
  const page = rest.slice(0, limitIn(query, 'max-uploads', behaviour.pageSize));
  const items = page.map(({ key, id }) => `<Upload><Key>${escaped(key)}</Key><UploadId>${id}</UploadId></Upload>`);
  const last = page.at(-1);
  const next =
    last === undefined || page.length === rest.length
      ? ''
      : `<NextKeyMarker>${escaped(last.key)}</NextKeyMarker><NextUploadIdMarker>${last.id}</NextUploadIdMarker>`;
  const body = `<IsTruncated>${next !== ''}</IsTruncated>${next}${items.join('')}`;
  sendXml(response, 200, `<ListMultipartUploadsResult ${NAMESPACE}>${body}</ListMultipartUploadsResult>`);
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
