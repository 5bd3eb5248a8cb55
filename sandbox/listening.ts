import { createServer, type Server, type Socket } from 'node:net';

/** A server of the sandbox. */
export interface Listening {
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts a server of any kind (http, https, net, tls) at an address of this machine.
 *
 * @param port without it a free one
 * @returns the port at which it listens
 * @throws Node's error where it cannot listen there
 */
export async function listenAt(server: Server, port = 0, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** Ends an HTTP server, with the connections that clients keep open. */
export async function stopHttp(server: Server & { closeAllConnections(): void }): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** Accepts connections on a free port of this machine until it is stopped. */
export async function acceptConnections(onConnection: (socket: Socket) => void): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  });
  return {
    host: '127.0.0.1',
    port: await listenAt(server),
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
