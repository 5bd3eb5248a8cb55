import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenAt, stopHttp } from '../listening.ts';
import { authenticate, checkAnonymous } from './access.ts';
import { accessDenied, refuse, S3Error } from './answers.ts';
import { createBucket } from './creation.ts';
import { listBuckets, notImplemented } from './listings.ts';
import { serveObject } from './object-requests.ts';
import type { Behaviour, Bucket, Flavour, Service, Target } from './service.ts';
import type { AccessKey } from './signature.ts';
import { SUBRESOURCES } from './subresources.ts';

/** An S3 service of the sandbox. */
export interface S3Server {
  readonly url: string;
  readonly behaviour: Behaviour;
  /** All requests, oldest first. */
  readonly requests: readonly S3Request[];
  stop(): Promise<void>;
}

/** A request, and the status of its answer. */
interface S3Request {
  readonly method: string;
  /** `/bucket` or `/bucket/key`, however the request named the bucket. */
  readonly path: string;
  /** Such as `versioning` or `list-type=2&max-keys=1`. */
  readonly query: string;
  readonly status: number;
}

export interface S3Options {
  readonly flavour?: Flavour;
  /** Where the service is: AWS and Spaces take buckets in no other region. */
  readonly region?: string;
}

/**
 * Starts an S3 service in memory. It checks signatures, knows the owner of each bucket, and refuses anonymous requests
 * unless the bucket's policy allows them. Buckets have versioning, versions of objects, unfinished uploads, a policy,
 * CORS and (AWS) a block of public access. All else answers NotImplemented, as many services do.
 *
 * It is our own code: the emulators on npm (fauxqs) check no signatures, know no owners and no policies, and have none of
 * the faults and delays of {@link Behaviour}. With one of them behind it, all of this was still ours, and the emulator
 * only kept the bytes of objects, which takes fewer lines than passing the requests on.
 *
 * @param keys each belongs to another customer
 */
export async function startS3(
  keys: readonly AccessKey[],
  { flavour = 'compatible', region = 'us-east-1' }: S3Options = {},
): Promise<S3Server> {
  const behaviour: Behaviour = {
    headLags: 0,
    operationAborted: 0,
    blockLags: 0,
    accountBlocks: false,
    hasVersions: true,
    pageSize: 1000,
    emptyLags: 0,
    undeletable: new Map(),
    internalErrors: 0,
    refusals: new Map(),
    wantsMd5: false,
    acl: undefined,
    anonymous: undefined,
    elsewhere: new Map(),
  };
  const service: Service = { flavour, region, keys, buckets: new Map(), behaviour };
  const requests: S3Request[] = [];
  const server = createServer((incoming, response) => {
    response.setHeader('x-amz-request-id', randomBytes(8).toString('hex').toUpperCase());
    const target = targetOf(incoming);
    requests.push(recordOf(target, incoming, response));
    serve(service, target, incoming, response).catch((error: unknown) => {
      if (error instanceof S3Error) refuse(incoming, response, error);
      else response.destroy();
    });
  });
  return {
    url: `http://127.0.0.1:${await listenAt(server)}`,
    behaviour,
    requests,
    stop: () => stopHttp(server),
  };
}

/** The bucket is in the path, or for the hosts of Spaces before the region in the host. */
function targetOf({ url, headers }: IncomingMessage): Target {
  const { pathname, searchParams } = new URL(url ?? '/', 'http://sandbox');
  // The SDK repeats the operation's name here; it says nothing more than method and path.
  searchParams.delete('x-id');
  const [, ofHost] = /^(.+)\.[a-z0-9-]+\.digitaloceanspaces\.com$/.exec(headers.host ?? '') ?? [];
  const [name = '', ...key] = ofHost === undefined ? pathname.slice(1).split('/') : [ofHost, pathname.slice(1)];
  return { name, key: key.join('/'), query: searchParams };
}

function recordOf({ name, key, query }: Target, { method = '' }: IncomingMessage, response: ServerResponse): S3Request {
  return {
    method,
    path: key === '' ? `/${name}` : `/${name}/${key}`,
    query: query.toString().replace(/=$/, ''),
    get status() {
      return response.statusCode;
    },
  };
}

async function serve(
  service: Service,
  target: Target,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { buckets, behaviour } = service;
  const { name, key, query } = target;
  const { method = 'GET' } = incoming;
  const owner = await authenticate(service, incoming);
  const bucket = buckets.get(name);
  if (owner === undefined) checkAnonymous(bucket, target, method, behaviour);
  if (owner !== undefined && method === 'GET' && name === '') {
    listBuckets(service, owner, response);
    return;
  }
  const region = behaviour.elsewhere.get(name);
  if (region !== undefined) {
    const says = 'The bucket you are attempting to access must be addressed using the specified endpoint.';
    throw new S3Error(301, 'PermanentRedirect', says, region);
  }
  if (owner !== undefined && method === 'PUT' && key === '' && query.size === 0) {
    await createBucket(service, target, owner, incoming, response);
    return;
  }
  if (owner !== undefined && bucket !== undefined && bucket.owner !== owner) throw accessDenied();
  if (method === 'HEAD' && key === '' && isUnseen(bucket, behaviour)) {
    throw new S3Error(404, 'NoSuchBucket', 'The specified bucket does not exist');
  }
  if (bucket === undefined) throw new S3Error(404, 'NoSuchBucket', 'The specified bucket does not exist');
  if (key !== '') {
    await serveObject(bucket, target, incoming, response);
    return;
  }
  const [refusal] = [...query.keys()].flatMap((word) => {
    const found = behaviour.refusals.get(word) ?? behaviour.refusals.get(`${method} ${word}`);
    return found === undefined ? [] : [found];
  });
  if (refusal !== undefined) throw new S3Error(...refusal, 'It is refused.');
  if (behaviour.wantsMd5 && ['PUT', 'POST'].includes(method) && incoming.headers['content-md5'] === undefined) {
    throw new S3Error(400, 'InvalidRequest', 'Missing required header for this request: Content-MD5');
  }
  const [answer] = [...query.keys()].flatMap((word) => SUBRESOURCES.get(word) ?? []);
  if (answer !== undefined) {
    await answer(service, bucket, incoming, response, target);
  } else if (method === 'HEAD') {
    response.writeHead(200, { 'x-amz-bucket-region': service.region }).end();
  } else if (method === 'DELETE' && query.size === 0) {
    checkEmpty(bucket, behaviour);
    buckets.delete(name);
    response.writeHead(204).end();
  } else {
    notImplemented();
  }
}

/** Versions, delete markers and unfinished uploads count too. */
function checkEmpty({ objects }: Bucket, behaviour: Behaviour): void {
  if (objects.isEmpty && behaviour.emptyLags === 0) return;
  if (objects.isEmpty) behaviour.emptyLags -= 1;
  throw new S3Error(409, 'BucketNotEmpty', 'The bucket you tried to delete is not empty');
}

function isUnseen(bucket: Bucket | undefined, behaviour: Behaviour): boolean {
  if (bucket === undefined || behaviour.headLags === 0) return false;
  behaviour.headLags -= 1;
  return true;
}
