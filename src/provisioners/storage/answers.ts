import { fieldsOf, textIn } from '../../core/fields.ts';
import type { Pod } from '../pod.ts';

/** HTTP status of a failed request, if an answer came. */
export function statusOf(error: unknown): number | undefined {
  const status = metadataOf(error).httpStatusCode;
  return typeof status === 'number' ? status : undefined;
}

/** The service's code of a failed request, such as `NoSuchBucket`; `HTTP 501` for an answer without one, as proxies give. */
export function nameOf(error: unknown): string {
  const name = error instanceof Error ? error.name : '';
  return name === 'Unknown' ? `HTTP ${statusOf(error)}` : name;
}

/** The service's own id of a failed request: its support asks for it. */
export function requestIdOf(error: unknown): string | undefined {
  return textIn(metadataOf(error), 'requestId');
}

/**
 * The region that the answer says is the right one: in the header x-amz-bucket-region
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html), or in the field `Region` of the error
 * AuthorizationHeaderMalformed.
 */
export function regionOf(error: unknown): string | undefined {
  const { headers } = fieldsOf(fieldsOf(error).$response);
  return textIn(fieldsOf(headers), 'x-amz-bucket-region') ?? textIn(fieldsOf(error), 'Region');
}

function metadataOf(error: unknown) {
  return fieldsOf(fieldsOf(error).$metadata);
}

/**
 * Codes by which services refuse a configuration that they do not have. Some take the request for that which creates the
 * bucket (https://github.com/ovh/terraform-provider-ovh/issues/1155).
 */
const NOT_THERE = new Set([
  'BucketAlreadyOwnedByYou',
  'BucketAlreadyExists',
  'NotImplemented',
  'MethodNotAllowed',
  'UnsupportedOperation',
  'XNotImplemented',
]);

/** Whether the service says that it does not have what was asked of it. */
export function isNotThere(error: unknown): boolean {
  return NOT_THERE.has(nameOf(error)) || [405, 501].includes(statusOf(error) ?? 0);
}

/**
 * Whether the answer says that a bucket has no such configuration. AWS's codes are NoSuchBucketPolicy, NoSuchCORSConfiguration
 * and NoSuchPublicAccessBlockConfiguration; others have words of their own, such as NoSuchPolicyConfiguration
 * (https://github.com/ansible-collections/amazon.aws/issues/422).
 */
export function isUnset(error: unknown): boolean {
  return statusOf(error) === 404 && /^NoSuch\w*(Policy|CORS|Cors|Configuration)/.test(nameOf(error));
}

/** Codes of refusals that have nothing to do with the bucket: the key or its signature is not accepted. */
export const KEY_REFUSALS: ReadonlySet<string> = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'AuthorizationHeaderMalformed',
  'InvalidToken',
  'RequestTimeTooSkewed',
]);

/** Answers about the moment or the bucket, and statuses of such, which are about no configuration. */
const OTHER_CODES = new Set([...KEY_REFUSALS, 'NoSuchBucket', 'OperationAborted', 'RequestTimeout', 'SlowDown']);
const OTHER_STATUSES = new Set([401, 408, 429]);

/** Whether the answer refuses the configuration itself, with whatever code the service has for one that it does not have. */
export function isRefusal(error: unknown): boolean {
  const status = statusOf(error) ?? 0;
  const isClients = status >= 400 && status < 500 && !OTHER_STATUSES.has(status);
  return isNotThere(error) || (isClients && !OTHER_CODES.has(nameOf(error)));
}

/** Says what a service does not have, so that it is left out; any other error is thrown on. */
export function skipped(error: unknown, feature: string, pod: Pod): void {
  if (!isNotThere(error)) throw error;
  pod.log(`The service does not have ${feature} (${nameOf(error)}): skipped.`);
}
