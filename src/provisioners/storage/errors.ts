import { connectionError } from '../connection-errors.ts';
import { ProvisionerError } from '../report.ts';
import { hostOf, nameOf, type Service, statusOf } from './client.ts';

/** The bucket is there, and it is not ours: its name is taken, or it is in another region. */
export function foreignBucket(
  service: Service & { readonly bucket: string },
  status: number,
  cause: unknown,
): ProvisionerError {
  const host = hostOf(service);
  const { bucket, region } = service;
  if (status === 301) {
    return new ProvisionerError('storage-other-region', `Bucket ${bucket} is in another region than ${region}.`, {
      host,
      hint: "Set the bucket's region in config.yml, or another bucket name.",
      cause,
    });
  }
  return new ProvisionerError(
    'storage-bucket-foreign',
    `Bucket ${bucket} at ${host} belongs to somebody else, or the access key may not use it.`,
    {
      host,
      hint: 'Set another bucket name in config.yml (or remove it, so that one is made up); if the bucket is yours, give the key the rights on it.',
      cause,
    },
  );
}

/** The error to end with, in words that say what to check. */
export function storageError(error: unknown, service: Service & { readonly bucket: string }): ProvisionerError {
  if (error instanceof ProvisionerError) return error;
  const host = hostOf(service);
  const lost = connectionError(error, 'Storage', host);
  if (lost !== undefined) return lost;
  const name = nameOf(error);
  const status = statusOf(error);
  const make = (code: string, says: string, hint: string) =>
    new ProvisionerError(`storage-${code}`, `Storage at ${host}: ${says}.`, { host, hint, cause: error });
  if (
    ['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'AuthorizationHeaderMalformed', 'InvalidToken'].includes(name) ||
    status === 401
  ) {
    return make(
      'access-denied',
      `the access key is not accepted (${name})`,
      'Check inputs storage-access-key-id and storage-secret-access-key, and storage-region.',
    );
  }
  if (name === 'AccessDenied' || status === 403) {
    return make(
      'privileges',
      `the access key may not make or configure bucket ${service.bucket} (${name})`,
      'Give the key s3:CreateBucket, s3:ListBucket, s3:PutBucketVersioning and s3:PutBucketPublicAccessBlock.',
    );
  }
  const said = error instanceof Error ? error.message : String(error);
  return make(
    'failed',
    `bucket ${service.bucket}: ${name} ${said}`.trim(),
    'Look the code up in the documentation of the service.',
  );
}
