import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseLog } from '../../src/cluster/pod-report.ts';
import { type ApiServer, sendJson, startApiServer } from '../cluster/api-server.ts';

const bundles = path.join(import.meta.dirname, '..', '..', 'build', 'provisioners');

/** How a provisioner ended. */
export interface PodResult {
  readonly code: number;
  readonly output: string;
  readonly error: ReturnType<typeof parseLog>['error'];
  /** States by name of the resource. */
  readonly states: Readonly<Record<string, string>>;
}

/** Runs a bundled provisioner as a pod does: its own process, its own environment. */
export async function runPod(kind: string, environment: Readonly<Record<string, string>>): Promise<PodResult> {
  return await new Promise((resolve) => {
    const env = { PATH: process.env.PATH ?? '', ...environment };
    execFile(process.execPath, [path.join(bundles, `${kind}.js`)], { env }, (failure, stdout, stderr) => {
      const output = stdout + stderr;
      const { error, resources } = parseLog(output);
      const states = Object.fromEntries(resources.map(({ kind: what, name, state }) => [`${what} ${name}`, state]));
      resolve({ code: failure === null ? 0 : Number(failure.code ?? 1), output, error, states });
    });
  });
}

/** A Kubernetes API that takes the password of the MongoDB provisioner. */
export interface SecretStore {
  readonly environment: Readonly<Record<string, string>>;
  /** What was last written, and by which Workflow. */
  readonly written: { password: string; verifiedBy: string };
  stop(): Promise<void>;
}

export async function startSecretStore(): Promise<SecretStore> {
  const written = { password: '', verifiedBy: '' };
  const api: ApiServer = await startApiServer(
    (_, response) => sendJson(response, 200, {}),
    (body) => {
      const patch: { data?: { password?: string }; metadata?: { annotations?: Record<string, string> } } =
        JSON.parse(body);
      if (patch.data?.password === undefined) return;
      written.password = Buffer.from(patch.data.password, 'base64').toString('utf8');
      written.verifiedBy = patch.metadata?.annotations?.['launchpad-provision/verified-by'] ?? '';
    },
  );
  const directory = await mkdtemp(path.join(tmpdir(), 'launchpad-account-'));
  await writeFile(path.join(directory, 'token'), 'pod-token');
  await writeFile(path.join(directory, 'ca.crt'), api.ca);
  const { hostname, port } = new URL(api.url);
  return {
    environment: {
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      SERVICE_ACCOUNT_DIRECTORY: directory,
      NAMESPACE: 'school',
      WORKFLOW_UID: 'workflow-1',
      MONGODB_PASSWORD_SECRET: 'launchpad-mongodb-user-password',
    },
    written,
    stop: api.stop,
  };
}

/** A name that no other test uses. */
export function unique(prefix: string): string {
  return `${prefix}-${Date.now().toString(36)}${Math.random().toString(36).slice(2, 6)}`;
}
