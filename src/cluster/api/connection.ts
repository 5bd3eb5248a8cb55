import { HttpMethod, type KubeConfig, RequestContext } from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';
import type { Clock } from '../../core/clock.ts';
import { Credentials } from './credentials.ts';
import { type ClusterAccess, Kubeconfig, loadKubeconfig } from './kubeconfig.ts';
import { environmentProxy, kubeconfigProxy, type ProxyServer, proxyDispatcher } from './proxy.ts';

/** What a request needs besides its own: who asks, and the connections to ask over. */
export interface Authorized {
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher | undefined;
  /** The proxy that the connections lead through. */
  readonly proxy: ProxyServer | undefined;
}

/** Connections for one set of options. */
interface Route extends Pick<Authorized, 'dispatcher' | 'proxy'> {
  readonly options: string;
}

/**
 * The way to the API server that a kubeconfig describes. Certificates, tokens and auth providers are client-node's work.
 * Connections are kept: client-node makes a new dispatcher, and with it a new TLS handshake, for each request; here one
 * serves as long as its options are the same.
 */
export class Connection {
  readonly server: string;
  readonly #credentials: Credentials<RecordingKubeConfig>;
  readonly #proxy: ProxyServer | undefined;
  readonly #dispatchers = new Set<Dispatcher>();
  #route: Route | undefined;

  private constructor(credentials: Credentials<RecordingKubeConfig>, server: string, proxy: ProxyServer | undefined) {
    this.#credentials = credentials;
    this.server = server;
    this.#proxy = proxy;
  }

  /** @throws LaunchpadError `kubeconfig-invalid`, `proxy-invalid` */
  static async open(access: ClusterAccess, clock: Clock): Promise<Connection> {
    const load = async () => await loadKubeconfig(access, new RecordingKubeConfig());
    const config = await load();
    const { server = '', proxyUrl } = config.getCurrentCluster() ?? {};
    const proxy = proxyUrl ? kubeconfigProxy(proxyUrl) : environmentProxy(server, access.proxy ?? {});
    return new Connection(
      new Credentials(config, load, access.source, clock),
      server.replace(/(?<!\/)\/+$/, ''),
      proxy,
    );
  }

  /** Which credentials are used, for messages. */
  get credentials(): string {
    return this.#credentials.description;
  }

  /**
   * Headers and connections of the next request; runs an exec plugin where its credentials have expired.
   *
   * @throws ClusterError `exec-plugin-failed`, `credentials-unavailable`
   */
  async authorize(signal: AbortSignal): Promise<Authorized> {
    const context = new RequestContext(this.server, HttpMethod.GET);
    const config = await this.#credentials.apply(context, signal);
    const options = JSON.stringify(config.lastOptions);
    if (this.#route?.options !== options) this.#route = { options, ...this.#routeOf(context, config) };
    const { dispatcher, proxy } = this.#route;
    if (dispatcher !== undefined) this.#dispatchers.add(dispatcher);
    return { headers: context.getHeaders(), dispatcher, proxy };
  }

  /** Asks for the credentials anew, where those of this request were refused. False: there is nothing to ask. */
  async renew(refused: Authorized, signal: AbortSignal): Promise<boolean> {
    const now = await this.authorize(signal);
    if (!isSame(now, refused)) return true;
    if (!(await this.#credentials.renew())) return false;
    return this.#credentials.isAsked || !isSame(await this.authorize(signal), refused);
  }

  /** Closes the connections: whatever is under way on them ends. */
  async close(): Promise<void> {
    await Promise.all([...this.#dispatchers].map((dispatcher) => dispatcher.destroy()));
  }

  #routeOf(context: RequestContext, { lastOptions }: RecordingKubeConfig): Omit<Route, 'options'> {
    const proxy = this.#proxy;
    if (proxy === undefined || lastOptions.type === 'socks') return { dispatcher: context.getDispatcher(), proxy };
    return { dispatcher: proxyDispatcher(proxy, tlsOf(lastOptions)), proxy };
  }
}

function isSame(one: Authorized, other: Authorized): boolean {
  return one.dispatcher === other.dispatcher && JSON.stringify(one.headers) === JSON.stringify(other.headers);
}

type DispatcherOptions = ReturnType<KubeConfig['createDispatcherOptions']>;

function tlsOf(options: DispatcherOptions): Parameters<typeof proxyDispatcher>[1] {
  if (options.type === 'proxy') return options.requestTls;
  return options.type === 'agent' ? options.connect : {};
}

/** A KubeConfig that keeps what it made its last dispatcher from. */
class RecordingKubeConfig extends Kubeconfig {
  lastOptions: DispatcherOptions = { type: 'none' };

  override createDispatcherOptions(...given: Parameters<KubeConfig['createDispatcherOptions']>): DispatcherOptions {
    this.lastOptions = super.createDispatcherOptions(...given);
    return this.lastOptions;
  }
}
