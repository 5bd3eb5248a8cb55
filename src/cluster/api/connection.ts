import { HttpMethod, KubeConfig, RequestContext } from '@kubernetes/client-node';
import { type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { type ClusterAccess, loadKubeconfig, type ProxyVariables } from './kubeconfig.ts';

/** What a request needs besides its own: who asks, and the connections to ask over. */
export interface Authorized {
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher | undefined;
}

/**
 * The way to the API server that a kubeconfig describes: certificates, tokens, exec plugins and `proxy-url` are
 * client-node's work. Connections are kept: client-node makes a new dispatcher, and with it a new TLS handshake, for each
 * request; here one serves as long as its options are the same.
 */
export class Connection {
  readonly server: string;
  readonly #config: RecordingKubeConfig;
  #kept: { readonly options: string; readonly dispatcher: Dispatcher | undefined } | undefined;

  private constructor(config: RecordingKubeConfig) {
    this.#config = config;
    this.server = (config.getCurrentCluster()?.server ?? '').replace(/(?<!\/)\/+$/, '');
  }

  /** @throws LaunchpadError `kubeconfig-invalid` */
  static async open(access: ClusterAccess): Promise<Connection> {
    const config = new RecordingKubeConfig(access.proxy);
    await loadKubeconfig(access, config);
    return new Connection(config);
  }

  /** Headers and dispatcher of the next request; runs an exec plugin where its token has expired. */
  async authorize(): Promise<Authorized> {
    const context = new RequestContext(this.server, HttpMethod.GET);
    await this.#config.applySecurityAuthentication(context);
    const options = this.#config.lastOptions;
    if (this.#kept?.options !== options) {
      this.#kept = { options, dispatcher: this.#config.environmentProxy() ?? context.getDispatcher() };
    }
    return { headers: context.getHeaders(), dispatcher: this.#kept.dispatcher };
  }

  /** Closes the connections: whatever is under way on them ends. */
  async close(): Promise<void> {
    await this.#kept?.dispatcher?.destroy();
  }
}

type DispatcherArguments = Parameters<KubeConfig['createDispatcherOptions']>;

/** A KubeConfig that tells what it made its last dispatcher from. */
class RecordingKubeConfig extends KubeConfig {
  readonly #proxy: ProxyVariables | undefined;
  #last: ReturnType<KubeConfig['createDispatcherOptions']> = { type: 'none' };

  constructor(proxy: ProxyVariables | undefined) {
    super();
    this.#proxy = proxy;
  }

  override createDispatcherOptions(...given: DispatcherArguments): ReturnType<KubeConfig['createDispatcherOptions']> {
    this.#last = super.createDispatcherOptions(...given);
    return this.#last;
  }

  get lastOptions(): string {
    return JSON.stringify(this.#last);
  }

  /** The proxies of the environment, where there are any and the kubeconfig names none of its own. */
  environmentProxy(): Dispatcher | undefined {
    const { httpsProxy, httpProxy, noProxy } = this.#proxy ?? {};
    if (httpsProxy === undefined && httpProxy === undefined) return undefined;
    if (this.#last.type !== 'agent' && this.#last.type !== 'none') return undefined;
    const { port, timeout, ...connect } = this.#last.type === 'agent' ? this.#last.connect : {};
    return new EnvHttpProxyAgent({
      httpsProxy: httpsProxy ?? '',
      httpProxy: httpProxy ?? '',
      noProxy: noProxy ?? '',
      connect,
      requestTls: connect,
    });
  }
}
