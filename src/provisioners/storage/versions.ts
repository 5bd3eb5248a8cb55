import { GetBucketVersioningCommand, PutBucketVersioningCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Say } from '../report.ts';
import { skipped } from './answers.ts';
import type { BucketTask } from './client.ts';

/** Turns versioning on where it was never turned on or off. True if it did. */
export async function keepVersions(client: S3Client, { bucket }: BucketTask, say: Say): Promise<boolean> {
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
