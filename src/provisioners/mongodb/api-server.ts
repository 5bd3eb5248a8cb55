import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import path from 'node:path';
import { OutOfTime, within } from '../../core/clock.ts';
import { retry } from '../../core/retry.ts';
import { isConnectionError } from '../connection-errors.ts';
import type { Pod } from '../pod.ts';

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

/** Milliseconds of one attempt: several fit into the 30 s that a pod has once it is being ended. */
const ATTEMPT_MS = 5_000;
/** An agent without the proxy that the pod's variables may name: the API server is in the cluster. */
const agent = new Agent();

export interface Question {
  readonly method: 'GET' | 'PATCH';
  /** Path of the object. */
  readonly resource: string;
  readonly body?: object | undefined;
  /** Milliseconds for which it is asked again. */
  readonly budgetMs: number;
}

/** Sends a request to the API server, and again where the connection failed or the server could not answer. */
export async function askApiServer(
  server: ApiServer,
  { method, resource, body, budgetMs }: Question,
  pod: Pod,
): Promise<ApiServerAnswer> {
  const file = (base: string) => readFile(path.join(server.accountDirectory, base), 'utf8');
  const [token, ca] = await Promise.all([file('token'), file('ca.crt')]);
  const { host, port } = server;
  const url = `https://${host.includes(':') ? `[${host}]` : host}:${port}${resource}`;
  const call = {
    method,
    url,
    token: token.trim(),
    ca,
    body: body === undefined ? '' : JSON.stringify(body),
  };
  let answer: ApiServerAnswer = { status: 0, text: '' };
  const attempt = { clock: pod.clock, signal: new AbortController().signal };
  const work = async () => {
    answer = await within(ATTEMPT_MS, attempt, (signal) => send(call, signal));
    // Nothing that is written here depends on what was there: a conflict passes.
    if (answer.status === 409 || answer.status === 429 || answer.status >= 500) throw new Unavailable();
  };
  const isTransient = (error: unknown) =>
    error instanceof Unavailable || error instanceof OutOfTime || isConnectionError(error);
  try {
    await retry(work, { isTransient, budgetMs, firstDelayMs: 250, longestDelayMs: 2_000, clock: pod.clock });
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
  }
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

function send({ method, url, token, ca, body }: Call, signal: AbortSignal): Promise<ApiServerAnswer> {
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/json',
    ...(body === ''
      ? {}
      : { 'content-type': 'application/merge-patch+json', 'content-length': Buffer.byteLength(body) }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, ca, headers, agent, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', (error) => reject(signal.aborted ? signal.reason : error));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', (error) => reject(signal.aborted ? signal.reason : error));
    sent.end(body);
  });
}
