import {
  GetBucketAclCommand,
  GetBucketPolicyCommand,
  GetPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Pod } from '../pod.ts';
import { nameOf } from './answers.ts';
import { type BucketTask, hostOf } from './client.ts';
import { isForEverybody } from './policy.ts';

/** What one of the ways in says: closed, open to everybody, or not known. */
type Answer = 'private' | 'public' | 'unknown';

/**
 * Warns where a bucket that is to be private is not, or where the service does not show that it is. Nothing is changed:
 * who may read an existing bucket may be somebody's choice.
 */
export async function warnUnlessPrivate(client: S3Client, task: BucketTask, pod: Pod): Promise<void> {
  const { bucket: Bucket } = task;
  if ((await blockOf(client, Bucket)) === 'private') return;
  const ways = { policy: await policyOf(client, Bucket), ACL: await aclOf(client, Bucket) };
  const where = `Bucket ${Bucket} at ${hostOf(task)}`;
  for (const [way, answer] of Object.entries(ways)) {
    if (answer === 'public')
      pod.warn(
        `${where} is not private: its ${way} gives access to everybody. Remove that, or set storage-make-public.`,
      );
  }
  const answers = Object.values(ways);
  if (answers.includes('public') || answers.includes('private')) return;
  pod.warn(
    `${where}: it is not known whether it is private, as the service shows neither a block of public access nor policy nor ACL. Check in the service's console that nobody can read it without a key.`,
  );
}

async function blockOf(client: S3Client, Bucket: string): Promise<Answer> {
  return await answerOf(async () => {
    const { PublicAccessBlockConfiguration: block } = await client.send(new GetPublicAccessBlockCommand({ Bucket }));
    return block?.RestrictPublicBuckets === true && block.IgnorePublicAcls === true ? 'private' : 'unknown';
  });
}

async function policyOf(client: S3Client, Bucket: string): Promise<Answer> {
  return await answerOf(async () => {
    const { Policy = '' } = await client.send(new GetBucketPolicyCommand({ Bucket }));
    return isForEverybody(Policy) ? 'public' : 'private';
  }, 'NoSuchBucketPolicy');
}

/** Groups of the predefined ACLs (https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#specifying-grantee-predefined-groups). */
const EVERYBODY = /\/groups\/global\/(AllUsers|AuthenticatedUsers)$/;

async function aclOf(client: S3Client, Bucket: string): Promise<Answer> {
  return await answerOf(async () => {
    const { Grants } = await client.send(new GetBucketAclCommand({ Bucket }));
    // An answer without grants is that of a service that took the request for a listing.
    if (Grants === undefined || Grants.length === 0) return 'unknown';
    return Grants.some(({ Grantee }) => EVERYBODY.test(Grantee?.URI ?? '')) ? 'public' : 'private';
  });
}

/** Whatever the service refuses leaves it unknown: by this look nothing fails that works. */
async function answerOf(look: () => Promise<Answer>, none?: string): Promise<Answer> {
  try {
    return await look();
  } catch (error) {
    return nameOf(error) === none ? 'private' : 'unknown';
  }
}
