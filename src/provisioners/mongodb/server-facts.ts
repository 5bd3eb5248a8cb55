import { connect as connectTls } from 'node:tls';
import type { Document } from 'mongodb';
import type { Pod } from '../pod.ts';
import { isAuthenticationFailure } from './errors.ts';
import type { Credentials, Login, Server } from './server.ts';
import { connected, open } from './session.ts';

/** What the server itself has of that which its clients must know. */
export interface ServerFacts {
  readonly useSsl: boolean;
  /** Only one whose members are reached by the names that they have in the set. */
  readonly replicaSet?: string | undefined;
  /** By which the user logs in; undefined where the server does not tell. */
  readonly authMechanism?: string | undefined;
}

/** Milliseconds for each look at a server that may be silent. */
const LOOK_MS = 3_000;

/**
 * Asks the server, as the user (https://www.mongodb.com/docs/manual/reference/command/hello/). What it does not tell is left
 * out: the instance has all that it was to get already.
 */
export async function factsOf(server: Server, user: Login, pod: Pod): Promise<ServerFacts> {
  const { useSsl } = server;
  const hello = await helloOf(server, user, pod).catch(() => undefined);
  if (hello === undefined) return { useSsl };
  const mechanisms: readonly unknown[] = Array.isArray(hello.saslSupportedMechs) ? hello.saslSupportedMechs : [];
  const best = ['SCRAM-SHA-256', 'SCRAM-SHA-1'].find((mechanism) => mechanisms.includes(mechanism));
  const set = typeof hello.setName === 'string' ? hello.setName : undefined;
  const isReached = set === undefined || set === server.replicaSet || (await isSetReached(server, user, set, pod));
  return { useSsl, replicaSet: isReached ? set : undefined, authMechanism: user.mechanism ?? best };
}

async function helloOf(server: Server, user: Login, pod: Pod): Promise<Document> {
  const question = { hello: 1, saslSupportedMechs: `${user.authSource}.${user.user}` };
  return await connected(server, user, pod, (client) => client.db('admin').command(question));
}

/** Whether the set's members are reached by their own names: a client that is given the set's name uses these. */
async function isSetReached(server: Server, user: Login, replicaSet: string, pod: Pod): Promise<boolean> {
  try {
    await (await open({ ...server, replicaSet }, user, LOOK_MS)).close();
    return true;
  } catch {
    pod.log(
      `The server is of the replica set ${replicaSet}, whose members cannot be reached by the names that it gives.`,
    );
    return false;
  }
}

/**
 * Whether a server is to be reached by TLS, where nobody says: only if it speaks TLS and does not answer without. One that
 * is silent is left to the login, which tries again and explains.
 */
export async function needsTls(server: Server, admin: Credentials): Promise<boolean> {
  if (!(await speaksTls(server.hosts[0]))) return false;
  try {
    await (await open({ ...server, useSsl: false }, admin, LOOK_MS)).close();
    return false;
  } catch (error) {
    return !isAuthenticationFailure(error);
  }
}

/** Whether a TLS handshake succeeds, whatever the certificate: nothing is sent on this connection. */
async function speaksTls(hostAndPort: string): Promise<boolean> {
  const { hostname, port } = new URL(`mongodb://${hostAndPort}`);
  const host = hostname.replace(/^\[|\]$/g, '');
  return await new Promise((resolve) => {
    const socket = connectTls({ host, port: Number(port), rejectUnauthorized: false, timeout: LOOK_MS });
    const end = (isTls: boolean) => {
      socket.destroy();
      resolve(isTls);
    };
    socket.once('secureConnect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
    socket.once('close', () => end(false));
  });
}
