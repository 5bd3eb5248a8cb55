import { request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Target } from './service.ts';

/**
 * Passes a request on to the server that keeps the objects, and its answer back.
 *
 * @param body the request's body, where it has been read already
 * @returns the status of the answer
 */
export function pass(
  backend: string,
  { name, key, query }: Target,
  incoming: IncomingMessage,
  response: ServerResponse,
  body?: string,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const url = new URL(key === '' ? `/${name}` : `/${name}/${key}`, backend);
    url.search = query.toString();
    const headers = { ...incoming.headers, host: url.host };
    const sent = forward(url, { method: incoming.method ?? 'GET', headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
      answer.on('end', () => resolve(answer.statusCode ?? 500));
    });
    sent.on('error', reject);
    if (body === undefined) incoming.pipe(sent);
    else sent.end(body);
  });
}
