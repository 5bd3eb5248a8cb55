import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { kubeconfig } from '../../sandbox/kubernetes/server.ts';
import { localIdentity } from '../../sandbox/tls.ts';

/** An https server that plays an API server: what it answers is the test's. */
export interface ApiServer {
  readonly url: string;
  readonly kubeconfig: string;
  readonly ca: string;
  readonly requests: { method: string; url: string; authorization: string }[];
  /** TLS connections that were made. */
  connections(): number;
  stop(): Promise<void>;
}

export async function startApiServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  onBody: (body: string, request: IncomingMessage) => void = () => undefined,
): Promise<ApiServer> {
  const identity = await localIdentity();
  const requests: ApiServer['requests'] = [];
  let connections = 0;
  const sockets = new Set<Socket>();
  // A client may show any certificate.
  const tls = { key: identity.key, cert: identity.cert, requestCert: true, rejectUnauthorized: false };
  const server: Server = createServer(tls, (request, response) => {
    requests.push({
      method: request.method ?? '',
      url: request.url ?? '',
      authorization: request.headers.authorization ?? '',
    });
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      onBody(body, request);
      answer(request, response);
    });
  });
  server.on('secureConnection', (socket) => {
    connections += 1;
    sockets.add(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `https://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return {
    url,
    kubeconfig: kubeconfig(url, identity.cert, 'the-token'),
    ca: identity.cert,
    requests,
    connections: () => connections,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
