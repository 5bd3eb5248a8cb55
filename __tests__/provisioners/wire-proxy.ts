import { connect, type Socket } from 'node:net';
import { acceptConnections, type Listening } from '../../sandbox/listening.ts';

/**
 * What becomes of a message of a client: the server is silent from then on and keeps the connection open, as behind a lock
 * or a firewall; it comes to the server 4 s late; or the connections are cut before the server gets it, or when its
 * answer comes.
 */
export type WireFault = 'silent' | 'late' | 'cut before' | 'cut after';

const LATE_MS = 4_000;

/** A proxy before any server. */
export interface WireProxy extends Listening {
  /** Does that to the next message that has the text; an empty text stands for a connection's first byte of either side. */
  fail(fault: WireFault, text: string): void;
  /** Whether the fault has come. */
  readonly hasFailed: boolean;
}

export async function startWireProxy(target: Pick<Listening, 'host' | 'port'>): Promise<WireProxy> {
  const sockets = new Set<Socket>();
  let next: { readonly fault: WireFault; readonly text: string } | undefined;
  let hasFailed = false;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const listening = await acceptConnections((client) => {
    const server = connect(target.port, target.host);
    let state: 'passes' | 'silent' | 'cuts' = 'passes';
    const taken = (data: Buffer | undefined): WireFault | undefined => {
      if (next === undefined || (data !== undefined && !data.includes(next.text))) return undefined;
      const { fault } = next;
      next = undefined;
      hasFailed = true;
      return fault;
    };
    if (next?.text === '' && taken(undefined) !== undefined) state = 'silent';
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        client.destroy();
        server.destroy();
      });
    }
    client.on('data', (data) => {
      const fault = state === 'passes' ? taken(data) : undefined;
      if (fault === 'cut before') return cut();
      if (fault === 'silent') state = 'silent';
      if (fault === 'cut after') state = 'cuts';
      if (fault === 'late') {
        client.pause();
        setTimeout(() => {
          server.write(data);
          client.resume();
        }, LATE_MS);
      } else if (state !== 'silent') server.write(data);
    });
    server.on('data', (data) => {
      if (state === 'cuts') cut();
      else if (state === 'passes') client.write(data);
    });
  });
  return {
    ...listening,
    get hasFailed() {
      return hasFailed;
    },
    fail: (fault, text) => {
      next = { fault, text };
      hasFailed = false;
    },
    stop: async () => {
      cut();
      await listening.stop();
    },
  };
}
