import { connectionError } from '../connection-errors.ts';
import { ProvisionerError } from '../report.ts';
import { codeOf } from '../retry.ts';
import { nameOf, regionOf, requestIdOf, statusOf } from './answers.ts';
import { type BucketTask, hostOf } from './client.ts';

/** The bucket is there, and it is not ours. */
export function foreignBucket(task: BucketTask, cause: unknown): ProvisionerError {
  const host = hostOf(task);
  return new ProvisionerError(
    'storage-bucket-foreign',
    `Bucket ${task.bucket} at ${host} belongs to somebody else, or the access key may not use it.`,
    {
      host,
      hint: 'Set another bucket name in config.yml (or remove it, so that one is made up); if the bucket is yours, give the key the rights on it.',
      cause,
    },
  );
}

/** @param actual the region that the answer names, if it names one */
export function otherRegion(task: BucketTask, actual: string | undefined, cause: unknown): ProvisionerError {
  const { bucket, region } = task;
  const where = actual === undefined ? `another region than ${region}` : `region ${actual}, and not in ${region}`;
  return new ProvisionerError('storage-other-region', `Bucket ${bucket} is in ${where}.`, {
    host: hostOf(task),
    hint: "Set the bucket's region in config.yml, or another bucket name.",
    cause,
  });
}

/** The service took the bucket, and does not show it. */
export function bucketNotVisible(task: BucketTask, afterMs: number, cause: unknown): ProvisionerError {
  const says = `bucket ${task.bucket} was made, and is still not found after ${afterMs / 1000} s`;
  return makeError(task, 'bucket-not-visible', says, 'Run the action again in some minutes.', cause);
}

/** Somebody above the bucket forbids public policies: on AWS, the account. */
export function publicBlocked(task: BucketTask, cause: unknown): ProvisionerError {
  return makeError(
    task,
    'public-blocked',
    `bucket ${task.bucket} cannot be made public: its policy is refused (${nameOf(cause)})`,
    'Allow public policies in the settings of the account (S3 Block Public Access), or set LAUNCHPAD_STORAGE_MAKE_PUBLIC to false. The key needs s3:PutBucketPolicy.',
    cause,
  );
}

/** The service has no bucket policies. */
export function publicUnsupported(task: BucketTask, code: string, cause: unknown): ProvisionerError {
  return makeError(
    task,
    'public-unsupported',
    `bucket ${task.bucket} cannot be made public: the service does not have bucket policies (${code})`,
    "Set LAUNCHPAD_STORAGE_MAKE_PUBLIC to false, and make the bucket public by the service's own means.",
    cause,
  );
}

/** The error to end with, in words that say what to check. */
export function storageError(error: unknown, task: BucketTask): ProvisionerError {
  if (error instanceof ProvisionerError) return error;
  const lost = connectionError(error, 'Storage', hostOf(task));
  if (lost !== undefined) return lost;
  if (codeOf(error)?.startsWith('ERR_PROXY')) {
    return makeError(
      task,
      'proxy',
      `the proxy does not let it through (${whatWasSaid(error, task)})`,
      "Check the pods' HTTPS_PROXY, HTTP_PROXY and NO_PROXY, and that the proxy allows this host.",
      error,
    );
  }
  const name = nameOf(error);
  const status = statusOf(error);
  if (['IllegalLocationConstraintException', 'InvalidLocationConstraint'].includes(name)) {
    return makeError(
      task,
      'region',
      `it does not make buckets in region ${task.region} (${name})`,
      'Check input storage-region: it must be the region of the endpoint.',
      error,
    );
  }
  if (name === 'AuthorizationHeaderMalformed') {
    const region = regionOf(error);
    const says = region === undefined ? '' : `, but ${region}`;
    return makeError(
      task,
      'region',
      `its region is not ${task.region}${says} (${name})`,
      'Check input storage-region, and the region in config.yml.',
      error,
    );
  }
  if (['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidToken'].includes(name) || status === 401) {
    return makeError(
      task,
      'access-denied',
      `the access key is not accepted (${name})`,
      'Check inputs storage-access-key-id and storage-secret-access-key, and storage-region.',
      error,
    );
  }
  if (name === 'AccessDenied' || (status === 403 && name !== 'RequestTimeTooSkewed')) {
    return makeError(
      task,
      'privileges',
      `the access key may not make or configure bucket ${task.bucket} (${name})`,
      `Give the key ${rightsFor(task)}.`,
      error,
    );
  }
  return makeError(
    task,
    'failed',
    `bucket ${task.bucket}: ${whatWasSaid(error, task)}`,
    'Look the code up in the documentation of the service.',
    error,
  );
}

function makeError(task: BucketTask, code: string, says: string, hint: string, cause: unknown): ProvisionerError {
  const host = hostOf(task);
  return new ProvisionerError(`storage-${code}`, `Storage at ${host}: ${says}.`, { host, hint, cause });
}

/** The actions of IAM that the requests need. */
function rightsFor({ makePublic, corsOrigins }: BucketTask): string {
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
  return `${rights.slice(0, -1).join(', ')} and ${rights.at(-1)}`;
}

/** Code, message and request id of an error; a service may repeat the key that it was given. */
function whatWasSaid(error: unknown, { accessKeyId, secretAccessKey }: BucketTask): string {
  const message = error instanceof Error ? error.message : String(error);
  const id = requestIdOf(error);
  const said = `${nameOf(error)} ${message}`.trim().replace(/\.$/, '') + (id === undefined ? '' : ` (request ${id})`);
  return said.replaceAll(secretAccessKey, '***').replaceAll(accessKeyId, '***');
}
