import { createHash } from 'node:crypto';
import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { S3Client } from '@aws-sdk/client-s3';
import { fieldsOf, isFields } from '../../core/fields.ts';
import { isConnectionError } from '../connection-errors.ts';
import type { Environment } from '../environment.ts';
import type { Pod } from '../pod.ts';

/** Where buckets are, and with which keys. */
export interface Service {
  readonly type: 's3' | 'spaces';
  readonly region: string;
  /** Without one it is AWS. */
  readonly endpointUrl: string | undefined;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Its HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in either case, are respected. */
  readonly environment: Environment;
}

/** A bucket of the service. */
export interface BucketPlace extends Service {
  readonly bucket: string;
}

/** A bucket to make, and how it is to be. */
export interface BucketTask extends BucketPlace {
  /** Whether everybody may read the objects (and not list them). */
  readonly makePublic: boolean;
  /** Origins such as `https://lms.example.org` whose pages may GET and PUT objects; none leaves the rules alone. */
  readonly corsOrigins: readonly string[];
}

/** The service's host, for messages. */
export function hostOf({ endpointUrl, region }: Service): string {
  if (endpointUrl !== undefined) return new URL(endpointUrl).host;
  return `s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

/** Whether it is AWS itself, which has all that the provisioner configures. */
export function isAws(service: Service): boolean {
  return /(^|\.)amazonaws\.com(\.cn)?$/.test(hostOf(service));
}

/** Attempts at each request: the SDK makes those that failed by network, 5xx or throttling again, with backoff. */
const ATTEMPTS = 8;

/** A client for the service: AWS and Spaces by virtual host, others by path, which all of them understand. */
export function clientFor(service: Service, pod: Pod): S3Client {
  const { type, region, endpointUrl, accessKeyId, secretAccessKey, environment } = service;
  // Node 24.5 and later (https://nodejs.org/docs/latest-v24.x/api/http.html#built-in-proxy-support); older ones ignore
  // it. NODE_USE_ENV_PROXY does it for the global agents only, which the SDK does not use.
  const agentOptions = { keepAlive: true, proxyEnv: environment };
  const client = new S3Client({
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
    requestHandler: {
      connectionTimeout: 10_000,
      requestTimeout: 30_000,
      // Without this the SDK only logs that a request took too long.
      throwOnRequestTimeout: true,
      httpAgent: new Agent(agentOptions),
      httpsAgent: new TlsAgent(agentOptions),
    },
  });
  const what = `Storage at ${hostOf(service)}`;
  client.middlewareStack.add(
    (next) => (args) =>
      next(args).catch((error: unknown) => {
        const isPassing = isConnectionError(error) || Number(fieldsOf(fieldsOf(error).$metadata).httpStatusCode) >= 500;
        if (isPassing) pod.retrying({ what, error, next: 'trying again' });
        throw error;
      }),
    // Low: within the SDK's own retries, which are silent.
    { step: 'finalizeRequest', priority: 'low', name: 'logFailedAttempts' },
  );
  return withContentMd5(client);
}

/**
 * The client sends each body with the header Content-MD5 instead of the SDK's checksum: S3 takes either, and many
 * services that are like it take nothing else, for DeleteObjects as for CORS, versioning or policy
 * (https://github.com/aws/aws-sdk-js-v3/blob/main/supplemental-docs/MD5_FALLBACK.md).
 */
function withContentMd5(client: S3Client): S3Client {
  client.middlewareStack.add(
    (next) => async (args) => {
      const { request } = args;
      if (isRequest(request)) {
        for (const name of Object.keys(request.headers))
          if (/^x-amz-(sdk-)?checksum-/i.test(name)) delete request.headers[name];
        request.headers['content-md5'] = createHash('md5').update(request.body).digest('base64');
      }
      return await next(args);
    },
    // Low: after the SDK's own checksum has been added.
    { step: 'build', priority: 'low', name: 'contentMd5' },
  );
  return client;
}

interface HttpRequest {
  readonly headers: Record<string, string>;
  readonly body: string;
}

function isRequest(request: unknown): request is HttpRequest {
  return isFields(request) && isFields(request.headers) && typeof request.body === 'string' && request.body !== '';
}
