import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenAt, stopHttp } from '../listening.ts';

/** A request as it came in. */
export interface Incoming {
  readonly method: string;
  /** Path as it was sent, percent-encoded, without the query. */
  readonly path: string;
  /** Path with the query: what an HTTP digest is made of. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** An answer; without a body none is sent. */
export interface Answer {
  readonly status: number;
  /** Names in lower case; without a content-type it is `application/json`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** A request that was made, without its Authorization header. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly contentType: string | undefined;
  readonly accept: string | undefined;
  /** The JSON that was sent, else the text; undefined where nothing was. */
  readonly body: unknown;
  /** Status that was answered; 0 where the connection was dropped. */
  status: number;
  /** Name of the operation in the vendor's document; undefined for a path or method that it does not have. */
  readonly operation: string | undefined;
}

/**
 * What is done to a request: another answer, instead of the work or (`after`) once it is done, which loses the real
 * answer; or the connection is dropped, before or after the work.
 */
export type HttpFault = (Answer & { readonly after?: boolean }) | 'drop' | 'drop-after';
type FaultHook = (method: string, path: string) => HttpFault | undefined;

/** What answers the requests of an API. */
export interface Service {
  operationOf(method: string, path: string): string | undefined;
  answer(incoming: Incoming): Promise<Answer>;
  /** The vendor's form of an error of the service itself, status 500. */
  broken(error: unknown): Answer;
}

export interface Address {
  /** Without it 127.0.0.1. */
  readonly host?: string | undefined;
  /** Without it a free one. */
  readonly port?: number | undefined;
}

/** An API that listens. */
export interface HttpApi {
  readonly host: string;
  readonly port: number;
  /** `http://host:port`, without a slash at the end. */
  readonly url: string;
  /** Every request, oldest first. */
  readonly requests: readonly RecordedRequest[];
  /** Asked for every request, before anything else looks at it. */
  fault: FaultHook | undefined;
  stop(): Promise<void>;
}

/** Starts an HTTP server that hands requests to the service, records them, and fails as its hook asks. */
export async function startHttpApi(service: Service, { host = '127.0.0.1', port = 0 }: Address): Promise<HttpApi> {
  const requests: RecordedRequest[] = [];
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const incoming = await read(request);
    const recorded = record(incoming, service.operationOf(incoming.method, incoming.path));
    requests.push(recorded);
    const fault = api.fault?.(incoming.method, incoming.path);
    if (fault === 'drop') {
      response.destroy();
      return;
    }
    const isInstead = typeof fault === 'object' && fault.after !== true;
    const real = isInstead ? fault : await answerOf(incoming);
    if (fault === 'drop-after') {
      response.destroy();
      return;
    }
    const answer = typeof fault === 'object' ? fault : real;
    recorded.status = answer.status;
    write(response, answer);
  }

  async function answerOf(incoming: Incoming): Promise<Answer> {
    try {
      return await service.answer(incoming);
    } catch (error) {
      return service.broken(error);
    }
  }

  const listening = await listenAt(server, port, host);
  const api: HttpApi = {
    host,
    port: listening,
    url: `http://${host}:${listening}`,
    requests,
    fault: undefined,
    stop: () => stopHttp(server),
  };
  return api;
}

async function read(request: IncomingMessage): Promise<Incoming> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const target = request.url ?? '/';
  return {
    method: request.method ?? '',
    path: target.replace(/\?.*$/s, ''),
    target,
    headers: request.headers,
    text: Buffer.concat(chunks).toString('utf8'),
  };
}

function record({ method, path, target, headers, text }: Incoming, operation: string | undefined): RecordedRequest {
  return {
    method,
    path,
    query: target.slice(path.length),
    contentType: headers['content-type'],
    accept: headers.accept,
    body: text === '' ? undefined : (parseJson(text) ?? text),
    status: 0,
    operation,
  };
}

/** The value of a JSON text; undefined for another text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function write(response: ServerResponse, { status, headers = {}, body }: Answer): void {
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
