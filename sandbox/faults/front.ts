import { createServer, connect as dial, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { listenAt } from '../listening.ts';
import type { Identity } from '../tls.ts';

/** An address before a server of the sandbox: it may be closed for a while, or speak TLS. */
export interface Front {
  readonly host: string;
  readonly port: number;
  /** Refuses connections from now on, and drops those that are open. */
  close(): Promise<void>;
  /** Listens again, at the same port. */
  open(): Promise<void>;
}

/** @param identity speaks TLS, with this certificate */
export async function startFront(
  target: { readonly host: string; readonly port: number },
  identity?: Identity,
): Promise<Front> {
  const sockets = new Set<Socket>();
  const pass = (incoming: Socket) => {
    const outgoing = dial(target.port, target.host);
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        incoming.destroy();
        outgoing.destroy();
      });
    }
    incoming.pipe(outgoing);
    outgoing.pipe(incoming);
  };
  const server = identity === undefined ? createServer(pass) : createTlsServer({ ...identity }, pass);
  const port = await listenAt(server);
  return {
    host: '127.0.0.1',
    port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
    open: async () => {
      await listenAt(server, port);
    },
  };
}
