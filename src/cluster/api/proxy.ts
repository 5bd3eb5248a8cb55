import { STATUS_CODES } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import type { KubeConfig } from '@kubernetes/client-node';
import { buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { LaunchpadError, messageOf } from '../../core/errors.ts';
import { fieldsOf, textIn } from '../../core/fields.ts';
import { quoted } from '../../core/quote.ts';
import { ClusterError, causesOf, type RequestName, unreachableError } from './errors.ts';
import type { ProxyVariables } from './kubeconfig.ts';

/** A proxy, and the setting that names it. */
export interface ProxyServer {
  readonly url: string;
  readonly setting: 'HTTPS_PROXY' | 'HTTP_PROXY' | 'proxy-url of the kubeconfig';
}

/**
 * The proxy of the environment for this server. HTTP_PROXY counts for https too if there is no HTTPS_PROXY.
 *
 * @throws LaunchpadError `proxy-invalid`
 */
export function environmentProxy(
  server: string,
  { httpsProxy, httpProxy, noProxy = '' }: ProxyVariables,
): ProxyServer | undefined {
  const target = new URL(server);
  const isHttps = target.protocol === 'https:' && httpsProxy !== undefined;
  const value = isHttps ? httpsProxy : httpProxy;
  if (value === undefined || isWithoutProxy(target, noProxy)) return undefined;
  return { url: urlOf(value, isHttps ? 'HTTPS_PROXY' : 'HTTP_PROXY'), setting: isHttps ? 'HTTPS_PROXY' : 'HTTP_PROXY' };
}

/** The proxy that the kubeconfig names for its cluster. @throws LaunchpadError `proxy-invalid` */
export function kubeconfigProxy(url: string): ProxyServer {
  const setting = 'proxy-url of the kubeconfig';
  return { url: urlOf(url, setting), setting };
}

/** A proxy is named by its URL, or by host and port alone (http then), as for kubectl. */
function urlOf(value: string, setting: ProxyServer['setting']): string {
  const url = value.includes('://') ? value : `http://${value}`;
  const known = /^(https?|socks[45]?[ah]?):\/\//i;
  if (known.test(url) && URL.canParse(url)) return url;
  throw new LaunchpadError('proxy-invalid', `${setting} (${quoted(value)}) is not the URL of a proxy.`, {
    remedy: `Set ${setting} to a URL such as http://proxy.example.org:3128, or name the API server in NO_PROXY.`,
  });
}

type ConnectOptions = Extract<ReturnType<KubeConfig['createDispatcherOptions']>, { type: 'agent' }>['connect'];

/** The connections to the API server through a proxy. */
export function proxyDispatcher({ url }: ProxyServer, tls: ConnectOptions): Dispatcher {
  const { port, timeout, ...requestTls } = tls;
  const connect = buildConnector({ keepAlive: true, keepAliveInitialDelay: 30_000 });
  return new ProxyAgent({
    // undici has the proxy look up the name with either.
    uri: url.replace(/^socks5h:/i, 'socks5:'),
    requestTls,
    clientFactory: (origin) =>
      new Pool(origin, {
        connect: (options, callback) =>
          connect(options, (...[error, socket]) =>
            error === null ? callback(null, socket) : callback(new ProxyFailure(error), null),
          ),
      }),
  });
}

/** The connection to the proxy itself failed. */
class ProxyFailure extends Error {
  readonly code: string;

  constructor(cause: Error) {
    super(messageOf(cause), { cause });
    this.code = textIn(fieldsOf(cause), 'code') ?? '';
  }
}

const REMEDIES: Readonly<Record<number, (setting: string) => string>> = {
  403: () => "Allow the API server's address in the proxy, or name it in NO_PROXY.",
  407: (setting) => `Give user and password of the proxy in ${setting} (http://user:password@host:port).`,
};

/** The error for a request through a proxy that got no answer: it names the proxy, and says whether that is the cause. */
export function proxiedError(name: RequestName, error: unknown, { url, setting }: ProxyServer): ClusterError {
  const { protocol, host } = new URL(url);
  const proxy = `proxy ${protocol}//${host} (${setting})`;
  const causes = causesOf(error);
  const status = causes.map(refusedStatus).find((found) => found !== undefined);
  if (status !== undefined) {
    const reason = `${status} ${STATUS_CODES[status] ?? ''}`.trimEnd();
    return new ClusterError(
      0,
      '',
      `The ${proxy} refused the connection to the Kubernetes API server ${name.server}: ${reason}`,
      {
        code: 'proxy-refused',
        remedy: REMEDIES[status]?.(setting) ?? `Check ${setting} and the log of the proxy.`,
        cause: error,
        isPermanent: status < 500 && status !== 408 && status !== 429,
      },
    );
  }
  const plain = unreachableError(name, error, { by: ` through the ${proxy}` });
  const failed = causes.find((cause) => cause instanceof ProxyFailure || isLostProxy(cause));
  if (failed === undefined) return plain;
  return new ClusterError(0, plain.reason, `The ${proxy} could not be reached: ${messageOf(failed)}`, {
    code: 'proxy-unreachable',
    remedy: `Check ${setting} and whether the proxy is up${setting.endsWith('_PROXY') ? ', or name the API server in NO_PROXY' : ''}.`,
    cause: error,
    isPermanent: plain.isPermanent,
  });
}

/** The status with which the proxy refused a tunnel, from the words of undici, which has no field for it. */
function refusedStatus(error: unknown): number | undefined {
  const [, tunnel, plain] =
    /Proxy response \((\d{3})\)|Proxy Authentication Required \((\d{3})\)/.exec(messageOf(error)) ?? [];
  const status = tunnel ?? plain;
  return status === undefined ? undefined : Number(status);
}

/** undici's codes for a proxy that ended the connection, or has another certificate. */
function isLostProxy(error: unknown): boolean {
  return ['UND_ERR_PRX_CONN', 'UND_ERR_PRX_TLS'].includes(textIn(fieldsOf(error), 'code') ?? '');
}

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
