import { lookup, resolveSrv } from 'node:dns/promises';
import { isIP } from 'node:net';
import { codeOf } from '../connection-errors.ts';
import { bare, hostAndPort } from '../endpoint.ts';
import { type Pod, retryInPod } from '../pod.ts';

export interface Server {
  /** `host:port` of a server, or of some members of a replica set; with `srv` the one name that DNS has them under. */
  readonly hosts: readonly [string, ...string[]];
  /** Whether the members are found by DNS (https://www.mongodb.com/docs/manual/reference/connection-string/#srv-connection-format). */
  readonly srv?: boolean;
  readonly useSsl: boolean;
  /** Certificate authority, PEM; without one those that Node knows. */
  readonly ca: string | undefined;
  /** Without one, a single host is connected to directly, even where it is a member of a set. */
  readonly replicaSet: string | undefined;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
  /** Database that the user logs in against; without one that of the TXT record of an SRV name, else `admin`. */
  readonly authSource: string | undefined;
  readonly mechanism?: string | undefined;
}

export interface Login extends Credentials {
  readonly authSource: string;
}

/** The server as messages name it. */
export function hostOf({ hosts }: Server): string {
  return hosts[0];
}

/** Whether it is one server that is spoken to, whatever set it is of. */
export function isDirect({ hosts, srv = false, replicaSet }: Server): boolean {
  return replicaSet === undefined && !srv && hosts.length === 1;
}

/** What is asked of DNS. */
export interface Dns {
  lookup(name: string): Promise<unknown>;
  resolveSrv(name: string): Promise<unknown>;
}

const SCHEME = 'mongodb+srv://';
/** Milliseconds for which a DNS server that fails is asked again; what lasts longer is explained by the login. */
const DNS_MS = 10_000;

/** A host that the settings or config.yml name. */
export interface NamedHost {
  readonly host: string;
  readonly port: number;
}

/**
 * The host as the driver takes it. Its members are found by DNS if it begins with `mongodb+srv://`, or if it has no address
 * and has SRV records of MongoDB
 * (https://www.mongodb.com/docs/manual/reference/connection-string/#srv-connection-format): the bare name of a cluster, as
 * Atlas shows it, is meant so.
 */
export async function addressOf(
  { host, port }: NamedHost,
  pod: Pod,
  dns: Dns = { lookup, resolveSrv },
): Promise<Required<Pick<Server, 'hosts' | 'srv'>>> {
  const name = bare(host);
  if (host.toLowerCase().startsWith(SCHEME)) return { hosts: [name], srv: true };
  if (isIP(host) !== 0 || !(await hasSrvOnly(name, pod, dns))) return { hosts: [hostAndPort(host, port)], srv: false };
  pod.log(`MongoDB: ${name} has no address, but SRV records: its members are found by these (${SCHEME}${name}).`);
  return { hosts: [name], srv: true };
}

/** The host as Tutor takes it. */
export function tutorHost({ hosts: [host], srv }: Required<Pick<Server, 'hosts' | 'srv'>>): string {
  return srv ? SCHEME + host : host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
}

async function hasSrvOnly(name: string, pod: Pod, dns: Dns): Promise<boolean> {
  const ask = async () => !(await exists(dns.lookup(name))) && (await exists(dns.resolveSrv(`_mongodb._tcp.${name}`)));
  const step = { service: 'MongoDB', host: name, doing: 'looking the host up in DNS' };
  const retrying = () => retryInPod(pod, `DNS of ${name}`, ask, { isTransient: () => true, budgetMs: DNS_MS });
  return await pod.step(step, retrying).catch(() => false);
}

/** Whether DNS has such records. @throws the error of a DNS server that does not know */
async function exists(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch (error) {
    if (['ENOTFOUND', 'ENODATA'].includes(codeOf(error) ?? '')) return false;
    throw error;
  }
}
