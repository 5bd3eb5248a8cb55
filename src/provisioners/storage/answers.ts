import { fieldsOf, textIn } from '../../core/fields.ts';
import type { Pod } from '../pod.ts';

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

/** Codes by which services say that they do not have a feature. */
const NOT_THERE = new Set([
  'NotImplemented',
  'MethodNotAllowed',
  'UnsupportedOperation',
  'XNotImplemented',
  'MalformedXML',
]);

/** Whether the service says that it does not have what was asked of it. */
export function isNotThere(error: unknown): boolean {
  return NOT_THERE.has(nameOf(error)) || statusOf(error) === 501;
}

/** Says what a service does not have, so that it is left out; any other error is thrown on. */
export function skipped(error: unknown, feature: string, pod: Pod): false {
  if (!isNotThere(error)) throw error;
  pod.log(`The service does not have ${feature} (${nameOf(error)}): skipped.`);
  return false;
}
