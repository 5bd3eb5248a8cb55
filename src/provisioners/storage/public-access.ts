import {
  GetPublicAccessBlockCommand,
  type PublicAccessBlockConfiguration,
  PutPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Pod } from '../pod.ts';
import { isRefused, nameOf, skipped } from './answers.ts';
import { type BucketTask, isAws } from './client.ts';

/** What became of the bucket's block: `absent` where the service has no such thing. */
export type BlockOutcome = 'absent' | 'unchanged' | 'changed';

const FEATURE = 'a block of public access';

/** For a private bucket: blocks public access where nothing says otherwise yet; what somebody has set is left. */
export async function blockPublicAccess(client: S3Client, task: BucketTask, pod: Pod): Promise<BlockOutcome> {
  const present = await readBlock(client, task, pod);
  if (present !== 'none') return present === 'absent' ? 'absent' : 'unchanged';
  return await writeBlock(client, task, pod, { BlockPublicPolicy: true, RestrictPublicBuckets: true, ...ACLS_BLOCKED });
}

/**
 * For a public bucket: lets policies make it public, and ACLs not. Since April 2023 AWS gives each new bucket a block of
 * everything (https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html).
 */
export async function allowPublicPolicy(
  client: S3Client,
  task: BucketTask,
  pod: Pod,
  isNew: boolean,
): Promise<BlockOutcome> {
  const present = await readBlock(client, task, pod);
  if (present === 'absent') return 'absent';
  const allowed = { BlockPublicPolicy: false, RestrictPublicBuckets: false };
  if (present === 'none') return await writeBlock(client, task, pod, { ...ACLS_BLOCKED, ...allowed });
  if (!present.BlockPublicPolicy && !present.RestrictPublicBuckets) return 'unchanged';
  const outcome = await writeBlock(client, task, pod, { ...present, ...allowed });
  if (outcome === 'changed' && !isNew) {
    pod.log(`Bucket ${task.bucket}: its block of public access no longer stops public policies.`);
  }
  return outcome;
}

const ACLS_BLOCKED = { BlockPublicAcls: true, IgnorePublicAcls: true };

async function readBlock(
  client: S3Client,
  task: BucketTask,
  pod: Pod,
): Promise<PublicAccessBlockConfiguration | 'none' | 'absent'> {
  try {
    const { PublicAccessBlockConfiguration } = await client.send(
      new GetPublicAccessBlockCommand({ Bucket: task.bucket }),
    );
    return PublicAccessBlockConfiguration ?? 'none';
  } catch (error) {
    if (nameOf(error) === 'NoSuchPublicAccessBlockConfiguration') return 'none';
    return withoutBlock(error, task, pod);
  }
}

async function writeBlock(
  client: S3Client,
  task: BucketTask,
  pod: Pod,
  block: PublicAccessBlockConfiguration,
): Promise<BlockOutcome> {
  try {
    await client.send(new PutPublicAccessBlockCommand({ Bucket: task.bucket, PublicAccessBlockConfiguration: block }));
    return 'changed';
  } catch (error) {
    return withoutBlock(error, task, pod);
  }
}

/** Services other than AWS may refuse with 403 what they do not have; whether the bucket is private is then looked at otherwise. */
function withoutBlock(error: unknown, task: BucketTask, pod: Pod): 'absent' {
  if (isAws(task) || !isRefused(error)) skipped(error, FEATURE, pod);
  return 'absent';
}
