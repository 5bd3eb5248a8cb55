import {
  GetBucketPolicyCommand,
  GetPublicAccessBlockCommand,
  type PublicAccessBlockConfiguration,
  PutBucketPolicyCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type Pod, retryInPod } from '../pod.ts';
import { isNotThere, isRefusal, isUnset, nameOf, statusOf } from './answers.ts';
import { type BucketTask, isAws } from './client.ts';
import { publicBlocked, publicUnsupported } from './errors.ts';
import { withPublicRead } from './policy.ts';

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

/** Milliseconds for which a policy may be refused after the block of public access has changed. */
const POLICY_MS = 30_000;

/**
 * Lets everybody read the bucket's objects by its policy, unless one does already.
 *
 * @param isBlockChanged whether the block of public access was changed just before
 * @returns true if it changed the policy
 * @throws ProvisionerError `storage-public-blocked`, `storage-public-unsupported`
 */
export async function allowPublicRead(
  client: S3Client,
  task: BucketTask,
  pod: Pod,
  isBlockChanged: boolean,
): Promise<boolean> {
  const { bucket, region } = task;
  try {
    const policy = withPublicRead(await readPolicy(client, bucket), bucket, region);
    if (policy === undefined) return false;
    const put = () => client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policy }));
    await retryInPod(pod, `Making the objects of bucket ${bucket} public`, put, {
      // The block is eventually consistent: the old one may refuse the policy for some seconds more.
      isTransient: (error) => isBlockChanged && isBlocked(error),
      budgetMs: POLICY_MS,
    });
    return true;
  } catch (error) {
    if (isBlocked(error)) throw publicBlocked(task, error);
    // Scaleway, say, has policies of another form.
    const isOtherForm = !isAws(task) && isRefusal(error) && statusOf(error) !== 403;
    throw isNotThere(error) || isOtherForm ? publicUnsupported(task, error) : error;
  }
}

async function readPolicy(client: S3Client, bucket: string): Promise<string | undefined> {
  try {
    return (await client.send(new GetBucketPolicyCommand({ Bucket: bucket }))).Policy || undefined;
  } catch (error) {
    if (isUnset(error)) return undefined;
    throw error;
  }
}

/**
 * A block of public access and a missing right have the same code. Where the message gives the right as the reason, it
 * names the policy that lacks it
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html).
 */
function isBlocked(error: unknown): boolean {
  const said = error instanceof Error ? error.message : '';
  return nameOf(error) === 'AccessDenied' && !/-based policy|control policy|session policy|boundary/.test(said);
}
