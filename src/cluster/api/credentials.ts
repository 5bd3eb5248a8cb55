import type { RequestContext, User } from '@kubernetes/client-node';
import type { Clock } from '../../core/clock.ts';
import { untilAborted } from '../../core/concurrency.ts';
import { messageOf } from '../../core/errors.ts';
import { fieldsOf, textIn } from '../../core/fields.ts';
import { withoutSecrets } from '../../core/quote.ts';
import { ClusterError } from './errors.ts';
import { type ExecCredential, type ExecPlugin, execPluginOf, pluginError, runExecPlugin } from './exec-plugin.ts';
import { type ClusterAccess, type Kubeconfig, originOf } from './kubeconfig.ts';

/** A run of an exec plugin, which all requests that need it share. */
interface PluginRun {
  readonly credential: Promise<ExecCredential>;
  readonly stop: AbortController;
  waiting: number;
}

/**
 * Who asks: the user of the kubeconfig, with the credentials of its exec plugin if it has one. They are kept until they
 * expire or are refused; then the plugin is run again, or the kubeconfig read again.
 */
export class Credentials<T extends Kubeconfig> {
  readonly #load: () => Promise<T>;
  readonly #source: ClusterAccess['source'];
  readonly #clock: Clock;
  #config: T;
  #plugin: ExecPlugin | undefined;
  #credential: ExecCredential | undefined;
  #run: PluginRun | undefined;

  /** @throws LaunchpadError `kubeconfig-invalid` for an exec plugin without its command */
  constructor(config: T, load: () => Promise<T>, source: ClusterAccess['source'], clock: Clock) {
    this.#load = load;
    this.#source = source;
    this.#clock = clock;
    this.#config = config;
    this.#plugin = pluginOf(config);
  }

  /** Which they are, for messages. */
  get description(): string {
    if (this.#plugin !== undefined) return `the credentials of exec plugin ${this.#plugin.command}`;
    const origin = originOf(this.#source).replace(/^The/, 'the');
    if (this.#source.kind === 'in-cluster') return `the token of ${origin}`;
    const user = this.#config.getCurrentUser();
    return `${kindOf(user)} of user ${user?.name} in ${origin}`;
  }

  /** Whether another program is asked for them. */
  get isAsked(): boolean {
    return this.#plugin !== undefined;
  }

  /**
   * Puts the credentials into a request.
   *
   * @returns the kubeconfig that did
   * @throws ClusterError `exec-plugin-failed`, `credentials-unavailable`
   */
  async apply(context: RequestContext, signal: AbortSignal): Promise<T> {
    const config = this.#config;
    const plugin = this.#plugin;
    if (plugin !== undefined) {
      const credential = await this.#credentialOf(plugin, signal);
      config.users = config.users.map((user) =>
        user.name === plugin.owner.name ? withCredential(plugin.owner, credential) : user,
      );
    }
    try {
      await untilAborted(config.applySecurityAuthentication(context), signal);
    } catch (error) {
      const what = messageOf(error).split(' ').map(withoutSecrets).join(' ');
      throw new ClusterError(
        0,
        '',
        `There are no credentials for the Kubernetes API server: ${this.description}: ${what}`,
        {
          code: 'credentials-unavailable',
          remedy: 'Check the files and the auth provider that the kubeconfig names.',
          cause: error,
        },
      );
    }
    return config;
  }

  /** Asks for them anew with the next request: runs the plugin, or reads the kubeconfig. False: that would change nothing. */
  async renew(): Promise<boolean> {
    this.#credential = undefined;
    if (this.#plugin !== undefined) return true;
    const hasProvider = textIn(fieldsOf(this.#config.getCurrentUser()?.authProvider), 'name') !== undefined;
    if (this.#source.kind === 'content' && !hasProvider) return false;
    const config = await this.#load();
    // The file may have been changed to another cluster meanwhile.
    config.setCurrentContext(this.#config.getCurrentContext());
    if (config.getCurrentCluster()?.server !== this.#config.getCurrentCluster()?.server) return false;
    this.#plugin = pluginOf(config);
    this.#config = config;
    return true;
  }

  async #credentialOf(plugin: ExecPlugin, signal: AbortSignal): Promise<ExecCredential> {
    const known = this.#credential;
    if (known !== undefined && this.#clock.wallMs() < (known.expiresAtMs ?? Number.POSITIVE_INFINITY)) return known;
    this.#run ??= this.#start(plugin);
    const run = this.#run;
    run.waiting += 1;
    try {
      return await untilAborted(run.credential, signal);
    } catch (error) {
      throw error instanceof ClusterError ? error : pluginError(plugin, `gave no credentials: ${messageOf(error)}`);
    } finally {
      run.waiting -= 1;
      if (run.waiting === 0) {
        run.stop.abort();
        if (this.#run === run) this.#run = undefined;
      }
    }
  }

  /** The plugin ends when no request waits for it any more. */
  #start(plugin: ExecPlugin): PluginRun {
    const stop = new AbortController();
    const run = async () => {
      const given = await runExecPlugin(plugin, stop.signal);
      this.#credential = given;
      return given;
    };
    return { credential: run(), stop, waiting: 0 };
  }
}

/** @throws LaunchpadError `kubeconfig-invalid` */
function pluginOf(config: Kubeconfig): ExecPlugin | undefined {
  const [user, cluster] = [config.getCurrentUser(), config.getCurrentCluster()];
  return user === null || cluster === null
    ? undefined
    : execPluginOf(user, cluster, config.execConfigs.get(cluster.name));
}

/** The user with what its plugin gave, and without the plugin, which client-node would run itself. */
function withCredential(user: User, { token, certificate, key }: ExecCredential): User {
  const { exec, authProvider, certFile, keyFile, ...rest } = user;
  if (certificate === undefined || key === undefined)
    return { ...user, exec: null, authProvider: null, ...tokenOf(user, token) };
  return { ...rest, certData: base64(certificate), keyData: base64(key), ...tokenOf(user, token) };
}

function tokenOf(user: User, token: string | undefined): { token?: string } {
  const known = user.token || token;
  return known === undefined ? {} : { token: known };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function kindOf(user: User | null): string {
  const provider = textIn(fieldsOf(user?.authProvider), 'name');
  if (user?.token) return 'the token';
  if (provider !== undefined) return `the credentials of auth provider ${provider}`;
  if (user?.username) return 'the password';
  return user?.certData || user?.certFile ? 'the client certificate' : 'the missing credentials';
}
