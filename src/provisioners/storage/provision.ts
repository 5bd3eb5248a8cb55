import { GetBucketVersioningCommand, PutBucketVersioningCommand, type S3Client } from '@aws-sdk/client-s3';
import { hintOf } from '../causes.ts';
import type { Pod } from '../pod.ts';
import type { Resource } from '../report.ts';
import { isNotThere, isRefusal, nameOf, skipped, statusOf } from './answers.ts';
import { type BucketTask, clientFor, hostOf, isAws } from './client.ts';
import { allowOrigins } from './cors.ts';
import { missingRights, type Purpose, rightsInWords, storageError } from './errors.ts';
import { ensureBucket } from './own-bucket.ts';
import { warnUnlessPrivate } from './privacy.ts';
import { allowPublicPolicy, allowPublicRead, blockPublicAccess } from './public-access.ts';

/** A configuration that the instance works without. */
interface Feature {
  readonly name: string;
  readonly rights: readonly string[];
  /** Whether what it is for is looked at or done in another way too. */
  readonly isReplaced?: boolean;
}

const VERSIONS: Feature = {
  name: 'versions of objects',
  rights: ['s3:GetBucketVersioning', 's3:PutBucketVersioning'],
};
const CORS: Feature = { name: 'CORS rules', rights: ['s3:GetBucketCORS', 's3:PutBucketCORS'] };
const BLOCK: Feature = {
  name: 'a block of public access',
  rights: ['s3:GetBucketPublicAccessBlock', 's3:PutBucketPublicAccessBlock'],
  isReplaced: true,
};

/** Whether a configuration was changed, or that the service lacks it. */
type Outcome = boolean | 'lacking';

/**
 * Creates the bucket, with versions as far as the service has these, private or with objects that everybody may read, and
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
    const access = await step('setting who may read', () => configureAccess(client, task, pod, isNew));
    const versions = await step('turning on versions of', () =>
      configured(VERSIONS, task, pod, () => keepVersions(client, task)),
    );
    const cors = await step('setting the CORS rules of', () =>
      configured(CORS, task, pod, () => allowOrigins(client, task)),
    );
    const lacks = [...(versions === 'lacking' ? [VERSIONS.name] : []), ...(cors === 'lacking' ? [CORS.name] : [])];
    return [
      {
        kind: 'Bucket',
        name: task.bucket,
        state: isNew ? 'created' : [access, versions, cors].includes(true) ? 'updated' : 'unchanged',
        ...(lacks.length > 0 ? { lacks } : {}),
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
    ...VERSIONS.rights,
    ...BLOCK.rights,
    ...(makePublic ? ['s3:GetBucketPolicy', 's3:PutBucketPolicy'] : []),
    ...(corsOrigins.length > 0 ? CORS.rights : []),
  ];
  return { doing: 'create or configure', rights };
}

/**
 * Configures the bucket. A service that refuses it does not have it, whatever the code: it is left out, and said so. AWS has
 * all of them, so there a refusal is an error, and a 403 names the missing rights.
 */
async function configured(
  { name, rights, isReplaced }: Feature,
  task: BucketTask,
  pod: Pod,
  work: () => Promise<boolean>,
): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (isAws(task))
      throw statusOf(error) === 403 ? missingRights(error, task, { doing: `configure ${name} of`, rights }) : error;
    if (isNotThere(error)) skipped(error, name, pod);
    else if (isReplaced !== true) {
      const says = `Bucket ${task.bucket} at ${hostOf(task)}: the configuration of ${name} is refused and was skipped (${nameOf(error)}).`;
      pod.warn(`${says} ${hintOf('storage-configuration-refused', { rights: rightsInWords(rights) })}`);
    }
    return 'lacking';
  }
}

/** True if it changed who may read the bucket. */
async function configureAccess(client: S3Client, task: BucketTask, pod: Pod, isNew: boolean): Promise<boolean> {
  if (task.makePublic) {
    const block = await configured(BLOCK, task, pod, () => allowPublicPolicy(client, task, pod, isNew));
    const isAllowed = await allowPublicRead(client, task, pod, block === true);
    return block === true || isAllowed;
  }
  const block = await configured(BLOCK, task, pod, () => blockPublicAccess(client, task));
  if (block !== true) await warnUnlessPrivate(client, task, pod);
  return block === true;
}

/** Turns versioning on where it was never turned on or off. True if it did. */
async function keepVersions(client: S3Client, { bucket: Bucket }: BucketTask): Promise<boolean> {
  const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket }));
  if (Status !== undefined) return false;
  await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  return true;
}
