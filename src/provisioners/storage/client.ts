import { S3Client } from '@aws-sdk/client-s3';

/** Where buckets are made, and with which keys. */
export interface Service {
  readonly type: 's3' | 'spaces';
  readonly region: string;
  /** Without one it is AWS. */
  readonly endpointUrl: string | undefined;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The service's host, for messages. */
export function hostOf({ endpointUrl, region }: Service): string {
  return endpointUrl === undefined ? `s3.${region}.amazonaws.com` : new URL(endpointUrl).host;
}

/** Attempts at each request: the SDK makes those that failed by network, 5xx or throttling again, with backoff. */
const ATTEMPTS = 8;

/** A client for the service: AWS and Spaces by virtual host, others by path, which all of them understand. */
export function clientFor({ type, region, endpointUrl, accessKeyId, secretAccessKey }: Service): S3Client {
  return new S3Client({
    // Spaces take any region in the signature, and no other in a new bucket's place than that of the host; with this
    // one the SDK names none (DigitalOcean's own Terraform provider does the same).
    region: type === 'spaces' ? 'us-east-1' : region,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: ATTEMPTS,
    retryMode: 'standard',
    ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl, forcePathStyle: type !== 'spaces' }),
    // Checksums that the SDK adds by itself are unknown to many services that are not AWS.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

/** HTTP status of a failed request, if an answer came. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

/** The service's code of a failed request, such as `NoSuchBucket`. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}
