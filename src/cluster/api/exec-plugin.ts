import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { stripVTControlCharacters } from 'node:util';
import type { Cluster, User } from '@kubernetes/client-node';
import { LaunchpadError, messageOf } from '../../core/errors.ts';
import { type Fields, fieldsOf, listIn, textIn, textsIn } from '../../core/fields.ts';
import { withoutSecrets } from '../../core/quote.ts';
import { ClusterError } from './errors.ts';

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

const LONGEST_LINE = 300;
/** Shorter values would be found in words. */
const SHORTEST_SECRET = 4;
const SECRET_NAME = /pass|_pwd|secret|token|credential|key|auth/i;
/** Names of variables that hold a path. */
const PATH_NAME = /(?:file|path|sock|dir|application_credentials)$/i;

/** What shows a secret in a line of text, and what is left of it there. */
const SHOWN: readonly (readonly [RegExp, string])[] = [
  // Bearer abc, --client-secret abc
  [/\b(bearer|basic)\s+[^\s,;]{8,}/gi, '$1 ***'],
  [/((?<![\w-])-[\w-]{0,30}(?:pass|secret|token|credential|key)[\w-]{0,30}[ =])[^\s-]\S*/gi, '$1***'],
  // token=abc, "token": "abc", password: abc
  [
    /((?:pass|pwd|secret|token|credential|key|authorization)\w{0,30}["']?\s{0,3}=\s{0,3})("[^"]*"|'[^']*'|[^\s,;]+)/gi,
    '$1***',
  ],
  [/((?:pass|pwd|secret|token|credential|key|authorization)\w{0,30}["']?\s{0,3}:\s{0,3})("[^"]*"|'[^']*')/gi, '$1***'],
  [/((?:password|passphrase|passwd|pwd|secret|key)["']?\s{0,3}:\s{0,3})[^\s,;]+/gi, '$1***'],
  // JSON Web Tokens, long hexadecimal words, long words that mix letters of both cases and digits
  [/\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g, '***'],
  [/\b[0-9a-f]{32,}\b/gi, '***'],
  [/(?<![\w+/=.-])(?=[\w+/=-]*\d)(?=[\w+/=-]*[a-z])(?=[\w+/=-]*[A-Z])\w[\w+/=-]{19,}/g, '***'],
];

/** The values of variables and of arguments (`--name value`, `--name=value`) whose names say that they are secret. */
export function secretsOf(
  environment: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
): string[] {
  const values = Object.entries(environment).map(([name, value = '']) => [name, value] as const);
  const options = args.flatMap((arg, index): (readonly [string, string])[] => {
    const [, name = '', value] = /^(-[^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
    return name === '' ? [] : [[name, value ?? args[index + 1] ?? '']];
  });
  return [...values, ...options].flatMap(([name, value]) =>
    SECRET_NAME.test(name) && !PATH_NAME.test(name) && value.length >= SHORTEST_SECRET ? [value] : [],
  );
}

/** The last line that a program wrote, without these secrets and without what looks like one. */
export function lastLineOf(output: string, secrets: readonly string[]): string {
  const lines = stripVTControlCharacters(output).split(/[\r\n]+/);
  let line = lines.findLast((one) => one.trim() !== '')?.trim() ?? '';
  for (const secret of secrets) line = line.replaceAll(secret, '***');
  line = line.split(' ').map(withoutSecrets).join(' ');
  for (const [pattern, shown] of SHOWN) line = line.replace(pattern, shown);
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
}
