import { CreateBucketCommand, HeadBucketCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { type Pod, retryInPod } from '../pod.ts';
import { KEY_REFUSALS, nameOf, regionOf, statusOf } from './answers.ts';
import type { BucketPlace, BucketTask } from './client.ts';
import { bucketNotVisible, foreignBucket, otherRegion } from './errors.ts';

/** Milliseconds for which a new bucket may not be found yet. */
const VISIBLE_MS = 60_000;

/**
 * Makes the bucket unless it is ours already. HeadBucket comes before CreateBucket: in us-east-1 AWS answers 200 to
 * making one's own bucket again, and resets its ACL
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html).
 *
 * @returns true if this call made it
 * @throws ProvisionerError where the bucket is somebody else's, or in another region
 */
export async function ensureBucket(client: S3Client, task: BucketTask, pod: Pod): Promise<boolean> {
  if (await isOurs(client, task)) return false;
  const isNew = await createBucket(client, task, pod);
  await waitUntilVisible(client, task, pod);
  return isNew;
}

/**
 * Whether the bucket is there, and ours; false where it is not there.
 *
 * @throws ProvisionerError where it is somebody else's, or in another region
 */
export async function isOurs(client: S3Client, task: BucketPlace): Promise<boolean> {
  try {
    await client.send(new HeadBucketCommand({ Bucket: task.bucket }));
    return true;
  } catch (error) {
    const status = statusOf(error);
    if (status === 404) return false;
    const region = regionOf(error);
    if (status === 301 || (status === 400 && region !== undefined)) throw otherRegion(task, region, error);
    if (status !== 400 && status !== 403) throw error;
    throw await refusalOf(client, task, error);
  }
}

/** Why HeadBucket was refused: its answer has no body, and so no code; that of a listing, which takes the same right, has. */
async function refusalOf(client: S3Client, task: BucketPlace, refused: unknown): Promise<unknown> {
  try {
    await client.send(new ListObjectsV2Command({ Bucket: task.bucket, MaxKeys: 1 }));
    return refused;
  } catch (error) {
    return KEY_REFUSALS.has(nameOf(error)) || statusOf(error) !== 403 ? error : foreignBucket(task, refused);
  }
}

/** True if this call made it. The SDK names the client's region as the bucket's, where that must be done. */
async function createBucket(client: S3Client, task: BucketTask, pod: Pod): Promise<boolean> {
  try {
    const create = () => client.send(new CreateBucketCommand({ Bucket: task.bucket }));
    await retryInPod(pod, `Making bucket ${task.bucket}`, create, {
      // A change of the same name is under way, such as the end of an older bucket, or a second run.
      isTransient: (error) => nameOf(error) === 'OperationAborted',
    });
    return true;
  } catch (error) {
    if (nameOf(error) === 'BucketAlreadyOwnedByYou') return false;
    if (nameOf(error) !== 'BucketAlreadyExists') throw error;
    // One of ours that was not seen yet, where the service has no code of its own for that.
    if (await isOurs(client, task)) return false;
    throw foreignBucket(task, error);
  }
}

/**
 * Spaces are eventually consistent: a new bucket may not be found for a while. DigitalOcean's Terraform provider waits
 * in the same way (`digitalocean/spaces/resource_spaces_bucket.go` in digitalocean/terraform-provider-digitalocean).
 */
async function waitUntilVisible(client: S3Client, task: BucketTask, pod: Pod): Promise<void> {
  try {
    const head = () => client.send(new HeadBucketCommand({ Bucket: task.bucket }));
    await retryInPod(pod, `Waiting for bucket ${task.bucket}`, head, {
      isTransient: (error) => statusOf(error) === 404,
      budgetMs: VISIBLE_MS,
    });
  } catch (error) {
    throw statusOf(error) === 404 ? bucketNotVisible(task, VISIBLE_MS, error) : error;
  }
}
