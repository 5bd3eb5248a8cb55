import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { startFauxqs } from 'fauxqs';
import { authenticate, checkAnonymous } from './access.ts';
import { accessDenied, refuse, S3Error } from './answers.ts';
import { pass } from './backend.ts';
import { createBucket } from './creation.ts';
import { serveObject } from './object-requests.ts';
import type { Behaviour, Bucket, Flavour, Service, Target } from './service.ts';
import type { AccessKey } from './signature.ts';
import { SUBRESOURCES } from './subresources.ts';

/** An S3 service of the sandbox. */
export interface S3Server {
  readonly url: string;
  readonly behaviour: Behaviour;
  /** What was asked of it, in order. */
  readonly requests: readonly S3Request[];
  stop(): Promise<void>;
}

/** A request, and the status of its answer. */
export interface S3Request {
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
 * Starts an S3 service: fauxqs keeps buckets and objects; before it stands a front that checks signatures, knows whose a
 * bucket is, refuses anonymous requests unless the bucket's policy allows them, and answers for the sub-resources
 * versioning, policy, CORS and (AWS) block of public access, for versions and unfinished uploads. Others answer
 * NotImplemented, as those of many services do.
 *
 * @param keys each is a customer of its own
 */
export async function startS3(
  keys: readonly AccessKey[],
  { flavour = 'compatible', region = 'us-east-1' }: S3Options = {},
): Promise<S3Server> {
  const backend = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
  const behaviour: Behaviour = {
    headLagsMs: 0,
    operationAborted: 0,
    blockLagsMs: 0,
    accountBlocks: false,
    hasVersions: true,
    pageSize: 1000,
    emptyLagsMs: 0,
    undeletable: new Map(),
    internalErrors: 0,
    elsewhere: new Map(),
  };
  const service: Service = { flavour, region, keys, buckets: new Map(), behaviour, backend: backend.address };
  const requests: S3Request[] = [];
  const front = createServer((incoming, response) => {
    response.setHeader('x-amz-request-id', randomBytes(8).toString('hex').toUpperCase());
    const target = targetOf(incoming);
    requests.push(recordOf(target, incoming, response));
    serve(service, target, incoming, response).catch((error: unknown) => {
      if (error instanceof S3Error) refuse(incoming, response, error);
      else response.destroy();
    });
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const address = front.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    behaviour,
    requests,
    stop: async () => {
      front.closeAllConnections();
      await new Promise((resolve) => front.close(resolve));
      await backend.stop();
    },
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
  const { buckets, behaviour, backend } = service;
  const { name, key, query } = target;
  const { method = 'GET' } = incoming;
  const owner = await authenticate(service, incoming);
  const bucket = buckets.get(name);
  if (owner === undefined) checkAnonymous(bucket, target, method);
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
  if (bucket !== undefined && key !== '') {
    await serveObject(service, bucket, target, incoming, response);
    return;
  }
  if (bucket !== undefined && method === 'DELETE' && query.size === 0) checkEmpty(bucket, behaviour);
  if (query.has('list-type') && !query.has('max-keys')) query.set('max-keys', String(behaviour.pageSize));
  const [answer] = [...query.keys()].flatMap((word) => (key === '' ? (SUBRESOURCES.get(word) ?? []) : []));
  if (answer === undefined) {
    const { status } = await pass(backend, target, incoming, response);
    if (method === 'DELETE' && status === 204) buckets.delete(name);
  } else {
    if (bucket === undefined) throw new S3Error(404, 'NoSuchBucket', 'The specified bucket does not exist');
    await answer(service, bucket, incoming, response, target);
  }
}

/** Versions, delete markers and unfinished uploads count too. */
function checkEmpty({ objects }: Bucket, { emptyLagsMs }: Behaviour): void {
  if (objects.isEmpty && Date.now() >= objects.deletedAt + emptyLagsMs) return;
  throw new S3Error(409, 'BucketNotEmpty', 'The bucket you tried to delete is not empty');
}

function isUnseen(bucket: Bucket | undefined, { headLagsMs }: Behaviour): boolean {
  return bucket !== undefined && Date.now() < bucket.createdAt + headLagsMs;
}
