import { GetBucketVersioningCommand, PutBucketVersioningCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Pod } from '../pod.ts';
import type { Resource } from '../report.ts';
import { skippedConfiguration } from './answers.ts';
import { type BucketTask, clientFor, hostOf } from './client.ts';
import { allowOrigins } from './cors.ts';
import { type Purpose, storageError } from './errors.ts';
import { ensureBucket } from './own-bucket.ts';
import { warnUnlessPrivate } from './privacy.ts';
import { allowPublicPolicy, blockPublicAccess } from './public-access.ts';
import { allowPublicRead } from './public-read.ts';

/**
 * Makes the bucket, with versions as far as the service has these, private or with objects that everybody may read, and
 * changes nothing that is right already. Encryption is left to the service's default.
 *
 * @throws ProvisionerError
 */
export async function provisionBucket(task: BucketTask, pod: Pod): Promise<Resource[]> {
  const client = clientFor(task, pod);
  try {
    const step = <T>(doing: string, work: () => Promise<T>) =>
      pod.step({ service: 'Storage', host: hostOf(task), doing: `${doing} bucket ${task.bucket}` }, work);
    const isNew = await step('making', () => ensureBucket(client, task, pod));
    const changes = [
      await step('setting who may read', () => configureAccess(client, task, pod, isNew)),
      await step('turning on versions of', () => keepVersions(client, task, pod)),
      await step('setting the CORS rules of', () => allowOrigins(client, task, pod)),
    ];
    return [
      {
        kind: 'Bucket',
        name: task.bucket,
        state: isNew ? 'created' : changes.includes(true) ? 'updated' : 'unchanged',
      },
    ];
  } catch (error) {
    throw storageError(error, task, purposeOf(task));
  } finally {
    client.destroy();
  }
}

function purposeOf({ makePublic, corsOrigins }: BucketTask): Purpose {
  const rights = [
    's3:CreateBucket',
    's3:ListBucket',
    's3:GetBucketVersioning',
    's3:PutBucketVersioning',
    's3:GetBucketPublicAccessBlock',
    's3:PutBucketPublicAccessBlock',
    ...(makePublic ? ['s3:GetBucketPolicy', 's3:PutBucketPolicy'] : []),
    ...(corsOrigins.length > 0 ? ['s3:GetBucketCORS', 's3:PutBucketCORS'] : []),
  ];
  return { doing: 'make or configure', rights };
}

/** True if it changed who may read the bucket. */
async function configureAccess(client: S3Client, task: BucketTask, pod: Pod, isNew: boolean): Promise<boolean> {
  if (!task.makePublic) {
    const outcome = await blockPublicAccess(client, task, pod);
    if (outcome !== 'changed') await warnUnlessPrivate(client, task, pod);
    return outcome === 'changed';
  }
  const block = await allowPublicPolicy(client, task, pod, isNew);
  const isAllowed = await allowPublicRead(client, task, pod, block);
  return block === 'changed' || isAllowed;
}

/** Turns versioning on where it was never turned on or off. True if it did. */
async function keepVersions(client: S3Client, task: BucketTask, pod: Pod): Promise<boolean> {
  const { bucket } = task;
  try {
    const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket: bucket }));
    if (Status !== undefined) return false;
    await client.send(
      new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    );
    return true;
  } catch (error) {
    const versions = { feature: 'versions of objects', right: 's3:PutBucketVersioning' };
    return skippedConfiguration(error, versions, task, pod);
  }
}
