import { type CORSRule, GetBucketCorsCommand, PutBucketCorsCommand, type S3Client } from '@aws-sdk/client-s3';
import { isUnset } from './answers.ts';
import type { BucketTask } from './client.ts';
import { isMatch } from './policy.ts';

/** Marks our rule among those of others. */
const RULE_ID = 'launchpad-provision';

const METHODS = ['GET', 'PUT'];

/** Lets pages of the origins GET and PUT objects, where the bucket's rules do not yet. True if it changed them. */
export async function allowOrigins(client: S3Client, { bucket, corsOrigins }: BucketTask): Promise<boolean> {
  if (corsOrigins.length === 0) return false;
  const rules = withOrigins(await readRules(client, bucket), corsOrigins);
  if (rules === undefined) return false;
  await client.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules: rules } }));
  return true;
}

async function readRules(client: S3Client, bucket: string): Promise<CORSRule[]> {
  try {
    return (await client.send(new GetBucketCorsCommand({ Bucket: bucket }))).CORSRules ?? [];
  } catch (error) {
    if (isUnset(error)) return [];
    throw error;
  }
}

/**
 * The rules with one for the origins, in place of an older one of ours; undefined where they are covered. An origin in a
 * rule may have one `*` (https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html).
 */
function withOrigins(rules: readonly CORSRule[], origins: readonly string[]): CORSRule[] | undefined {
  const isCovered = (origin: string) =>
    METHODS.every((method) =>
      rules.some(
        ({ AllowedMethods = [], AllowedOrigins = [] }) =>
          AllowedMethods.includes(method) && AllowedOrigins.some((pattern) => isMatch(pattern, origin)),
      ),
    );
  if (origins.every(isCovered)) return undefined;
  const ours = {
    ID: RULE_ID,
    AllowedMethods: METHODS,
    AllowedHeaders: ['*'],
    ExposeHeaders: ['ETag'],
    MaxAgeSeconds: 3000,
    AllowedOrigins: [...origins],
  };
  return [...rules.filter(({ ID }) => ID !== RULE_ID), ours];
}
