import {
  AbortMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsOutput,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ObjectIdentifier,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type Pod, retryInPod } from '../pod.ts';
import type { Resource } from '../report.ts';
import { nameOf, skipped } from './answers.ts';
import { type BucketPlace, clientFor, hostOf } from './client.ts';
import { bucketNotEmpty, objectsKept, type Purpose, storageError, timeIsUp } from './errors.ts';
import { isOurs } from './own-bucket.ts';

const PURPOSE: Purpose = {
  doing: 'empty and delete',
  rights: [
    's3:ListBucket',
    's3:ListBucketVersions',
    's3:ListBucketMultipartUploads',
    's3:AbortMultipartUpload',
    's3:DeleteObject',
    's3:DeleteObjectVersion',
    's3:DeleteBucket',
  ],
};

/** Milliseconds for which a bucket is emptied again that counts as not empty. */
const EMPTY_MS = 60_000;

/**
 * Deletes the bucket with all that is in it; one that is gone already is left so.
 *
 * @throws ProvisionerError, and that of somebody else's bucket before anything is deleted
 */
export async function deprovisionBucket(place: BucketPlace, pod: Pod): Promise<Resource[]> {
  const client = clientFor(place, pod);
  try {
    return [{ kind: 'Bucket', name: place.bucket, state: await deleteBucket(client, place, pod) }];
  } catch (error) {
    throw storageError(error, place, PURPOSE);
  } finally {
    client.destroy();
  }
}

/** A service that is eventually consistent may take a bucket for not empty yet, and for there still after its deletion. */
async function deleteBucket(client: S3Client, place: BucketPlace, pod: Pod): Promise<Resource['state']> {
  const step = <T>(doing: string, work: () => Promise<T>) =>
    pod.step({ service: 'Storage', host: hostOf(place), doing: `${doing} bucket ${place.bucket}` }, work);
  if (!(await step('looking for', () => isOurs(client, place)))) return 'absent';
  let state: Resource['state'] = 'absent';
  const emptyAndDelete = async () => {
    await step('emptying', () => emptyBucket(client, place, pod));
    state = 'deleted';
    await step('deleting', () => client.send(new DeleteBucketCommand({ Bucket: place.bucket })));
  };
  try {
    await retryInPod(pod, `Deleting bucket ${place.bucket}`, emptyAndDelete, {
      isTransient: (error) => ['BucketNotEmpty', 'OperationAborted'].includes(nameOf(error)),
      budgetMs: EMPTY_MS,
    });
  } catch (error) {
    if (nameOf(error) === 'BucketNotEmpty') throw bucketNotEmpty(place, EMPTY_MS, error);
    if (nameOf(error) !== 'NoSuchBucket') throw error;
  }
  return state;
}

/** What DeleteObjects takes at once (https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html). */
const BATCH = 1000;
/** Objects after which a line says how far it is. */
const LINE_EVERY = 10_000;

/** Codes of objects that are gone already. */
const GONE = new Set(['NoSuchKey', 'NoSuchVersion']);
/** Codes of failures that pass: such objects are still there in the next round, as the bucket is not empty then. */
const TRANSIENT = new Set(['InternalError', 'SlowDown', 'ServiceUnavailable', 'OperationAborted', 'RequestTimeout']);

type Pages = AsyncGenerator<readonly ObjectIdentifier[]>;

/**
 * Deletes all that is in the bucket: unfinished uploads, versions, delete markers, objects. What fails for a reason that
 * passes may be left.
 *
 * @throws ProvisionerError `storage-objects-locked`, `storage-objects-kept`, `storage-time-up`; else the SDK's errors
 */
async function emptyBucket(client: S3Client, place: BucketPlace, pod: Pod): Promise<void> {
  await abortUploads(client, place, pod);
  try {
    await deletePages(client, place, versionsIn(client, place.bucket), pod);
  } catch (error) {
    skipped(error, 'versions of objects', pod);
  }
  // All that a service without versions has; of others, nothing is left here.
  await deletePages(client, place, objectsIn(client, place.bucket), pod);
}

async function deletePages(client: S3Client, place: BucketPlace, pages: Pages, pod: Pod): Promise<void> {
  let count = 0;
  let nextLine = LINE_EVERY;
  for await (const page of pages) {
    if (pod.remainingMs() === 0) throw timeIsUp(place, count);
    for (let from = 0; from < page.length; from += BATCH)
      await deleteBatch(client, place, page.slice(from, from + BATCH));
    count += page.length;
    if (count < nextLine) continue;
    pod.log(`Bucket ${place.bucket}: ${count} objects and versions deleted so far.`);
    nextLine += LINE_EVERY;
  }
  if (count > 0) pod.log(`Bucket ${place.bucket}: ${count} objects and versions deleted.`);
}

/** Versions and delete markers. */
async function* versionsIn(client: S3Client, bucket: string): Pages {
  let marker = {};
  for (;;) {
    const page = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, ...marker }));
    const { Versions = [], DeleteMarkers = [], NextKeyMarker, NextVersionIdMarker } = page;
    yield [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    if (page.IsTruncated !== true || NextKeyMarker === undefined) return;
    marker = { KeyMarker: NextKeyMarker, VersionIdMarker: NextVersionIdMarker };
  }
}

async function* objectsIn(client: S3Client, bucket: string): Pages {
  let token: string | undefined;
  for (;;) {
    const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, ContinuationToken: token }));
    yield (page.Contents ?? []).map(({ Key }) => ({ Key }));
    token = page.NextContinuationToken;
    if (page.IsTruncated !== true || token === undefined) return;
  }
}

/** The answer is 200 even where objects were refused: it names these. */
async function deleteBatch(client: S3Client, place: BucketPlace, objects: readonly ObjectIdentifier[]): Promise<void> {
  const Delete = { Objects: [...objects], Quiet: true };
  const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket: place.bucket, Delete }));
  const kept = Errors.filter(({ Code = '' }) => !GONE.has(Code) && !TRANSIENT.has(Code));
  if (kept[0] !== undefined) throw objectsKept(place, kept[0], kept.length);
}

/** Ends all multipart uploads that were begun and never finished: their parts are in no listing of objects. */
async function abortUploads(client: S3Client, { bucket }: BucketPlace, pod: Pod): Promise<void> {
  let count = 0;
  let marker = {};
  for (let isLast = false; !isLast; ) {
    const page = await listUploads(client, bucket, marker, pod);
    for (const { Key, UploadId } of page.Uploads ?? []) {
      await abort(client, { Bucket: bucket, Key, UploadId });
      count += 1;
    }
    marker = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    isLast = page.IsTruncated !== true || page.NextKeyMarker === undefined;
  }
  if (count > 0) pod.log(`Bucket ${bucket}: ${count} unfinished uploads ended.`);
}

async function listUploads(
  client: S3Client,
  bucket: string,
  marker: object,
  pod: Pod,
): Promise<ListMultipartUploadsOutput> {
  try {
    return await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, ...marker }));
  } catch (error) {
    skipped(error, 'a list of unfinished uploads', pod);
    return {};
  }
}

async function abort(
  client: S3Client,
  upload: { Bucket: string; Key: string | undefined; UploadId: string | undefined },
): Promise<void> {
  try {
    await client.send(new AbortMultipartUploadCommand(upload));
  } catch (error) {
    if (nameOf(error) !== 'NoSuchUpload') throw error;
  }
}
