import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compileCache } from '../compile-cache.ts';
import type { KubernetesServer } from '../kubernetes/server.ts';
import type { PodSpec } from './pod-spec.ts';

/** A container of the sandbox: a process of this machine. */
export interface PodProcess {
  /** With the output parameters that were written. */
  readonly ended: Promise<{ readonly exitCode: number; readonly outputs: readonly Output[] }>;
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
    await rm(directory, { recursive: true, force: true });
    return { exitCode, outputs };
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
function placed(word: string, { mounts }: PodSpec, directory: string): string {
  return mounts.some(({ path: mounted }) => word.startsWith(`${mounted}/`)) ? path.join(directory, word) : word;
}

async function writeFiles(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
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
