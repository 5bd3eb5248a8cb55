import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import path from 'node:path';
import { retry } from '../../core/retry.ts';
import { isConnectionError } from '../connection-errors.ts';

/** The API server as the pod reaches it (https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/). */
export interface ApiServer {
  readonly host: string;
  readonly port: string;
  /** Directory with the pod's token and ca.crt. */
  readonly accountDirectory: string;
}

export interface ApiServerAnswer {
  readonly status: number;
  readonly text: string;
}

/** Milliseconds until the API server must have answered. */
const TIMEOUT_MS = 30_000;
/** Milliseconds for which a request is made again: a pod that is being ended has 30 s altogether. */
const BUDGET_MS = 20_000;

/** An agent without the proxy that the pod's variables may name: the API server is in the cluster. */
const agent = new Agent();

/** Sends a request to the API server, and again where the connection failed or the server could not answer. */
export async function askApiServer(
  server: ApiServer,
  method: 'GET' | 'PATCH',
  resource: string,
  body?: object,
): Promise<ApiServerAnswer> {
  const file = (base: string) => readFile(path.join(server.accountDirectory, base), 'utf8');
  const [token, ca] = await Promise.all([file('token'), file('ca.crt')]);
  const { host, port } = server;
  const url = `https://${host.includes(':') ? `[${host}]` : host}:${port}${resource}`;
  const call = { method, url, token: token.trim(), ca, body: body === undefined ? '' : JSON.stringify(body) };
  let answer: ApiServerAnswer = { status: 0, text: '' };
  const work = async () => {
    answer = await send(call);
    if (answer.status === 429 || answer.status >= 500) throw new Unavailable();
  };
  const isTransient = (error: unknown) => error instanceof Unavailable || isConnectionError(error);
  // A new password must be written even where the pod's time is up: only the budget counts.
  await retry(work, { isTransient, budgetMs: BUDGET_MS, firstDelayMs: 500, longestDelayMs: 10_000 }).catch(
    (error: unknown) => {
      if (!(error instanceof Unavailable)) throw error;
    },
  );
  return answer;
}

class Unavailable extends Error {}

interface Call {
  readonly method: 'GET' | 'PATCH';
  readonly url: string;
  readonly token: string;
  readonly ca: string;
  readonly body: string;
}

function send({ method, url, token, ca, body }: Call): Promise<ApiServerAnswer> {
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/json',
    ...(body === ''
      ? {}
      : { 'content-type': 'application/merge-patch+json', 'content-length': Buffer.byteLength(body) }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, ca, headers, agent, timeout: TIMEOUT_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    sent.on('error', reject);
    sent.end(body);
  });
}
