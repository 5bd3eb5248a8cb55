import {
  CreateBucketCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Resource, Say } from '../report.ts';
import { clientFor, nameOf, type Service, statusOf } from './client.ts';
import { foreignBucket, storageError } from './errors.ts';

export interface BucketTask extends Service {
  readonly bucket: string;
}

/** Codes by which services say that they do not have a feature. */
const NOT_THERE = new Set([
  'NotImplemented',
  'MethodNotAllowed',
  'UnsupportedOperation',
  'XNotImplemented',
  'MalformedXML',
]);

/**
 * Makes the bucket, private and with versions as far as the service has these, and changes nothing that is right already.
 *
 * @throws ProvisionerError
 */
export async function provisionBucket(task: BucketTask, say: Say): Promise<Resource[]> {
  const client = clientFor(task);
  try {
    const isNew = !(await isOurs(client, task)) && (await createBucket(client, task));
    const isBlocked = await blockPublicAccess(client, task, say);
    const isVersioned = await keepVersions(client, task, say);
    return [
      {
        kind: 'Bucket',
        name: task.bucket,
        state: isNew ? 'created' : isBlocked || isVersioned ? 'updated' : 'unchanged',
      },
    ];
  } catch (error) {
    throw storageError(error, task);
  } finally {
    client.destroy();
  }
}

/** HeadBucket before CreateBucket: in us-east-1 AWS answers 200 to making one's own bucket again, and resets its ACL. */
async function isOurs(client: S3Client, task: BucketTask): Promise<boolean> {
  try {
    await client.send(new HeadBucketCommand({ Bucket: task.bucket }));
    return true;
  } catch (error) {
    const status = statusOf(error);
    if (status === 404) return false;
    if (status === 403 || status === 301) throw foreignBucket(task, status, error);
    throw error;
  }
}

/** True if this call made it. The SDK names the client's region as the bucket's, where that must be done. */
async function createBucket(client: S3Client, task: BucketTask): Promise<boolean> {
  try {
    await client.send(new CreateBucketCommand({ Bucket: task.bucket }));
    return true;
  } catch (error) {
    if (nameOf(error) === 'BucketAlreadyOwnedByYou') return false;
    if (nameOf(error) === 'BucketAlreadyExists') throw foreignBucket(task, 409, error);
    throw error;
  }
}

/** Blocks public access where nothing says otherwise yet: settings that somebody made are left. True if it did. */
async function blockPublicAccess(client: S3Client, { bucket }: BucketTask, say: Say): Promise<boolean> {
  try {
    await client.send(new GetPublicAccessBlockCommand({ Bucket: bucket }));
    return false;
  } catch (error) {
    if (nameOf(error) !== 'NoSuchPublicAccessBlockConfiguration')
      return skipped(error, 'a block of public access', say);
  }
  const blocked = {
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: true,
  };
  try {
    await client.send(new PutPublicAccessBlockCommand({ Bucket: bucket, PublicAccessBlockConfiguration: blocked }));
    return true;
  } catch (error) {
    return skipped(error, 'a block of public access', say);
  }
}

/** Turns versioning on where it was never turned on or off. True if it did. */
async function keepVersions(client: S3Client, { bucket }: BucketTask, say: Say): Promise<boolean> {
  try {
    const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket: bucket }));
    if (Status !== undefined) return false;
    await client.send(
      new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    );
    return true;
  } catch (error) {
    return skipped(error, 'versions of objects', say);
  }
}

/** What a service does not have is said and left out; buckets are private there all the same. */
function skipped(error: unknown, feature: string, say: Say): false {
  if (!NOT_THERE.has(nameOf(error)) && statusOf(error) !== 501) throw error;
  say(`The service does not have ${feature} (${nameOf(error)}): skipped.`);
  return false;
}
