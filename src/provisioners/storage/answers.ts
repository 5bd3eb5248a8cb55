import { fieldsOf, textIn } from '../../core/fields.ts';
import type { Pod } from '../pod.ts';
import { type BucketPlace, hostOf, isAws } from './client.ts';

/** HTTP status of a failed request, if an answer came. */
export function statusOf(error: unknown): number | undefined {
  const status = metadataOf(error).httpStatusCode;
  return typeof status === 'number' ? status : undefined;
}

/** The service's code of a failed request, such as `NoSuchBucket`. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
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
  'MalformedXML',
]);

/** Whether the service says that it does not have what was asked of it. */
export function isNotThere(error: unknown): boolean {
  return NOT_THERE.has(nameOf(error)) || [405, 501].includes(statusOf(error) ?? 0);
}

/** Codes of refusals that have nothing to do with the bucket: the key or its signature is not accepted. */
export const KEY_REFUSALS: ReadonlySet<string> = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'AuthorizationHeaderMalformed',
  'InvalidToken',
  'RequestTimeTooSkewed',
]);

/** Whether the service refuses a configuration as if the key may not do it. */
export function isRefused(error: unknown): boolean {
  return statusOf(error) === 403 && !KEY_REFUSALS.has(nameOf(error));
}

/**
 * Leaves out a configuration that the instance works without, where the service refuses it: AWS has all of them, so there
 * a 403 is a missing right and an error; others answer 403 for what they do not have, too.
 */
export function skippedConfiguration(
  error: unknown,
  { feature, right }: { readonly feature: string; readonly right: string },
  place: BucketPlace,
  pod: Pod,
): false {
  if (isAws(place) || !isRefused(error)) return skipped(error, feature, pod);
  pod.warn(
    `Bucket ${place.bucket} at ${hostOf(place)}: ${feature} are refused (${nameOf(error)}) and were skipped. If the service has them, grant the access key ${right} and run again.`,
  );
  return false;
}

/** Says what a service does not have, so that it is left out; any other error is thrown on. */
export function skipped(error: unknown, feature: string, pod: Pod): false {
  if (!isNotThere(error)) throw error;
  pod.log(`The service does not have ${feature} (${nameOf(error)}): skipped.`);
  return false;
}
