import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import path from 'node:path';
import { ProvisionerError } from '../report.ts';

/** The annotation that names the Workflow whose login with the password succeeded. */
const VERIFIED_BY = 'launchpad-provision/verified-by';
/** The annotation that is written to see whether the Secret can be written at all. */
const PROBED_BY = 'launchpad-provision/probed-by';

/** Milliseconds until the API server must have answered. */
const TIMEOUT_MS = 30_000;

export interface SecretPlace {
  /** The API server as pods reach it. */
  readonly host: string;
  readonly port: string;
  /** Directory with the pod's token and ca.crt. */
  readonly accountDirectory: string;
  readonly namespace: string;
  readonly name: string;
  /** UID of the Workflow that this pod belongs to. */
  readonly workflowUid: string;
}

/**
 * Writes the user's password into the Secret that the action made for it, by the service account of the pod
 * (https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/).
 */
export class SecretWriter {
  readonly #place: SecretPlace;

  constructor(place: SecretPlace) {
    this.#place = place;
  }

  /** Proves that the Secret can be written, without touching the password: before anything is done that needs it. */
  async probe(): Promise<void> {
    await this.#patch({ metadata: { annotations: { [PROBED_BY]: this.#place.workflowUid } } });
  }

  /** Writes a password that a login has proved. */
  async write(password: string): Promise<void> {
    await this.#patch({
      data: { password: Buffer.from(password).toString('base64') },
      metadata: { annotations: { [VERIFIED_BY]: this.#place.workflowUid } },
    });
  }

  async #patch(body: object): Promise<void> {
    const { host, port, accountDirectory, namespace, name } = this.#place;
    const file = (base: string) => readFile(path.join(accountDirectory, base), 'utf8');
    const [token, ca] = await Promise.all([file('token'), file('ca.crt')]);
    const url = `https://${host.includes(':') ? `[${host}]` : host}:${port}/api/v1/namespaces/${namespace}/secrets/${name}`;
    const { status, message } = await send(url, { token: token.trim(), ca, body: JSON.stringify(body) });
    if (status >= 200 && status < 300) return;
    throw new ProvisionerError(
      'password-secret',
      `Secret ${name} in namespace ${namespace} cannot be written: the API server answers ${status}${message}.`,
      {
        host: `${host}:${port}`,
        hint: 'Check the Role launchpad-provision-mongodb of the namespace, and that the Secret was not deleted; then run again.',
      },
    );
  }
}

interface Patch {
  readonly token: string;
  readonly ca: string;
  readonly body: string;
}

function send(url: string, { token, ca, body }: Patch): Promise<{ status: number; message: string }> {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/merge-patch+json',
    accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
    'content-length': Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'PATCH', ca, headers, timeout: TIMEOUT_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, message: reasonIn(text) }));
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The reason of a Status object; its message could quote the Secret. */
function reasonIn(text: string): string {
  const [, reason] = /"reason":\s*"(\w+)"/.exec(text) ?? [];
  return reason === undefined ? '' : ` ${reason}`;
}
