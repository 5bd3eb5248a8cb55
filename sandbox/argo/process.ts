import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compileCache } from '../compile-cache.ts';
import type { KubernetesServer } from '../kubernetes/server.ts';
import type { PodSpec } from './pod-spec.ts';

/** A container of the sandbox: a process of this machine. */
export interface PodProcess {
  /** With the output parameters and the termination message that were written. */
  readonly ended: Promise<{ readonly exitCode: number; readonly outputs: readonly Output[]; readonly message: string }>;
  /** SIGTERM, and SIGKILL after the grace period (ms). */
  terminate(graceMs: number): void;
  kill(): void;
}

export interface Output {
  readonly name: string;
  readonly value: string;
}

/** Where the Kubernetes API is, and its certificate authority (PEM). */
export interface ApiAddress {
  readonly host: string;
  readonly port: number;
  readonly ca: string;
}

interface Surroundings {
  readonly api: ApiAddress;
  /** Variables besides the pod's own. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts the command of a pod, with its environment and no other than is given. Output goes to the pod's log. */
export async function startProcess(
  kubernetes: KubernetesServer,
  { namespace, name: pod }: { readonly namespace: string; readonly name: string },
  spec: PodSpec,
  { api, environment }: Surroundings,
): Promise<PodProcess> {
  const directory = await mkdtemp(path.join(tmpdir(), 'launchpad-pod-'));
  await mkdir(path.dirname(path.join(directory, spec.messageFile)), { recursive: true });
  for (const mount of spec.mounts) await writeFiles(path.join(directory, mount.path), mount.files);
  const account = path.join(directory, 'serviceaccount');
  const token = kubernetes.access.tokenFor(namespace, spec.serviceAccount);
  await writeFiles(account, { token, 'ca.crt': api.ca, namespace });
  const [program = '', ...args] = spec.command.map((word) => placed(word, spec, directory));
  const child = spawn(program === 'node' ? process.execPath : program, args, {
    cwd: directory,
    env: {
      ...Object.fromEntries(
        Object.entries(spec.environment).map(([name, value]) => [name, placed(value, spec, directory)]),
      ),
      ...environment,
      ...compileCache,
      PATH: process.env.PATH ?? '',
      KUBERNETES_SERVICE_HOST: api.host,
      KUBERNETES_SERVICE_PORT: String(api.port),
      SERVICE_ACCOUNT_DIRECTORY: account,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const key = `${namespace}/${pod}`;
  kubernetes.logs.set(key, '');
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      kubernetes.logs.set(key, (kubernetes.logs.get(key) ?? '') + text);
    });
  }
  const ended = (async () => {
    const { exitCode } = await endOf(child);
    const outputs = await readOutputs(spec, directory);
    const written = await readFile(path.join(directory, spec.messageFile)).catch(() => Buffer.alloc(0));
    const isCrash = written.length === 0 && exitCode !== 0 && spec.fallsBackToLogs;
    const message = isCrash ? endOfLog(kubernetes.logs.get(key) ?? '') : tail(written, MESSAGE_BYTES);
    await rm(directory, { recursive: true, force: true });
    return { exitCode, outputs, message };
  })();
  return {
    ended,
    kill: () => {
      child.kill('SIGKILL');
    },
    terminate: (graceMs) => {
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), graceMs).unref();
    },
  };
}

async function readOutputs(spec: PodSpec, directory: string): Promise<Output[]> {
  const found = await Promise.all(
    spec.outputs.map(async ({ name, path: file, default: fallback }) => {
      const value = await readFile(placed(file, spec, directory), 'utf8').catch(() => fallback);
      return value === undefined ? [] : [{ name, value }];
    }),
  );
  return found.flat();
}

/** A path in the pod becomes one below the pod's directory on this machine. */
function placed(word: string, { mounts, messageFile }: PodSpec, directory: string): string {
  const isMounted = word === messageFile || mounts.some(({ path: mounted }) => word.startsWith(`${mounted}/`));
  return isMounted ? path.join(directory, word) : word;
}

/** What the kubelet reads of a termination message, and of a log in place of one (pkg/kubelet/container). */
const MESSAGE_BYTES = 4096;
const LOG_BYTES = 2048;
const LOG_LINES = 80;

function endOfLog(log: string): string {
  const lines = log.split('\n').slice(-LOG_LINES - 1);
  return tail(Buffer.from(lines.join('\n')), LOG_BYTES);
}

function tail(text: Buffer, bytes: number): string {
  return text.subarray(Math.max(0, text.length - bytes)).toString('utf8');
}

async function writeFiles(directory: string, files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  await mkdir(directory, { recursive: true });
  // What the kubelet mounts from a ConfigMap has no package.json above it; the programs are ES modules.
  await writeFile(path.join(directory, 'package.json'), '{"type":"module"}');
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(directory, name), text, { mode: 0o600 });
}

function endOf(child: ChildProcess): Promise<{ exitCode: number }> {
  return new Promise((resolve) => {
    child.once('error', () => resolve({ exitCode: 127 }));
    // 128 + the signal's number, as a container runtime reports it: 143 for SIGTERM, 137 for SIGKILL.
    child.once('close', (code, signal) => resolve({ exitCode: code ?? (signal === 'SIGTERM' ? 143 : 137) }));
  });
}
