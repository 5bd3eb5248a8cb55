import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Cluster, User } from '@kubernetes/client-node';
import { LaunchpadError, messageOf } from '../../core/errors.ts';
import { type Fields, fieldsOf, listIn, textIn, textsIn } from '../../core/fields.ts';
import { ClusterError } from './errors.ts';
import { lastLineOf, secretsOf } from './plugin-output.ts';

/** Credentials that a plugin gave. */
export interface ExecCredential {
  readonly token: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  /** Milliseconds since 1970; without it they are good until they are refused. */
  readonly expiresAtMs: number | undefined;
}

/** A program that gives credentials (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins). */
export interface ExecPlugin {
  readonly command: string;
  /** The user of the kubeconfig that has it. */
  readonly owner: User;
  readonly exec: Fields;
  readonly cluster: Cluster;
  /** What the kubeconfig's cluster says for plugins, in its extension of that name. */
  readonly clusterConfig: unknown;
}

/** Bytes of the longest output; a credential with certificates has a few thousand. */
const LONGEST_OUTPUT = 4 * 1024 * 1024;

/**
 * The user's exec plugin, if it has one; older kubeconfigs have it below auth-provider.
 *
 * @throws LaunchpadError `kubeconfig-invalid` without its command
 */
export function execPluginOf(user: User, cluster: Cluster, clusterConfig: unknown): ExecPlugin | undefined {
  const found = user.exec ?? fieldsOf(fieldsOf(user.authProvider).config).exec;
  if (found === undefined || found === null) return undefined;
  const exec = fieldsOf(found);
  const command = textIn(exec, 'command');
  if (command === undefined) {
    throw new LaunchpadError('kubeconfig-invalid', `The exec plugin of user ${user.name} has no command.`, {
      remedy: `Set users[].user.exec.command of user ${user.name} in the kubeconfig.`,
    });
  }
  return { command, owner: user, exec, cluster, clusterConfig };
}

/**
 * Runs the plugin, without a terminal.
 *
 * @param signal ends it
 * @throws ClusterError `exec-plugin-failed`, with the last line that it wrote to stderr
 */
export async function runExecPlugin(plugin: ExecPlugin, signal: AbortSignal): Promise<ExecCredential> {
  const { command, exec } = plugin;
  const own = listIn(exec, 'env').flatMap(({ name, value }) =>
    typeof name === 'string' && typeof value === 'string' ? [[name, value] as const] : [],
  );
  const info = JSON.stringify(await execInfo(plugin));
  // A plugin inherits the environment, as with kubectl: that is how aws, gcloud and others find their accounts.
  const env = { ...process.env, ...Object.fromEntries(own), KUBERNETES_EXEC_INFO: info };
  const options = { env, signal, maxBuffer: LONGEST_OUTPUT, killSignal: 'SIGKILL' as const };
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const args = textsIn(exec, 'args');
  const child = execFile(command, args, options, (error, stdout, stderr) => {
    if (error === null) resolve(stdout);
    else if (signal.aborted) reject(pluginError(plugin, `gave no credentials: ${messageOf(signal.reason)}`));
    else reject(failureOf(plugin, error, lastLineOf(stderr, secretsOf(env, args))));
  });
  child.stdin?.on('error', () => undefined).end();
  return credentialOf(plugin, await promise);
}

/** What the plugin reads in KUBERNETES_EXEC_INFO (https://kubernetes.io/docs/reference/config-api/client-authentication.v1/). */
async function execInfo({ exec, cluster, clusterConfig }: ExecPlugin): Promise<object> {
  const apiVersion = textIn(exec, 'apiVersion') ?? 'client.authentication.k8s.io/v1';
  const spec = { interactive: false };
  if (exec.provideClusterInfo !== true) return { kind: 'ExecCredential', apiVersion, spec };
  const { server, tlsServerName, skipTLSVerify, caData, caFile, proxyUrl } = cluster;
  const authority = caData ?? (caFile ? (await readFile(caFile)).toString('base64') : undefined);
  return {
    kind: 'ExecCredential',
    apiVersion,
    spec: {
      ...spec,
      // JSON leaves out what is undefined.
      cluster: {
        server,
        'tls-server-name': tlsServerName,
        'insecure-skip-tls-verify': skipTLSVerify || undefined,
        'certificate-authority-data': authority,
        'proxy-url': proxyUrl,
        config: clusterConfig,
      },
    },
  };
}

function credentialOf(plugin: ExecPlugin, output: string): ExecCredential {
  let written: unknown;
  try {
    written = JSON.parse(output);
  } catch {
    // What it wrote may be a token, so nothing of it is shown.
    throw pluginError(plugin, 'wrote no JSON to stdout');
  }
  const status = fieldsOf(fieldsOf(written).status);
  const token = textIn(status, 'token');
  const certificate = textIn(status, 'clientCertificateData');
  const key = textIn(status, 'clientKeyData');
  if (token === undefined && (certificate === undefined || key === undefined)) {
    throw pluginError(plugin, 'wrote no ExecCredential with a token, or a certificate and its key');
  }
  const expiresAtMs = Date.parse(textIn(status, 'expirationTimestamp') ?? '');
  return { token, certificate, key, expiresAtMs: Number.isNaN(expiresAtMs) ? undefined : expiresAtMs };
}

interface ExecError extends Error {
  readonly code?: number | string | null;
  readonly signal?: string | null;
}

function failureOf(plugin: ExecPlugin, { code, signal }: ExecError, line: string): ClusterError {
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
    return pluginError(plugin, `wrote more than ${LONGEST_OUTPUT / 1024 / 1024} MiB`);
  }
  if (typeof code === 'string') return notStarted(plugin, code);
  const end = typeof code === 'number' ? `ended with exit code ${code}` : `was ended by signal ${signal}`;
  return pluginError(plugin, line === '' ? `${end} and wrote nothing to stderr` : `${end}: ${line}`);
}

function notStarted(plugin: ExecPlugin, code: string): ClusterError {
  const { command, exec } = plugin;
  const hint = textIn(exec, 'installHint')?.replace(/\s+/g, ' ').trim().slice(0, 300);
  return pluginError(plugin, code === 'ENOENT' ? 'was not found on this machine' : `could not be started: ${code}`, {
    remedy: `Install ${command} where the action runs, or use a kubeconfig with a token.${hint ? ` Its hint: ${hint}` : ''}`,
    isPermanent: true,
  });
}

/** @param what what it did, as the message goes on after its name */
export function pluginError(
  { command, owner }: ExecPlugin,
  what: string,
  options: { readonly remedy?: string; readonly isPermanent?: boolean } = {},
): ClusterError {
  return new ClusterError(0, '', `The exec plugin ${command} (user ${owner.name} of the kubeconfig) ${what}`, {
    code: 'exec-plugin-failed',
    remedy: `Run ${command} as the kubeconfig does, on the same machine: it must write an ExecCredential to stdout.`,
    ...options,
  });
}
