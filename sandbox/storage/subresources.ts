import type { IncomingMessage, ServerResponse } from 'node:http';
import { actingBlock } from './access.ts';
import { accessDenied, bodyOf, S3Error, sendXml } from './answers.ts';
import { deleteObjects } from './deletions.ts';
import { listObjects, listUploads, listVersions, NAMESPACE, notImplemented } from './listings.ts';
import { isPolicy, isPublic } from './policies.ts';
import type { Block, Bucket, Service, Target } from './service.ts';

type Answer = (
  service: Service,
  bucket: Bucket,
  incoming: IncomingMessage,
  response: ServerResponse,
  target: Target,
) => Promise<void> | void;

const versioning: Answer = async ({ behaviour }, bucket, incoming, response) => {
  if (!behaviour.hasVersions) notImplemented();
  if (incoming.method === 'PUT') {
    bucket.versioning = /<Status>(\w+)<\/Status>/.exec(await bodyOf(incoming))?.[1] ?? '';
    response.writeHead(200).end();
    return;
  }
  const status = bucket.versioning === '' ? '' : `<Status>${bucket.versioning}</Status>`;
  sendXml(response, 200, `<VersioningConfiguration ${NAMESPACE}>${status}</VersioningConfiguration>`);
};

const policy: Answer = async ({ behaviour }, bucket, incoming, response) => {
  if (incoming.method === 'PUT') {
    const text = await bodyOf(incoming);
    if (!isPolicy(text)) throw new S3Error(400, 'MalformedPolicy', 'This policy contains invalid Json');
    if (isPublic(text) && (behaviour.accountBlocks || actingBlock(bucket)?.blocksPolicy)) {
      if (bucket.oldBlock !== undefined) bucket.oldBlock.refusals -= 1;
      throw accessDenied(
        'User is not authorized to perform: s3:PutBucketPolicy because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.',
      );
    }
    bucket.policy = text;
    response.writeHead(204).end();
  } else if (incoming.method === 'DELETE') {
    bucket.policy = undefined;
    response.writeHead(204).end();
  } else if (bucket.policy === undefined) {
    throw new S3Error(404, 'NoSuchBucketPolicy', 'The bucket policy does not exist');
  } else {
    response.writeHead(200, { 'content-type': 'application/json' }).end(bucket.policy);
  }
};

const cors: Answer = async (_, bucket, incoming, response) => {
  if (incoming.method === 'PUT') {
    const [, rules] = /<CORSConfiguration[^>]*>(.+)<\/CORSConfiguration>/s.exec(await bodyOf(incoming)) ?? [];
    if (rules === undefined) throw new S3Error(400, 'MalformedXML', 'The XML you provided was not well-formed');
    bucket.cors = rules;
    response.writeHead(200).end();
  } else if (incoming.method === 'DELETE') {
    bucket.cors = undefined;
    response.writeHead(204).end();
  } else if (bucket.cors === undefined) {
    throw new S3Error(404, 'NoSuchCORSConfiguration', 'The CORS configuration does not exist');
  } else {
    sendXml(response, 200, `<CORSConfiguration ${NAMESPACE}>${bucket.cors}</CORSConfiguration>`);
  }
};

const publicAccessBlock: Answer = async (service, bucket, incoming, response) => {
  if (service.flavour !== 'aws') notImplemented();
  if (incoming.method === 'PUT' || incoming.method === 'DELETE') {
    bucket.oldBlock = { block: actingBlock(bucket), refusals: service.behaviour.blockLags };
    bucket.block = incoming.method === 'PUT' ? blockOf(await bodyOf(incoming)) : undefined;
    response.writeHead(incoming.method === 'PUT' ? 200 : 204).end();
  } else if (bucket.block === undefined) {
    throw new S3Error(
      404,
      'NoSuchPublicAccessBlockConfiguration',
      'The public access block configuration was not found',
    );
  } else {
    const { xml } = bucket.block;
    sendXml(response, 200, `<PublicAccessBlockConfiguration ${NAMESPACE}>${xml}</PublicAccessBlockConfiguration>`);
  }
};

const acl: Answer = ({ behaviour }, _bucket, _incoming, response) => {
  if (behaviour.acl === undefined) notImplemented();
  sendXml(
    response,
    200,
    `<AccessControlPolicy ${NAMESPACE}><AccessControlList>${behaviour.acl}</AccessControlList></AccessControlPolicy>`,
  );
};

/** What a request asks of a bucket, by the name in the query. */
export const SUBRESOURCES: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ['list-type', listObjects],
  ['versions', listVersions],
  ['uploads', listUploads],
  ['delete', deleteObjects],
  ['versioning', versioning],
  ['publicAccessBlock', publicAccessBlock],
  ['policy', policy],
  ['cors', cors],
  ['acl', acl],
]);

/** @param xml the flags, with or without the element around them */
export function blockOf(xml: string): Block {
  const isOn = (flag: string) => xml.includes(`<${flag}>true</${flag}>`);
  const flags = xml.match(/<(\w+)>(?:true|false)<\/\1>/g) ?? [];
  return { xml: flags.join(''), blocksPolicy: isOn('BlockPublicPolicy'), restricts: isOn('RestrictPublicBuckets') };
}
