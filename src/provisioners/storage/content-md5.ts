import { createHash } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { isFields } from '../../core/fields.ts';

/**
 * The client sends each body with the header Content-MD5 instead of the SDK's checksum: S3 takes either, and many
 * services that are like it take nothing else, for DeleteObjects as for CORS, versioning or policy
 * (https://github.com/aws/aws-sdk-js-v3/blob/main/supplemental-docs/MD5_FALLBACK.md).
 */
export function withContentMd5(client: S3Client): S3Client {
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
