import {
  DeleteObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ObjectIdentifier,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Pod } from '../pod.ts';
import { skipped } from './answers.ts';
import type { BucketPlace } from './client.ts';
import { objectsKept, timeIsUp } from './errors.ts';
import { abortUploads } from './uploads.ts';

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
export async function emptyBucket(client: S3Client, place: BucketPlace, pod: Pod): Promise<void> {
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
