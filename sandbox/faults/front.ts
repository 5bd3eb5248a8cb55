import { createServer, connect as dial, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { listenAt } from '../listening.ts';
import type { Identity } from '../tls.ts';
import type { Moment } from './rules.ts';

/** What happens to connections, once the server has sent `answers` pieces of data on one. */
export interface ConnectionFault {
  /** The connection ends, or nothing more comes through it. */
  readonly kind: 'cut' | 'silence';
  /** Whether the server gets what the client sends then. */
  readonly when: Moment;
  readonly answers: number;
  /** Only once the client has sent this too, where the connection is not encrypted. */
  readonly asks?: RegExp;
  /** How many connections it is for; without a number all. */
  readonly times?: number;
}

/** An address before a server of the sandbox: it may be closed for a while, speak TLS, or lose connections. */
export interface Front {
  readonly host: string;
  readonly port: number;
  /** Refuses connections from now on, and drops those that are open. */
  close(): Promise<void>;
  /** Listens again, at the same port. */
  open(): Promise<void>;
  /** For connections that are made from now on; undefined: none. */
  fault(fault: ConnectionFault | undefined): void;
  /** Whether it has a fault that no connection has met. */
  readonly isIdle: boolean;
}

/**
 * @param options.identity speaks TLS, with this certificate
 * @param options.host address of this machine at which it listens
 */
export async function startFront(
  target: { readonly host: string; readonly port: number },
  { identity, host = '127.0.0.1' }: { readonly identity?: Identity; readonly host?: string } = {},
): Promise<Front> {
  const sockets = new Set<Socket>();
  let current: ConnectionFault | undefined;
  let left = 0;
  let isIdle = false;
  /** A connection that ends before its time has come leaves the fault to the next one. */
  const strikes = () => {
    if (left <= 0) return false;
    left -= 1;
    isIdle = false;
    return true;
  };
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
    if (current !== undefined && left > 0) passUntil(incoming, outgoing, current, strikes);
    else {
      incoming.pipe(outgoing);
      outgoing.pipe(incoming);
    }
  };
  const server = identity === undefined ? createServer(pass) : createTlsServer({ ...identity }, pass);
  const port = await listenAt(server, 0, host);
  return {
    host,
    port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
    open: async () => {
      await listenAt(server, port, host);
    },
    fault: (fault) => {
      current = fault;
      left = fault?.times ?? Number.POSITIVE_INFINITY;
      isIdle = fault !== undefined;
    },
    get isIdle() {
      return isIdle;
    },
  };
}

function passUntil(
  incoming: Socket,
  outgoing: Socket,
  { kind, when, answers, asks }: ConnectionFault,
  strikes: () => boolean,
): void {
  let sent = 0;
  let isAsked = asks === undefined;
  let state: 'well' | 'faulty' | 'spared' = 'well';
  const look = () => {
    if (state !== 'well' || sent < answers || !isAsked) return;
    state = strikes() ? 'faulty' : 'spared';
    if (state === 'faulty' && kind === 'cut') incoming.destroy();
  };
  incoming.on('data', (data) => {
    if (asks?.test(data.toString('latin1'))) isAsked = true;
    if (when === 'before') look();
    if (state !== 'faulty') outgoing.write(data);
  });
  outgoing.on('data', (data) => {
    look();
    sent += 1;
    if (state !== 'faulty') incoming.write(data);
  });
  incoming.on('end', () => outgoing.end());
  outgoing.on('end', () => incoming.end());
}
