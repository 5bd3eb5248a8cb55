import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, S3Error, sendXml } from './answers.ts';
import { escaped } from './listings.ts';
import type { Bucket, Service } from './service.ts';

const MOST = 1000;

interface DeletedObject {
  readonly key: string;
  readonly id: string | undefined;
}

/** DeleteObjects (https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html). */
export async function deleteObjects(
  service: Service,
  bucket: Bucket,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (incoming.method !== 'POST') throw new S3Error(405, 'MethodNotAllowed', 'The specified method is not allowed.');
  const body = await bodyOf(incoming);
  checkIntegrity(service, incoming, body);
  const deleting = objectsIn(body);
  if (deleting.length === 0 || deleting.length > MOST) {
    throw new S3Error(400, 'MalformedXML', 'The XML you provided was not well-formed or did not validate');
  }
  const isQuiet = /<Quiet>true<\/Quiet>/.test(body);
  const results: string[] = [];
  for (const { key, id } of deleting) {
    const refusal = refusalOf(service, key);
    const names = `<Key>${escaped(key)}</Key>${id === undefined ? '' : `<VersionId>${id}</VersionId>`}`;
    if (refusal === undefined) {
      if (id === undefined) bucket.objects.delete(key, bucket.versioning);
      else bucket.objects.deleteVersion(key, id);
      if (!isQuiet) results.push(`<Deleted>${names}</Deleted>`);
    } else {
      const [code, message] = refusal;
      results.push(`<Error>${names}<Code>${code}</Code><Message>${message}</Message></Error>`);
    }
  }
  sendXml(response, 200, `<DeleteResult>${results.join('')}</DeleteResult>`);
}

/** AWS takes a checksum of any kind; many others want the older header, and no other. */
function checkIntegrity({ flavour }: Service, { headers }: IncomingMessage, body: string): void {
  const md5 = headers['content-md5'];
  if (md5 === undefined) {
    if (flavour === 'aws' && Object.keys(headers).some((name) => name.startsWith('x-amz-checksum-'))) return;
    throw new S3Error(400, 'MissingContentMD5', 'Missing required header for this request: Content-MD5');
  }
  if (md5 === createHash('md5').update(body).digest('base64')) return;
  throw new S3Error(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.');
}

function objectsIn(body: string): DeletedObject[] {
  return [...body.matchAll(/<Object>(.*?)<\/Object>/gs)].map(([, object = '']) => ({
    key: unescaped(/<Key>(.*?)<\/Key>/s.exec(object)?.[1] ?? ''),
    id: /<VersionId>(.*?)<\/VersionId>/s.exec(object)?.[1],
  }));
}

function refusalOf({ behaviour }: Service, key: string): readonly [code: string, message: string] | undefined {
  const refusal = behaviour.undeletable.get(key);
  if (refusal !== undefined) return refusal;
  if (behaviour.internalErrors <= 0) return undefined;
  behaviour.internalErrors -= 1;
  return ['InternalError', 'We encountered an internal error. Please try again.'];
}

function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replace(/&#x([0-9a-f]+);/gi, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
    .replaceAll('&amp;', '&');
}
