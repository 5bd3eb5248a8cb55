import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, createServer as createTlsServer, request as forwardTls, type RequestOptions } from 'node:https';
import { listenAt, stopHttp } from '../listening.ts';
import type { Identity } from '../tls.ts';
import { type Asked, type Fault, type Rule, Rules } from './rules.ts';

/** A request that came in. */
interface Recorded extends Asked {
  readonly body: string;
  status: number;
}

/** An HTTP server before another one, that can make it misbehave. */
export interface HttpFront {
  /** `http(s)://host:port`, without a slash at the end. */
  readonly url: string;
  readonly requests: readonly Recorded[];
  add(rule: Rule): void;
  /** Ends all open watches, as a load balancer does that drops its connections. */
  dropWatches(): void;
  /** Forgets all rules. */
  clear(): void;
  /** Whether it has rules, and no request came that one was for. */
  readonly isIdle: boolean;
  stop(): Promise<void>;
}

export interface HttpTarget {
  readonly url: string;
  /** Speaks TLS, with this certificate. */
  readonly identity?: Identity;
  /** Address of this machine at which it listens; without it 127.0.0.1. */
  readonly host?: string;
  /** Options of the requests that go on: credentials, certificates. */
  readonly optionsOf?: (incoming: IncomingMessage) => Promise<RequestOptions>;
}

export async function startHttpFront({
  url: target,
  identity,
  host = '127.0.0.1',
  optionsOf,
}: HttpTarget): Promise<HttpFront> {
  const isTls = target.startsWith('https:');
  // TLS costs a handshake. Other servers may close an idle connection in the moment in which it is used again.
  const agent = new Agent({ keepAlive: true });
  const requests: Recorded[] = [];
  const rules = new Rules();
  let isIdle = false;
  const watches = new Set<ServerResponse>();
  const serve = (incoming: IncomingMessage, response: ServerResponse) => {
    handle(incoming, response).catch(() => response.destroy());
  };
  const server = identity === undefined ? createServer(serve) : createTlsServer({ ...identity }, serve);
  // One that closes idle connections soon would now and then drop a request that comes at that moment.
  server.keepAliveTimeout = 60_000;

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { pathname: path, search: query } = new URL(incoming.url ?? '/', target);
    const body = Buffer.concat(chunks);
    const recorded = { method: incoming.method ?? '', path, query, body: body.toString('utf8'), status: 0 };
    requests.push(recorded);
    response.on('finish', () => {
      recorded.status = response.statusCode;
    });
    const fault = rules.take(recorded);
    if (fault !== undefined) isIdle = false;
    if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.ms));
    if (fault !== undefined && momentOf(fault) === 'before' && (await interfere(response, fault))) return;
    // The client has closed the connection meanwhile.
    if (response.closed) return;
    await pass(incoming, body, response, fault);
  }

  async function pass(
    incoming: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
    fault: Fault | undefined,
  ): Promise<void> {
    const url = new URL(incoming.url ?? '/', target);
    const isWatch = url.searchParams.get('watch') === 'true';
    const { headers, ...others } = (await optionsOf?.(incoming)) ?? { headers: incoming.headers };
    const options = { ...others, ...(headers === undefined ? {} : { headers }), method: incoming.method ?? 'GET' };
    await new Promise<void>((resolve, reject) => {
      const take = (answer: IncomingMessage) => {
        finish(answer).then(resolve, reject);
      };
      const sent = isTls
        ? forwardTls(url, { ...options, agent: isWatch ? false : agent }, take)
        : forward(url, { ...options, agent: false }, take);
      sent.on('error', reject);
      response.on('close', () => sent.destroy());
      sent.end(body);
    });

    async function finish(answer: IncomingMessage): Promise<void> {
      answer.on('error', () => response.destroy());
      if (fault?.kind === 'cut') {
        await cut(answer, response, { isWatch, looksComplete: fault.looksComplete === true });
        return;
      }
      if (fault !== undefined && momentOf(fault) === 'after' && (await interfere(response, fault))) {
        answer.resume();
        return;
      }
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      response.flushHeaders();
      if (isWatch) {
        watches.add(response);
        response.on('close', () => watches.delete(response));
      }
      answer.pipe(response);
    }
  }

  const port = await listenAt(server, 0, host);
  return {
    url: `${identity === undefined ? 'http' : 'https'}://${host}:${port}`,
    requests,
    add: (rule) => {
      rules.add(rule);
      isIdle = true;
    },
    dropWatches: () => {
      for (const watch of watches) watch.destroy();
    },
    clear: () => {
      rules.clear();
      isIdle = false;
    },
    get isIdle() {
      return isIdle;
    },
    stop: async () => {
      agent.destroy();
      await stopHttp(server);
    },
  };
}

/** When the fault comes; undefined: in the answer itself. */
function momentOf(fault: Fault): 'before' | 'after' | undefined {
  if (fault.kind === 'answer') return fault.when ?? 'before';
  return fault.kind === 'cut' || fault.kind === 'delay' ? undefined : fault.when;
}

/** True: the client gets no other answer. */
async function interfere(response: ServerResponse, fault: Fault): Promise<boolean> {
  if (fault.kind === 'call') {
    await fault.work();
    return false;
  }
  if (fault.kind === 'drop') response.destroy();
  if (fault.kind === 'answer') {
    const { status, reason = '', retryAfter, body, type = 'application/json' } = fault;
    const message = `the sandbox answers ${status}`;
    const text =
      body ?? JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code: status, message });
    response
      .writeHead(status, {
        'content-type': type,
        ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
      })
      .end(text);
  }
  return true;
}

/** Passes half of the answer; of a watch, which has no end, half of the first event. */
async function cut(
  answer: IncomingMessage,
  response: ServerResponse,
  { isWatch, looksComplete }: { readonly isWatch: boolean; readonly looksComplete: boolean },
): Promise<void> {
  const { 'content-length': length, ...headers } = answer.headers;
  const isBroken = !looksComplete && length !== undefined;
  response.writeHead(answer.statusCode ?? 500, isBroken ? { ...headers, 'content-length': length } : headers);
  response.flushHeaders();
  const chunks: Buffer[] = [];
  for await (const chunk of answer) {
    chunks.push(chunk);
    if (isWatch) break;
  }
  const body = Buffer.concat(chunks);
  const half = body.subarray(0, Math.floor(body.length / 2));
  if (looksComplete) response.end(half);
  else response.write(half, () => response.destroy());
}
