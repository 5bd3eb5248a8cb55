import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { startFauxqs } from 'fauxqs';
import { type AccessKey, claimOf, isSignedBy } from './signature.ts';

/** An S3 service of the sandbox. */
export interface S3Server {
  readonly url: string;
  stop(): Promise<void>;
}

interface Bucket {
  readonly owner: string;
  versioning: string;
}

/**
 * Starts an S3 service: fauxqs keeps buckets and objects; before it stands a front that checks signatures, refuses
 * anonymous requests, knows whose a bucket is, and answers for versioning, which fauxqs does not have. Other
 * sub-resources answer NotImplemented, as those of many services do.
 *
 * @param keys each is a customer of its own
 */
export async function startS3(keys: readonly AccessKey[]): Promise<S3Server> {
  const backend = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
  const buckets = new Map<string, Bucket>();
  const front = createServer((incoming, response) => {
    serve({ keys, buckets, backend: backend.address }, incoming, response).catch((error: unknown) => {
      if (error instanceof S3Error) refuse(incoming, response, error);
      else response.destroy();
    });
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const address = front.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      front.closeAllConnections();
      await new Promise((resolve) => front.close(resolve));
      await backend.stop();
    },
  };
}

interface Service {
  readonly keys: readonly AccessKey[];
  readonly buckets: Map<string, Bucket>;
  readonly backend: string;
}

class S3Error extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

async function serve(service: Service, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(incoming.url ?? '/', service.backend);
  const [, name = '', key = ''] = pathname.split('/');
  const owner = await authenticate(service.keys, incoming);
  const bucket = service.buckets.get(name);
  const isCreation = incoming.method === 'PUT' && key === '' && searchParams.size === 0;
  if (bucket !== undefined && bucket.owner !== owner) {
    if (isCreation) throw new S3Error(409, 'BucketAlreadyExists', 'The requested bucket name is not available.');
    throw new S3Error(403, 'AccessDenied', 'Access Denied');
  }
  const [subresource = ''] = searchParams.keys();
  if (key === '' && SUBRESOURCES.has(subresource)) {
    await answerSubresource(bucket, subresource, incoming, response);
    return;
  }
  if (isCreation && bucket !== undefined) {
    throw new S3Error(
      409,
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
    );
  }
  const status = await pass(service.backend, incoming, response);
  if (isCreation && status === 200) service.buckets.set(name, { owner, versioning: '' });
  if (incoming.method === 'DELETE' && key === '' && status === 204) service.buckets.delete(name);
}

const SUBRESOURCES = new Set([
  'versioning',
  'publicAccessBlock',
  'policy',
  'cors',
  'acl',
  'encryption',
  'ownershipControls',
]);

/** The access key that signed the request. */
async function authenticate(keys: readonly AccessKey[], incoming: IncomingMessage): Promise<string> {
  const claim = claimOf(incoming.headers.authorization);
  if (claim === undefined) throw new S3Error(403, 'AccessDenied', 'Access Denied');
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

async function answerSubresource(
  bucket: Bucket | undefined,
  subresource: string,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (bucket === undefined) throw new S3Error(404, 'NoSuchBucket', 'The specified bucket does not exist');
  if (subresource !== 'versioning')
    throw new S3Error(
      501,
      'NotImplemented',
      'A header or query you provided requests a function that is not implemented.',
    );
  if (incoming.method === 'PUT') {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const [, status = ''] = /<Status>(\w+)<\/Status>/.exec(Buffer.concat(chunks).toString('utf8')) ?? [];
    bucket.versioning = status;
    response.writeHead(200).end();
    return;
  }
  const status = bucket.versioning === '' ? '' : `<Status>${bucket.versioning}</Status>`;
  sendXml(
    response,
    200,
    `<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${status}</VersioningConfiguration>`,
  );
}

function pass(backend: string, incoming: IncomingMessage, response: ServerResponse): Promise<number> {
  return new Promise((resolve, reject) => {
    const { method, headers, url } = incoming;
    const sent = forward(new URL(url ?? '/', backend), { method: method ?? 'GET', headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
      answer.on('end', () => resolve(answer.statusCode ?? 500));
    });
    sent.on('error', reject);
    incoming.pipe(sent);
  });
}

function refuse({ method }: IncomingMessage, response: ServerResponse, { status, code, message }: S3Error): void {
  if (method === 'HEAD') response.writeHead(status).end();
  else sendXml(response, status, `<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
}

function sendXml(response: ServerResponse, status: number, body: string): void {
  response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<?xml version="1.0" encoding="UTF-8"?>${body}`);
}
