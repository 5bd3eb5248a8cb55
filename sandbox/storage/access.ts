import type { IncomingMessage } from 'node:http';
import { accessDenied, S3Error } from './answers.ts';
import { allowsAll } from './policies.ts';
import type { Behaviour, Block, Bucket, Service, Target } from './service.ts';
import { claimOf, isSignedBy } from './signature.ts';

/** The access key that signed the request, or undefined for an anonymous request. */
export async function authenticate(
  { keys, flavour, region }: Service,
  incoming: IncomingMessage,
): Promise<string | undefined> {
  if (incoming.headers.authorization === undefined) return undefined;
  const claim = claimOf(incoming.headers.authorization);
  if (claim === undefined) throw accessDenied();
  if (flavour === 'aws' && claim.region !== region) {
    throw new S3Error(
      400,
      'AuthorizationHeaderMalformed',
      `The authorization header is malformed; the region '${claim.region}' is wrong; expecting '${region}'`,
      region,
    );
  }
  const key = keys.find(({ accessKeyId }) => accessKeyId === claim.accessKeyId);
  if (key === undefined) {
    throw new S3Error(403, 'InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.');
  }
  if (await isSignedBy(key, claim, incoming)) return key.accessKeyId;
  throw new S3Error(
    403,
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  );
}

/** An anonymous request may read objects where the bucket's policy allows it, and nothing else. */
export function checkAnonymous(
  bucket: Bucket | undefined,
  { name, key, query }: Target,
  method: string,
  { anonymous }: Behaviour,
): void {
  const isReading = (method === 'GET' || method === 'HEAD') && key !== '' && query.size === 0;
  const isListing = method === 'GET' && key === '' && query.has('list-type');
  const isAllowed =
    (isListing && anonymous === 'lists') ||
    (isReading && anonymous === 'reads') ||
    (isReading &&
      bucket !== undefined &&
      !actingBlock(bucket)?.restricts &&
      allowsAll(bucket.policy, 's3:GetObject', `arn:aws:s3:::${name}/${decodeURIComponent(key)}`));
  if (isAllowed) return;
  throw typeof anonymous === 'object' ? new S3Error(...anonymous, 'It is refused.') : accessDenied();
}

/** The block of public access that is in force: a change takes a while. */
export function actingBlock({ block, oldBlock }: Bucket): Block | undefined {
  return oldBlock !== undefined && oldBlock.refusals > 0 ? oldBlock.block : block;
}
