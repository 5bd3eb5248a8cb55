import { DeleteBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { type Pod, retryInPod } from '../pod.ts';
import type { Resource } from '../report.ts';
import { nameOf } from './answers.ts';
import { type BucketPlace, clientFor, hostOf } from './client.ts';
import { emptyBucket } from './empty-bucket.ts';
import { bucketNotEmpty, type Purpose, storageError } from './errors.ts';
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
