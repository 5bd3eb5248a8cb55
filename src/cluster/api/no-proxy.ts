import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/** A host (an IPv6 address without brackets) and its port. */
interface Target {
  readonly host: string;
  readonly port: string;
}

type Matcher = (target: Target) => boolean;

/**
 * Whether NO_PROXY says that this server is reached without a proxy, as kubectl reads it
 * (https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config): addresses, CIDRs, domains with their subdomains, subdomains
 * alone (leading dot or `*.`), each but a CIDR also with a port, and `*`. This machine is always reached without one.
 */
export function isWithoutProxy(server: URL, noProxy: string): boolean {
  const host = server.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  const target = { host, port: server.port || (server.protocol === 'http:' ? '80' : '443') };
  if (host === 'localhost' || isIn(LOOPBACK, host)) return true;
  return noProxy.split(/[\s,]+/).some((entry) => entry !== '' && matcherOf(entry.toLowerCase())(target));
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

function matcherOf(entry: string): Matcher {
  if (entry === '*') return () => true;
  const network = networkOf(entry);
  if (network !== undefined) return ({ host }) => isIn(network, host);
  const { host, port } = splitPort(entry);
  const isPort: Matcher = (target) => port === '' || port === target.port;
  if (isIP(host) !== 0) {
    const address = new BlockList();
    address.addAddress(host, familyOf(host));
    return (target) => isIn(address, target.host) && isPort(target);
  }
  const domain = host.replace(/^\*\./, '.');
  const suffix = domainToASCII(domain.replace(/^\./, ''));
  if (suffix === '') return () => false;
  const isDomain: Matcher = (target) =>
    isIP(target.host) === 0 &&
    (target.host.endsWith(`.${suffix}`) || (!domain.startsWith('.') && target.host === suffix));
  return (target) => isDomain(target) && isPort(target);
}

/** The addresses of a CIDR; undefined if the entry is none. */
function networkOf(entry: string): BlockList | undefined {
  const [, address = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (Number(length) > bits) return undefined;
  const network = new BlockList();
  network.addSubnet(address, Number(length), familyOf(address));
  return network;
}

function splitPort(entry: string): Target {
  const [, bracketed, plain, port = ''] = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(entry) ?? [];
  return { host: bracketed ?? plain ?? entry, port };
}

function isIn(list: BlockList, host: string): boolean {
  return isIP(host) !== 0 && list.check(host, familyOf(host));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
