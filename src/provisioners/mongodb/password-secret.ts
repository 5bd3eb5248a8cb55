import { fieldsOf, textIn } from '../../core/fields.ts';
import { messageOf } from '../connection-errors.ts';
import type { Pod } from '../pod.ts';
import { ProvisionerError } from '../provisioner-error.ts';
import { type ApiServer, askApiServer } from './api-server.ts';

/** The annotation that names the Workflow whose login with the password succeeded. */
const VERIFIED_BY = 'launchpad-provision/verified-by';
/** The annotation that is written to see whether the Secret can be written at all. */
const PROBED_BY = 'launchpad-provision/probed-by';

/** Milliseconds for which the API server is asked again. */
const BUDGET_MS = 60_000;
/** Milliseconds for which a password that is shown once is written even where the pod's time is up: it is ended after 30 s. */
const GRACE_MS = 20_000;

export interface SecretPlace {
  readonly pod: Pod;
  readonly apiServer: ApiServer;
  readonly namespace: string;
  readonly name: string;
  /** UID of the Workflow that this pod belongs to. */
  readonly workflowUid: string;
}

/** The Secret that the action made for the user's password, by the service account of the pod. */
export class PasswordSecret {
  readonly #place: SecretPlace;

  constructor(place: SecretPlace) {
    this.#place = place;
  }

  /** Proves that the Secret can be written, without touching the password: before anything is done that needs it. */
  async probe(): Promise<void> {
    await this.#patch({ metadata: { annotations: { [PROBED_BY]: this.#place.workflowUid } } });
  }

  /** The password that an earlier run left, if there is one. */
  async read(): Promise<string | undefined> {
    const { data } = fieldsOf(JSON.parse(await this.#ask('GET')));
    const password = Buffer.from(textIn(fieldsOf(data), 'password') ?? '', 'base64').toString('utf8');
    return password === '' ? undefined : password;
  }

  /** Writes a password that is shown only once, before anything else is done with it. */
  async keep(password: string): Promise<void> {
    const budgetMs = this.#place.pod.remainingMs() + GRACE_MS;
    await this.#ask('PATCH', { data: dataOf(password), metadata: { annotations: { [VERIFIED_BY]: null } } }, budgetMs);
  }

  /** Writes a password that a login has proved: this is the one that the action takes. */
  async verify(password: string): Promise<void> {
    await this.#patch({
      data: dataOf(password),
      metadata: { annotations: { [VERIFIED_BY]: this.#place.workflowUid } },
    });
  }

  async #patch(body: object): Promise<void> {
    await this.#ask('PATCH', body);
  }

  async #ask(method: 'GET' | 'PATCH', body?: object, budgetMs = BUDGET_MS): Promise<string> {
    const { apiServer, namespace, name, pod } = this.#place;
    const host = `${apiServer.host}:${apiServer.port}`;
    const resource = `/api/v1/namespaces/${namespace}/secrets/${name}`;
    const doing = `${method === 'GET' ? 'reading' : 'writing'} Secret ${name} in namespace ${namespace}`;
    const fail = (problem: string, hint: string, cause?: unknown) =>
      new ProvisionerError('password-secret', `The Kubernetes API at ${host}: ${doing} failed: ${problem}.`, {
        host,
        hint,
        cause,
      });
    const question = { method, resource, body, budgetMs };
    const { status, text } = await pod
      .step({ service: 'Kubernetes API', host, doing }, () => askApiServer(apiServer, question, pod))
      .catch((error: unknown) => {
        throw fail(messageOf(error), 'Check that pods of the namespace reach the API server; then run again.', error);
      });
    if (status >= 200 && status < 300) return text;
    throw fail(
      `it answers ${status}${reasonIn(text)}`,
      'Check the Role launchpad-provision-mongodb of the namespace, and that the Secret was not deleted; then run again.',
    );
  }
}

function dataOf(password: string) {
  return { password: Buffer.from(password).toString('base64') };
}

/** The reason of a Status object; its message could quote the Secret. */
function reasonIn(text: string): string {
  const [, reason] = /"reason":\s*"(\w+)"/.exec(text) ?? [];
  return reason === undefined ? '' : ` ${reason}`;
}
