import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseLog } from '../../src/cluster/workflows/pod-report.ts';
import { runMongodb } from '../../src/provisioners/mongodb/operations.ts';
import { runMysql } from '../../src/provisioners/mysql/operations.ts';
import { podOf } from '../../src/provisioners/pod.ts';
import { runProvisioner } from '../../src/provisioners/report.ts';
import { type ApiServer, sendJson, startApiServer } from '../cluster/api-server.ts';
import { skippingClock } from './test-pod.ts';

const bundles = path.join(import.meta.dirname, '..', '..', 'build', 'provisioners');

/** How a provisioner ended. */
export interface PodResult {
  readonly code: number;
  readonly output: string;
  readonly error: ReturnType<typeof parseLog>['error'];
  /** States by name of the resource. */
  readonly states: Readonly<Record<string, string>>;
}

/** A provisioner that runs. */
export interface RunningPod {
  readonly done: Promise<PodResult>;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** Starts a bundled provisioner as a pod does: its own process, its own environment. */
export function startPod(kind: string, environment: Readonly<Record<string, string>>): RunningPod {
  const env = { PATH: process.env.PATH ?? '', ...environment };
  const { promise, resolve } = Promise.withResolvers<PodResult>();
  const child = execFile(process.execPath, [path.join(bundles, `${kind}.js`)], { env }, (failure, stdout, stderr) => {
    resolve(resultOf(failure === null ? 0 : Number(failure.code ?? 1), stdout + stderr));
  });
  return { done: promise, kill: (signal) => child.kill(signal) };
}

/** Runs a bundled provisioner to its end. */
export async function runPod(kind: string, environment: Readonly<Record<string, string>>): Promise<PodResult> {
  return await startPod(kind, environment).done;
}

function resultOf(code: number, output: string): PodResult {
  const { error, resources } = parseLog(output);
  const states = Object.fromEntries(resources.map(({ kind, name, state }) => [`${kind} ${name}`, state]));
  return { code, output, error, states };
}

const PROVISIONERS = { mysql: runMysql, mongodb: runMongodb };

/** Runs a provisioner in this process, by the same variables as a pod. Its waits are cut off after 10 ms. */
export async function runHere(
  kind: keyof typeof PROVISIONERS,
  environment: Readonly<Record<string, string>>,
): Promise<PodResult> {
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const pod = podOf(environment, log, skippingClock(10));
  const code = await runProvisioner(pod, () => PROVISIONERS[kind](environment, pod));
  return resultOf(code, `${lines.join('\n')}\n`);
}

/** The content of a password Secret. */
interface KeptPassword {
  readonly password: string;
  /** UID of the Workflow whose login with it succeeded; empty where none did. */
  readonly verifiedBy: string;
}

/** A Kubernetes API with the Secrets that take the passwords of MongoDB users. */
export interface SecretStore {
  /** What a pod needs to reach the Secret of this user. */
  environment(user: string): Readonly<Record<string, string>>;
  kept(user: string): KeptPassword;
  /** Called once a password was written. */
  onWrite: ((user: string) => void) | undefined;
  stop(): Promise<void>;
}

interface SecretPatch {
  readonly data?: { readonly password?: string };
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string | null>> };
}

export async function startSecretStore(): Promise<SecretStore> {
  const secrets = new Map<string, KeptPassword>();
  const kept = (user: string) => secrets.get(user) ?? { password: '', verifiedBy: '' };
  const userIn = (url = '') => url.replace(/.*\//, '');
  const api: ApiServer = await startApiServer(
    ({ url }, response) => {
      const { password } = kept(userIn(url));
      sendJson(response, 200, password === '' ? {} : { data: { password: Buffer.from(password).toString('base64') } });
    },
    (body, { url }) => {
      const { data, metadata }: SecretPatch = body === '' ? {} : JSON.parse(body);
      if (data?.password === undefined) return;
      const verifiedBy = metadata?.annotations?.['launchpad-provision/verified-by'] ?? '';
      secrets.set(userIn(url), { password: Buffer.from(data.password, 'base64').toString('utf8'), verifiedBy });
      store.onWrite?.(userIn(url));
    },
  );
  const directory = await mkdtemp(path.join(tmpdir(), 'launchpad-account-'));
  await writeFile(path.join(directory, 'token'), 'pod-token');
  await writeFile(path.join(directory, 'ca.crt'), api.ca);
  const { hostname, port } = new URL(api.url);
  const store: SecretStore = {
    environment: (user) => ({
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      SERVICE_ACCOUNT_DIRECTORY: directory,
      NAMESPACE: 'school',
      WORKFLOW_UID: 'workflow-1',
      MONGODB_PASSWORD_SECRET: user,
    }),
    kept,
    onWrite: undefined,
    stop: async () => {
      await api.stop();
      await rm(directory, { recursive: true });
    },
  };
  return store;
}
