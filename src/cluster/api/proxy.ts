import { STATUS_CODES } from 'node:http';
import type { KubeConfig } from '@kubernetes/client-node';
import { buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { LaunchpadError, messageOf } from '../../core/errors.ts';
import { fieldsOf, textIn } from '../../core/fields.ts';
import { quoted } from '../../core/quote.ts';
import { ClusterError, causesOf, type RequestName, unreachableError } from './errors.ts';
import type { ProxyVariables } from './kubeconfig.ts';
import { isWithoutProxy } from './no-proxy.ts';

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
