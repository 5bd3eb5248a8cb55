import type { IncomingMessage, ServerResponse } from 'node:http';

/** An answer that refuses (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html). */
export class S3Error extends Error {
  readonly status: number;
  readonly code: string;
  /** The region that would be the right one. */
  readonly region: string | undefined;

  constructor(status: number, code: string, message: string, region?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.region = region;
  }
}

export const accessDenied = (message = 'Access Denied') => new S3Error(403, 'AccessDenied', message);

export function refuse(
  { method }: IncomingMessage,
  response: ServerResponse,
  { status, code, message, region }: S3Error,
): void {
  if (region !== undefined) response.setHeader('x-amz-bucket-region', region);
  if (method === 'HEAD') {
    response.writeHead(status).end();
    return;
  }
  if (code === '') {
    response
      .writeHead(status, { 'content-type': 'text/html' })
      .end(`<html><body><h1>${status}</h1>\n${message}</body></html>`);
    return;
  }
  const where = region === undefined ? '' : `<Region>${region}</Region>`;
  sendXml(response, status, `<Error><Code>${code}</Code><Message>${message}</Message>${where}</Error>`);
}

export function sendXml(response: ServerResponse, status: number, body: string): void {
  response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<?xml version="1.0" encoding="UTF-8"?>${body}`);
}

export async function bytesOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function bodyOf(incoming: IncomingMessage): Promise<string> {
  return (await bytesOf(incoming)).toString('utf8');
}
