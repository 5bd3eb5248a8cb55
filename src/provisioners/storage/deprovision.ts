import { DeleteBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Deadline } from '../deadline.ts';
import type { Resource, Say } from '../report.ts';
import { nameOf } from './answers.ts';
import { type BucketPlace, clientFor } from './client.ts';
import { emptyBucket } from './empty-bucket.ts';
import { bucketNotEmpty, type Purpose, storageError } from './errors.ts';
import { isOurs } from './own-bucket.ts';
import { retryWhile } from './retry-while.ts';

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

export interface DeprovisionOptions {
  readonly deadline: Deadline;
  readonly emptyMs?: number;
}

/**
 * Deletes the bucket with all that is in it; one that is gone already is left so.
 *
 * @throws ProvisionerError, and that of somebody else's bucket before anything is deleted
 */
export async function deprovisionBucket(
  place: BucketPlace,
  options: DeprovisionOptions,
  say: Say,
): Promise<Resource[]> {
  const client = clientFor(place);
  try {
    return [{ kind: 'Bucket', name: place.bucket, state: await deleteBucket(client, place, options, say) }];
  } catch (error) {
    throw storageError(error, place, PURPOSE);
  } finally {
    client.destroy();
  }
}

/** A service that is eventually consistent may take a bucket for not empty yet, and for there still after its deletion. */
async function deleteBucket(
  client: S3Client,
  place: BucketPlace,
  { deadline, emptyMs = EMPTY_MS }: DeprovisionOptions,
  say: Say,
): Promise<Resource['state']> {
  if (!(await isOurs(client, place))) return 'absent';
  let state: Resource['state'] = 'absent';
  const emptyAndDelete = async () => {
    await emptyBucket(client, place, deadline, say);
    state = 'deleted';
    await client.send(new DeleteBucketCommand({ Bucket: place.bucket }));
  };
  try {
    await retryWhile(emptyAndDelete, {
      what: `Deleting bucket ${place.bucket}`,
      say,
      isTransient: (error) => ['BucketNotEmpty', 'OperationAborted'].includes(nameOf(error)),
      budgetMs: emptyMs,
    });
  } catch (error) {
    if (nameOf(error) === 'BucketNotEmpty') throw bucketNotEmpty(place, emptyMs, error);
    if (nameOf(error) !== 'NoSuchBucket') throw error;
  }
  return state;
}
