import { spawn } from 'node:child_process';
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

/** Characters of the longest output; a credential with certificates has a few thousand. */
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
  const args = textsIn(exec, 'args');
  const { code, stdout, stderr } = await run(command, args, env, signal).catch((error: unknown) => {
    const reason = signal.aborted ? `gave no credentials: ${messageOf(error)}` : undefined;
    throw reason === undefined ? notStarted(plugin, error) : pluginError(plugin, reason);
  });
  if (code === 0) return credentialOf(plugin, stdout);
  if (stdout.length > LONGEST_OUTPUT) throw pluginError(plugin, `wrote more than ${LONGEST_OUTPUT / 1024 / 1024} MiB`);
  const end = typeof code === 'number' ? `ended with exit code ${code}` : `was ended by signal ${code}`;
  const line = lastLineOf(stderr, secretsOf(env, args));
  throw pluginError(plugin, line === '' ? `${end} and wrote nothing to stderr` : `${end}: ${line}`);
}

interface Ended {
  /** Its exit code, or the signal that ended it. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program. @throws the signal's reason when it aborts: then the program is killed, with what it started */
async function run(command: string, args: string[], env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  // A group of its own can be killed as a whole, but cannot ask at the terminal, which some plugins do.
  const detached = !process.stdin.isTTY;
  const child = spawn(command, args, { env, detached, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => {
    if (!detached || child.pid === undefined) child.kill('SIGKILL');
    else if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL');
    for (const stream of [child.stdout, child.stderr]) stream.destroy();
  };
  const stop = () => {
    kill();
    reject(signal.reason);
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    if (stdout.length > LONGEST_OUTPUT) kill();
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-LONGEST_OUTPUT);
  });
  child.on('error', reject);
  child.on('close', (code, by) => resolve({ code: code ?? by ?? 'unknown', stdout, stderr }));
  return await promise.finally(() => signal.removeEventListener('abort', stop));
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

function notStarted(plugin: ExecPlugin, error: unknown): ClusterError {
  const { command, exec } = plugin;
  const code = textIn(fieldsOf(error), 'code') ?? messageOf(error);
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
