import { hintOf, type VendorCode } from '../causes.ts';
import { codeOf, connectionError, messageOf } from '../connection-errors.ts';
import { ProvisionerError } from '../provisioner-error.ts';
import { isNotThere, nameOf, regionOf, requestIdOf, statusOf } from './answers.ts';
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
  const message = `Bucket ${task.bucket} at ${host} belongs to somebody else, or the access key may not use it.`;
  return new ProvisionerError('storage-bucket-foreign', message, {
    host,
    hint: hintOf('storage-bucket-foreign'),
    cause,
  });
}

/** @param actual the region that the answer names, if it names one */
export function otherRegion(task: BucketPlace, actual: string | undefined, cause: unknown): ProvisionerError {
  const { bucket, region } = task;
  const where = actual === undefined ? `another region than ${region}` : `region ${actual}, and not in ${region}`;
  return makeError(task, 'storage-other-region', `bucket ${bucket} is in ${where}`, cause);
}

/** The service took the bucket, and does not show it. */
export function bucketNotVisible(task: BucketPlace, afterMs: number, cause: unknown): ProvisionerError {
  const says = `bucket ${task.bucket} was created, and is still not found after ${afterMs / 1000} s`;
  return makeError(task, 'storage-bucket-not-visible', says, cause);
}

/** Somebody above the bucket forbids public policies: on AWS, the account. */
export function publicBlocked(task: BucketPlace, cause: unknown): ProvisionerError {
  const says = `bucket ${task.bucket} cannot be made public: its policy is refused (${whatWasSaid(cause, task)})`;
  return makeError(task, 'storage-public-blocked', says, cause);
}

/** The service has no bucket policies, or has others. */
export function publicUnsupported(task: BucketPlace, cause: unknown): ProvisionerError {
  const why = isNotThere(cause) ? 'does not have bucket policies' : 'does not take the policy that AWS has for it';
  const says = `bucket ${task.bucket} cannot be made public: the service ${why} (${whatWasSaid(cause, task)})`;
  return makeError(task, 'storage-public-unsupported', says, cause);
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
  const others = count === 1 ? '' : `, and ${count - 1} more in this batch of 1,000`;
  const said = withoutKeys(`${Code} ${Message}`.trim().replace(/\.$/, ''), task);
  const says = `bucket ${task.bucket}: object ${JSON.stringify(Key)} cannot be deleted${others}: ${said}`;
  // AWS has no code of its own for it, nor have others: the message tells.
  const isLocked = /object.?lock|WORM|retention|legal hold|immutable/i.test(said);
  return makeError(task, isLocked ? 'storage-objects-locked' : 'storage-objects-kept', says, first);
}

/** The bucket has more than can be deleted in the time of a run. */
export function timeIsUp(task: BucketPlace, count: number): ProvisionerError {
  const says = `bucket ${task.bucket} is not empty yet after ${count} deleted objects and versions, and the time of the run is up`;
  return makeError(task, 'storage-time-up', says, undefined);
}

/** All was deleted, and still the service takes the bucket for not empty. */
export function bucketNotEmpty(task: BucketPlace, afterMs: number, cause: unknown): ProvisionerError {
  const says = `bucket ${task.bucket} is still not empty after ${afterMs / 1000} s of deleting all that is in it`;
  return makeError(task, 'storage-bucket-not-empty', says, cause);
}

/** The access key may not do it. */
export function missingRights(error: unknown, task: BucketPlace, { doing, rights }: Purpose): ProvisionerError {
  const says = `the access key may not ${doing} bucket ${task.bucket} (${whatWasSaid(error, task)})`;
  return makeError(task, 'storage-privileges', says, error, rightsInWords(rights));
}

/** Such as `s3:CreateBucket and s3:ListBucket`. */
export function rightsInWords(rights: readonly string[]): string {
  return [rights.slice(0, -1).join(', '), rights.at(-1)].filter((part) => part !== '').join(' and ');
}

/** The error to end with, in words that say what to check. */
export function storageError(error: unknown, task: BucketPlace, purpose: Purpose): ProvisionerError {
  if (error instanceof ProvisionerError) return error;
  const lost = connectionError(error, 'Storage', hostOf(task));
  if (lost !== undefined) return lost;
  const name = nameOf(error);
  const status = statusOf(error);
  const fail = (code: VendorCode, says: string) => makeError(task, code, says, error);
  if (codeOf(error)?.startsWith('ERR_PROXY'))
    return fail('storage-proxy', `the proxy does not let it through (${whatWasSaid(error, task)})`);
  if (['IllegalLocationConstraintException', 'InvalidLocationConstraint'].includes(name))
    return fail('storage-region', `it does not create buckets in region ${task.region} (${name})`);
  if (name === 'AuthorizationHeaderMalformed') {
    const region = regionOf(error);
    const says = region === undefined ? '' : `, but ${region}`;
    return fail('storage-region', `its region is not ${task.region}${says} (${name})`);
  }
  if (['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidToken'].includes(name) || status === 401)
    return fail('storage-access-denied', `the access key is not accepted (${name})`);
  if (name === 'AccessDenied' || (status === 403 && name !== 'RequestTimeTooSkewed'))
    return missingRights(error, task, purpose);
  return fail('storage-failed', `bucket ${task.bucket}: ${whatWasSaid(error, task)}`);
}

function makeError(task: BucketPlace, code: VendorCode, says: string, cause: unknown, rights = ''): ProvisionerError {
  const host = hostOf(task);
  return new ProvisionerError(code, `Storage at ${host}: ${says}.`, { host, hint: hintOf(code, { rights }), cause });
}

/** Code, message and request id of an error. */
function whatWasSaid(error: unknown, task: BucketPlace): string {
  const id = requestIdOf(error);
  const said =
    `${nameOf(error)} ${messageOf(error).replace(/^UnknownError$/, '')}`.trim().replace(/\.$/, '') +
    (id === undefined ? '' : ` (request ${id})`);
  return withoutKeys(said, task);
}

/** A service may repeat the key that it was given. */
function withoutKeys(said: string, { accessKeyId, secretAccessKey }: BucketPlace): string {
  return said.replaceAll(secretAccessKey, '***').replaceAll(accessKeyId, '***');
}
