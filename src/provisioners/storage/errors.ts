import { codeOf, connectionError, messageOf } from '../connection-errors.ts';
import { ProvisionerError } from '../provisioner-error.ts';
import { nameOf, regionOf, requestIdOf, statusOf } from './answers.ts';
import { type BucketPlace, hostOf } from './client.ts';

/** What the key is used for, for the error where it may not. */
export interface Purpose {
  /** In words, such as `make or configure`. */
  readonly doing: string;
  /** The actions of IAM that the requests need. */
  readonly rights: readonly string[];
}

/** The bucket is there, and it is not ours. */
export function foreignBucket(task: BucketPlace, cause: unknown): ProvisionerError {
  const host = hostOf(task);
  return new ProvisionerError(
    'storage-bucket-foreign',
    `Bucket ${task.bucket} at ${host} belongs to somebody else, or the access key may not use it.`,
    {
      host,
      hint: 'Set another bucket name in config.yml (or remove it to have one generated); if the bucket is yours, give the key the rights on it.',
      cause,
    },
  );
}

/** @param actual the region that the answer names, if it names one */
export function otherRegion(task: BucketPlace, actual: string | undefined, cause: unknown): ProvisionerError {
  const { bucket, region } = task;
  const where = actual === undefined ? `another region than ${region}` : `region ${actual}, and not in ${region}`;
  return new ProvisionerError('storage-other-region', `Bucket ${bucket} is in ${where}.`, {
    host: hostOf(task),
    hint: "Set the bucket's region in config.yml, or another bucket name.",
    cause,
  });
}

/** The service took the bucket, and does not show it. */
export function bucketNotVisible(task: BucketPlace, afterMs: number, cause: unknown): ProvisionerError {
  const says = `bucket ${task.bucket} was created, and is still not found after ${afterMs / 1000} s`;
  return makeError(task, 'bucket-not-visible', says, 'Run the action again in some minutes.', cause);
}

/** Somebody above the bucket forbids public policies: on AWS, the account. */
export function publicBlocked(task: BucketPlace, cause: unknown): ProvisionerError {
  return makeError(
    task,
    'public-blocked',
    `bucket ${task.bucket} cannot be made public: its policy is refused (${nameOf(cause)})`,
    'Allow public policies in the settings of the account (S3 Block Public Access), or set LAUNCHPAD_STORAGE_MAKE_PUBLIC to false. The key needs s3:PutBucketPolicy.',
    cause,
  );
}

/** The service has no bucket policies. */
export function publicUnsupported(task: BucketPlace, code: string, cause: unknown): ProvisionerError {
  return makeError(
    task,
    'public-unsupported',
    `bucket ${task.bucket} cannot be made public: the service does not have bucket policies (${code})`,
    "Set LAUNCHPAD_STORAGE_MAKE_PUBLIC to false, and make the bucket public by the service's own means.",
    cause,
  );
}

/** Objects that the service refuses to delete. */
export function objectsKept(
  task: BucketPlace,
  first: {
    readonly Key?: string | undefined;
    readonly Code?: string | undefined;
    readonly Message?: string | undefined;
  },
  count: number,
): ProvisionerError {
  const { Key = '', Code = '', Message = '' } = first;
  const others = count === 1 ? '' : `, and ${count - 1} more of the same thousand`;
  const said = withoutKeys(`${Code} ${Message}`.trim().replace(/\.$/, ''), task);
  const says = `bucket ${task.bucket}: object ${JSON.stringify(Key)} cannot be deleted${others}: ${said}`;
  // AWS has no code of its own for it, nor have others: the message tells.
  if (/object.?lock|WORM|retention|legal hold|immutable/i.test(said)) {
    const hint = 'Object lock protects it: end the retention or the legal hold, or wait for its end; then run again.';
    return makeError(task, 'objects-locked', says, hint, first);
  }
  const hint = "Check the key's rights to s3:DeleteObject and s3:DeleteObjectVersion, and the bucket's policy.";
  return makeError(task, 'objects-kept', says, hint, first);
}

/** The bucket has more than can be deleted in the time of a run. */
export function timeIsUp(task: BucketPlace, count: number): ProvisionerError {
  const says = `bucket ${task.bucket} is not empty yet after ${count} deleted objects and versions, and the time of the run is up`;
  return makeError(
    task,
    'time-up',
    says,
    'Run again: it continues from there. Input timeout gives it more time.',
    undefined,
  );
}

/** All was deleted, and still the service takes the bucket for not empty. */
export function bucketNotEmpty(task: BucketPlace, afterMs: number, cause: unknown): ProvisionerError {
  const says = `bucket ${task.bucket} is still not empty after ${afterMs / 1000} s of deleting all that is in it`;
  const hint = 'Look for what still writes to it, and stop that; else run again in some minutes.';
  return makeError(task, 'bucket-not-empty', says, hint, cause);
}

/** The error to end with, in words that say what to check. */
export function storageError(error: unknown, task: BucketPlace, { doing, rights }: Purpose): ProvisionerError {
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
      `the access key may not ${doing} bucket ${task.bucket} (${name})`,
      `Give the key ${rights.slice(0, -1).join(', ')} and ${rights.at(-1)}.`,
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

function makeError(task: BucketPlace, code: string, says: string, hint: string, cause: unknown): ProvisionerError {
  const host = hostOf(task);
  return new ProvisionerError(`storage-${code}`, `Storage at ${host}: ${says}.`, { host, hint, cause });
}

/** Code, message and request id of an error. */
function whatWasSaid(error: unknown, task: BucketPlace): string {
  const id = requestIdOf(error);
  const said =
    `${nameOf(error)} ${messageOf(error)}`.trim().replace(/\.$/, '') + (id === undefined ? '' : ` (request ${id})`);
  return withoutKeys(said, task);
}

/** A service may repeat the key that it was given. */
function withoutKeys(said: string, { accessKeyId, secretAccessKey }: BucketPlace): string {
  return said.replaceAll(secretAccessKey, '***').replaceAll(accessKeyId, '***');
}
