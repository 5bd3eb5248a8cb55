import { GetBucketPolicyCommand, PutBucketPolicyCommand, type S3Client } from '@aws-sdk/client-s3';
import { type Pod, retryInPod } from '../pod.ts';
import { isNotThere, isRefusal, isUnset, nameOf, statusOf } from './answers.ts';
import { type BucketTask, isAws } from './client.ts';
import { publicBlocked, publicUnsupported } from './errors.ts';
import { withPublicRead } from './policy.ts';

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
