import { request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Target } from './service.ts';

/**
 * Passes a request on to the server that keeps the objects, and its answer back.
 *
 * @param body the request's body, where it has been read already
 * @returns the status and the text of the answer
 */
export function pass(
  backend: string,
  { name, key, query }: Target,
  incoming: IncomingMessage,
  response: ServerResponse,
  body?: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const url = new URL(key === '' ? `/${name}` : `/${name}/${key}`, backend);
    url.search = query.toString();
    const headers = { ...incoming.headers, host: url.host };
    const sent = forward(url, { method: incoming.method ?? 'GET', headers }, (answer) => {
      const status = answer.statusCode ?? 500;
      const chunks: Buffer[] = [];
      response.writeHead(status, answer.headers);
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.pipe(response);
      answer.on('end', () => resolve({ status, text: Buffer.concat(chunks).toString('utf8') }));
    });
    sent.on('error', reject);
    if (body === undefined) incoming.pipe(sent);
    else sent.end(body);
  });
}
