import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, S3Error } from './answers.ts';
import { Objects } from './objects.ts';
import type { Bucket, Service, Target } from './service.ts';
import { blockOf } from './subresources.ts';

/** CreateBucket (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html). */
export async function createBucket(
  service: Service,
  { name }: Target,
  owner: string,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { flavour, region, behaviour, buckets } = service;
  const body = await bodyOf(incoming);
  checkLocation(service, /<LocationConstraint>([^<]*)</.exec(body)?.[1] ?? '');
  if (behaviour.operationAborted > 0) {
    behaviour.operationAborted -= 1;
    throw new S3Error(
      409,
      'OperationAborted',
      'A conflicting conditional operation is currently in progress against this resource. Please try again.',
    );
  }
  const present = buckets.get(name);
  if (present === undefined) {
    const bucket: Bucket = { owner, versioning: '', objects: new Objects() };
    buckets.set(name, flavour === 'aws' ? { ...bucket, block: EVERYTHING } : bucket);
    response.writeHead(200, { location: `/${name}` }).end();
  } else if (present.owner !== owner) {
    throw new S3Error(409, 'BucketAlreadyExists', 'The requested bucket name is not available.');
  } else if (flavour === 'aws' && region === 'us-east-1') {
    response.writeHead(200, { location: `/${name}` }).end();
  } else {
    throw new S3Error(
      409,
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
    );
  }
}

/** Since April 2023 (https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html). */
const EVERYTHING = blockOf(
  ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets']
    .map((flag) => `<${flag}>true</${flag}>`)
    .join(''),
);

function checkLocation({ flavour, region }: Service, location: string): void {
  if (flavour === 'spaces' && location !== '' && location !== region) {
    throw new S3Error(400, 'InvalidLocationConstraint', 'The specified location-constraint is not valid');
  }
  const expected = region === 'us-east-1' ? '' : region;
  if (flavour !== 'aws' || location === expected) return;
  if (location === 'us-east-1') {
    throw new S3Error(400, 'InvalidLocationConstraint', 'The specified location-constraint is not valid');
  }
  throw new S3Error(
    400,
    'IllegalLocationConstraintException',
    `The ${location || 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );
}
