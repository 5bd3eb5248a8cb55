import { connect } from 'node:net';
import { createServer } from 'node:tls';
import { type Listening, listenAt } from '../../sandbox/listening.ts';
import type { Identity } from '../../sandbox/tls.ts';

/** A server that speaks TLS only, before the one at that port of this machine. */
export async function behindTls(identity: Identity, port: number): Promise<Listening> {
  const server = createServer(identity, (socket) => {
    const inner = connect(port, '127.0.0.1');
    for (const one of [socket, inner]) one.on('error', () => [socket, inner].map((both) => both.destroy()));
    socket.pipe(inner).pipe(socket);
  });
  server.on('tlsClientError', () => undefined);
  return { host: '127.0.0.1', port: await listenAt(server), stop: async () => void server.close() };
}
