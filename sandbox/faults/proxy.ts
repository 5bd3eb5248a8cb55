import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request as forward, type RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { kubeconfig } from '../kubernetes/server.ts';
import { listenAt, stopHttp } from '../listening.ts';
import { localIdentity } from '../tls.ts';

/** A request that went through. */
interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: string;
  status: number;
}

/** What is done to a request that a rule is for. */
type Fault =
  | { readonly kind: 'answer'; readonly status: number; readonly reason?: string; readonly retryAfter?: number }
  /** The connection is dropped, before or after the API server has done what it was asked. */
  | { readonly kind: 'drop'; readonly when: 'before' | 'after' }
  | { readonly kind: 'delay'; readonly ms: number }
  /** Watches end with the API server's event for a resourceVersion that is too old. */
  | { readonly kind: 'gone' }
  /** Something is done before the API server gets the request, or before the client gets its answer. */
  | { readonly kind: 'call'; readonly when: 'before' | 'after'; readonly work: () => void | Promise<void> };

interface Rule {
  readonly method?: string;
  readonly path: RegExp;
  readonly fault: Fault;
  /** How many requests it is for; without a number all. */
  readonly times?: number;
}

/** A proxy before a Kubernetes API, the sandbox's or a real one, that can make it misbehave. */
export interface FaultProxy {
  /** Kubeconfig of the way through the proxy. */
  readonly kubeconfig: string;
  readonly requests: readonly Recorded[];
  add(rule: Rule): void;
  /** Ends all open watches, as a load balancer does that drops its connections. */
  dropWatches(): void;
  /** Forgets all rules. */
  clear(): void;
  stop(): Promise<void>;
}

/** @param target kubeconfig, as text, of the API server */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const upstream = new KubeConfig();
  upstream.loadFromString(target);
  const server = upstream.getCurrentCluster()?.server ?? '';
  const agent = new Agent({ keepAlive: true });
  const identity = await localIdentity();
  const token = 'through-the-proxy';
  const requests: Recorded[] = [];
  const rules: { rule: Rule; left: number }[] = [];
  const watches = new Set<ServerResponse>();
  const front = createServer({ key: identity.key, cert: identity.cert }, (incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const url = new URL(incoming.url ?? '/', server);
    const body = Buffer.concat(chunks);
    const recorded = {
      method: incoming.method ?? '',
      path: url.pathname,
      query: url.search,
      body: body.toString('utf8'),
      status: 0,
    };
    requests.push(recorded);
    response.on('finish', () => {
      recorded.status = response.statusCode;
    });
    const fault = faultFor(recorded);
    if (fault?.kind === 'answer') {
      refuse(response, fault);
      return;
    }
    if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.ms));
    if (fault?.kind === 'drop' && fault.when === 'before') {
      response.destroy();
      return;
    }
    if (fault?.kind === 'call' && fault.when === 'before') await fault.work();
    // The client has closed the connection meanwhile.
    if (response.closed) return;
    if (fault?.kind === 'gone') {
      const object = {
        kind: 'Status',
        status: 'Failure',
        reason: 'Expired',
        code: 410,
        message: 'too old resource version',
      };
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
      return;
    }
    await pass(incoming, body, url, response, fault);
  }

  function faultFor({ method, path, query }: Recorded): Fault | undefined {
    const found = rules.find(
      ({ rule, left }) => left > 0 && (rule.method ?? method) === method && rule.path.test(path + query),
    );
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.rule.fault;
  }

  async function pass(
    incoming: IncomingMessage,
    body: Buffer,
    url: URL,
    response: ServerResponse,
    fault: Fault | undefined,
  ): Promise<void> {
    const { authorization: _, host: __, ...headers } = incoming.headers;
    const options: RequestOptions = { method: incoming.method ?? 'GET', headers: { ...headers } };
    await upstream.applyToHTTPSOptions(options);
    const merged = { ...headers, ...options.headers };
    const isWatch = url.searchParams.get('watch') === 'true';
    await new Promise<void>((resolve, reject) => {
      const sent = forward(url, { ...options, headers: merged, agent: isWatch ? false : agent }, (answer) => {
        finish(answer).then(resolve, reject);
      });
      sent.on('error', reject);
      response.on('close', () => sent.destroy());
      sent.end(body);
    });

    async function finish(answer: IncomingMessage): Promise<void> {
      if (fault?.kind === 'drop') {
        answer.resume();
        response.destroy();
        return;
      }
      if (fault?.kind === 'call' && fault.when === 'after') await fault.work();
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      response.flushHeaders();
      if (isWatch) {
        watches.add(response);
        response.on('close', () => watches.delete(response));
      }
      answer.on('error', () => response.destroy());
      answer.pipe(response);
    }
  }

  const port = await listenAt(front);
  return {
    kubeconfig: kubeconfig(`https://127.0.0.1:${port}`, identity.cert, token),
    requests,
    add: (rule) => {
      rules.push({ rule, left: rule.times ?? Number.POSITIVE_INFINITY });
    },
    dropWatches: () => {
      for (const watch of watches) watch.destroy();
    },
    clear: () => {
      rules.length = 0;
    },
    stop: async () => {
      agent.destroy();
      await stopHttp(front);
    },
  };
}

function refuse(
  response: ServerResponse,
  { status, reason = '', retryAfter }: Extract<Fault, { kind: 'answer' }>,
): void {
  const headers = {
    'content-type': 'application/json',
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  };
  const message = `the sandbox answers ${status}`;
  response
    .writeHead(status, headers)
    .end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code: status, message }));
}
