import {
  GetBucketAclCommand,
  GetBucketPolicyCommand,
  GetPublicAccessBlockCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { fieldsOf, isFields } from '../../core/fields.ts';
import { hintOf } from '../causes.ts';
import type { Pod } from '../pod.ts';
import { isUnset, statusOf } from './answers.ts';
import { type BucketTask, hostOf } from './client.ts';
import { isForEverybody } from './policy.ts';

/** What one of the ways in says: closed, open to everybody, or not known. */
type Answer = 'private' | 'public' | 'unknown';

/**
 * Warns where a bucket that is to be private is not, or where nothing shows that it is: neither its block of public access,
 * policy or ACL, nor what somebody without a key is answered. Nothing is changed: who may read an existing bucket may be
 * somebody's choice.
 */
export async function warnUnlessPrivate(client: S3Client, task: BucketTask, pod: Pod): Promise<void> {
  const { bucket: Bucket } = task;
  if ((await blockOf(client, Bucket)) === 'private') return;
  const ways: Record<string, Answer> = {
    'its policy gives access to everybody': await policyOf(client, Bucket),
    'its ACL gives access to everybody': await aclOf(client, Bucket),
    'it can be listed without a key': await listingOf(client, Bucket),
    'its objects can be read without a key': await objectsOf(client, Bucket),
  };
  const where = `Bucket ${Bucket} at ${hostOf(task)}`;
  for (const [way, answer] of Object.entries(ways))
    if (answer === 'public') pod.warn(`${where} is not private: ${way}. ${hintOf('storage-not-private')}`);
  if (Object.values(ways).every((answer) => answer === 'unknown'))
    pod.warn(
      `${where}: it is not known whether it is private, as the service shows neither a block of public access nor policy nor ACL, and does not refuse who has no key. ${hintOf('storage-privacy-unknown')}`,
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
  }, 'private');
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

/** What somebody without a key is answered who asks for the list of objects. */
async function listingOf(client: S3Client, Bucket: string): Promise<Answer> {
  const command = new ListObjectsV2Command({ Bucket });
  command.middlewareStack.add((next) => (args) => next(withoutSignature(args)), AFTER_SIGNING);
  return await answerWithoutKey(() => client.send(command));
}

/** What somebody without a key is answered who asks for one of the objects. */
async function objectsOf(client: S3Client, Bucket: string): Promise<Answer> {
  const listed = await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 })).catch(() => undefined);
  const Key = listed?.Contents?.[0]?.Key;
  if (Key === undefined) return 'unknown';
  const command = new HeadObjectCommand({ Bucket, Key });
  command.middlewareStack.add((next) => (args) => next(withoutSignature(args)), AFTER_SIGNING);
  return await answerWithoutKey(() => client.send(command));
}

/** After the SDK's own steps, of which the last is the signature. */
const AFTER_SIGNING = { step: 'finalizeRequest', priority: 'low', name: 'unsigned' } as const;

function withoutSignature<T extends object>(args: T): T {
  const { request } = fieldsOf(args);
  if (!isFields(request)) return args;
  const headers = Object.entries(fieldsOf(request.headers)).filter(([name]) => !/^(authorization|x-amz-)/i.test(name));
  Object.assign(request, { headers: Object.fromEntries(headers) });
  return args;
}

/** Statuses by which services refuse who has no key: some take such a request for a malformed one, or hide the bucket. */
const REFUSED = new Set([400, 401, 403, 404]);

async function answerWithoutKey(ask: () => Promise<unknown>): Promise<Answer> {
  try {
    await ask();
    return 'public';
  } catch (error) {
    return REFUSED.has(statusOf(error) ?? 0) ? 'private' : 'unknown';
  }
}

/** Whatever the service refuses leaves it unknown: by this look nothing fails that works. */
async function answerOf(look: () => Promise<Answer>, whereUnset: Answer = 'unknown'): Promise<Answer> {
  try {
    return await look();
  } catch (error) {
    return isUnset(error) ? whereUnset : 'unknown';
  }
}
