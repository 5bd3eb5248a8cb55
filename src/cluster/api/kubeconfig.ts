import { stat } from 'node:fs/promises';
import path from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { load } from 'js-yaml';
import { LaunchpadError, messageOf } from '../../core/errors.ts';
import { fieldsOf, listIn, textIn } from '../../core/fields.ts';

/** Where the way to the cluster is described, and by which proxies it leads. */
export interface ClusterAccess {
  /** Namespace of Argo CD, if it is not the usual one. */
  readonly argocdNamespace?: string;
  readonly source:
    | { readonly kind: 'content'; readonly text: string }
    /** One path, or several as KUBECONFIG has them. */
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'in-cluster' };
  readonly proxy?: ProxyVariables;
}

/** The proxy variables of the environment. */
export interface ProxyVariables {
  readonly httpsProxy?: string;
  readonly httpProxy?: string;
  readonly noProxy?: string;
}

/** The extension of a cluster that is for exec plugins (https://kubernetes.io/docs/reference/config-api/client-authentication.v1/). */
const EXEC_EXTENSION = 'client.authentication.k8s.io/exec';

/** A kubeconfig that also keeps what client-node leaves out: what its clusters say to exec plugins. */
export class Kubeconfig extends KubeConfig {
  readonly execConfigs = new Map<string, unknown>();

  override loadFromString(...[text, options]: Parameters<KubeConfig['loadFromString']>): void {
    super.loadFromString(text, options);
    for (const { name, cluster } of listIn(fieldsOf(load(text)), 'clusters')) {
      const found = listIn(fieldsOf(cluster), 'extensions').find((one) => textIn(one, 'name') === EXEC_EXTENSION);
      if (typeof name === 'string' && found !== undefined) this.execConfigs.set(name, found.extension);
    }
  }
}

/**
 * Loads the kubeconfig and checks that it names a server and a user.
 *
 * @throws LaunchpadError `kubeconfig-invalid`; its message never holds what the kubeconfig holds
 */
export async function loadKubeconfig<T extends Kubeconfig>({ source }: ClusterAccess, config: T): Promise<T> {
  const origin = originOf(source);
  switch (source.kind) {
    case 'content':
      loadText(config, decoded(source.text), origin);
      break;
    case 'file':
      await loadFiles(config, source.path);
      break;
    case 'in-cluster':
      config.loadFromCluster();
      break;
  }
  checkContext(config, origin);
  return config;
}

/** Where a kubeconfig comes from, for messages. */
export function originOf(source: ClusterAccess['source']): string {
  switch (source.kind) {
    case 'content':
      return 'The kubeconfig of input kubeconfig';
    case 'file':
      return `The kubeconfig ${source.path}`;
    case 'in-cluster':
      return 'The service account of this pod';
  }
}

/** A kubeconfig is YAML, which has a colon; base64 has none. */
function decoded(text: string): string {
  return text.includes(':') ? text : Buffer.from(text, 'base64').toString('utf8');
}

function loadText(config: KubeConfig, text: string, origin: string): void {
  try {
    config.loadFromString(text);
  } catch {
    // The parser's message may quote a line, and with it a key.
    throw invalid(origin, 'is not the YAML of a kubeconfig, nor base64 of it');
  }
}

async function loadFiles(config: Kubeconfig, paths: string): Promise<void> {
  const files = paths.split(path.delimiter).filter((file) => file !== '');
  for (const [index, file] of files.entries()) {
    const origin = `The kubeconfig ${file}`;
    const found = await stat(file).catch(() => undefined);
    if (found?.isFile() !== true) throw invalid(origin, 'does not exist, or is no file');
    const one = index === 0 ? config : new Kubeconfig();
    try {
      one.loadFromFile(file);
      if (index > 0) config.mergeConfig(one, true);
      for (const [name, found] of one.execConfigs) config.execConfigs.set(name, found);
    } catch (error) {
      throw invalid(origin, /^Duplicate/.test(messageOf(error)) ? messageOf(error) : 'is not the YAML of a kubeconfig');
    }
  }
}

function checkContext(config: KubeConfig, origin: string): void {
  const { currentContext } = config;
  if (!currentContext) throw invalid(origin, 'names no current-context');
  const context = config.getContextObject(currentContext);
  if (context === null) throw invalid(origin, `has no context ${currentContext}, which is its current-context`);
  const cluster = config.getCluster(context.cluster);
  if (cluster === null)
    throw invalid(origin, `has no cluster ${context.cluster}, which context ${currentContext} names`);
  if (!URL.canParse(cluster.server)) throw invalid(origin, `has no valid server for cluster ${cluster.name}`);
  if (config.getUser(context.user) === null) {
    throw invalid(origin, `has no user ${context.user}, which context ${currentContext} names`);
  }
}

function invalid(origin: string, what: string): LaunchpadError {
  return new LaunchpadError('kubeconfig-invalid', `${origin} ${what}.`, {
    remedy:
      'Give input kubeconfig the content of a kubeconfig that works with kubectl (kubectl config view --raw --minify --flatten), or base64 of it.',
  });
}
