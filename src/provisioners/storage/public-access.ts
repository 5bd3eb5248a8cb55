import {
  GetPublicAccessBlockCommand,
  type PublicAccessBlockConfiguration,
  PutPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Pod } from '../pod.ts';
import { isUnset } from './answers.ts';
import type { BucketTask } from './client.ts';

const ACLS_BLOCKED = { BlockPublicAcls: true, IgnorePublicAcls: true };

/** For a private bucket: blocks public access where nothing says otherwise yet; what somebody has set is left. True if it did. */
export async function blockPublicAccess(client: S3Client, { bucket }: BucketTask): Promise<boolean> {
  if ((await readBlock(client, bucket)) !== undefined) return false;
  await writeBlock(client, bucket, { BlockPublicPolicy: true, RestrictPublicBuckets: true, ...ACLS_BLOCKED });
  return true;
}

/**
 * For a public bucket: lets policies make it public, and ACLs not. Since April 2023 AWS gives each new bucket a block of
 * everything (https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html). True if it changed the block.
 */
export async function allowPublicPolicy(
  client: S3Client,
  { bucket }: BucketTask,
  pod: Pod,
  isNew: boolean,
): Promise<boolean> {
  const present = await readBlock(client, bucket);
  if (present !== undefined && !present.BlockPublicPolicy && !present.RestrictPublicBuckets) return false;
  const allowed = { BlockPublicPolicy: false, RestrictPublicBuckets: false };
  await writeBlock(client, bucket, { ...(present ?? ACLS_BLOCKED), ...allowed });
  if (present !== undefined && !isNew)
    pod.log(`Bucket ${bucket}: its block of public access no longer stops public policies.`);
  return true;
}

async function readBlock(client: S3Client, Bucket: string): Promise<PublicAccessBlockConfiguration | undefined> {
  try {
    return (await client.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration;
  } catch (error) {
    if (isUnset(error)) return undefined;
    throw error;
  }
}

async function writeBlock(client: S3Client, Bucket: string, block: PublicAccessBlockConfiguration): Promise<void> {
  await client.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: block }));
}
