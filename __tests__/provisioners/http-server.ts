import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { KeyPair } from '../../src/provisioners/atlas/authorization.ts';
import { Deadline } from '../../src/provisioners/deadline.ts';
import type { Sending } from '../../src/provisioners/http/send.ts';
import { ProvisionerError } from '../../src/provisioners/report.ts';

/** A request as it came over the wire. */
export interface Received {
  readonly method: string;
  /** Path and query; of a proxied request the whole address. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly atMs: number;
}

export type Answer = (request: Received, response: ServerResponse) => void;

export interface HttpServer {
  readonly url: string;
  readonly host: string;
  readonly requests: readonly Received[];
  stop(): Promise<void>;
}

const running: HttpServer[] = [];

/** Ends all servers of a test: for `afterEach`. */
export async function stopAll(): Promise<void> {
  for (const server of running.splice(0)) await server.stop();
}

/** A server that gives the answers in turn, and the last one from then on. It is a proxy to itself, too. */
export async function startHttp(...answers: readonly [Answer, ...Answer[]]): Promise<HttpServer> {
  const requests: Received[] = [];
  const record = (request: IncomingMessage, body: string, atMs: number): Received => {
    const { method = '', url: target = '', headers } = request;
    const received = { method, target, headers, body, atMs };
    requests.push(received);
    return received;
  };
  let answered = 0;
  const server = createServer((request, response) => {
    const atMs = Date.now();
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const answer = answers[Math.min(answered, answers.length - 1)];
      answered += 1;
      answer?.(record(request, body, atMs), response);
    });
  });
  const tunnels = new Set<Duplex>();
  server.on('connect', (request, socket) => {
    record(request, '', Date.now());
    tunnels.add(socket);
    socket.on('error', () => socket.destroy());
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    server.emit('connection', socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const host = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const stop = async () => {
    for (const tunnel of tunnels) tunnel.destroy();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  };
  const started = { url: `http://${host}`, host, requests, stop };
  running.push(started);
  return started;
}

/** The root of an API where nobody listens any more. */
export async function unusedUrl(): Promise<string> {
  const server = await startHttp(drop);
  await server.stop();
  return server.url;
}

export function json(status: number, body: unknown = {}, headers: Readonly<Record<string, string>> = {}): Answer {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
}

/** Ends the connection without an answer. */
export const drop: Answer = (_, response) => {
  response.socket?.destroy();
};

export interface Recorded extends Sending {
  readonly lines: string[];
}

/** What requests are sent with: there is time for another attempt within `ms`, and without `ms` for none. */
export function sending(ms = 0): Recorded {
  const lines: string[] = [];
  // A deadline keeps 5 s back for the last words.
  const deadline = new Deadline(Date.now() + 5_000 + ms);
  return { service: 'The API', say: (line) => lines.push(line), deadline, lines };
}

/** The error that a call of a vendor's API ends with. */
export async function failureOf(call: Promise<unknown>): Promise<ProvisionerError> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof ProvisionerError) return outcome;
  throw new Error('The call did not end with an error of a provisioner.', { cause: outcome });
}

/** All that a person sees of an error. */
export function textOf({ code, message, host, hint }: ProvisionerError): string {
  return JSON.stringify({ code, message, host, hint });
}

/** Runs a module in a process of its own; the output is what it prints as JSON. */
export async function runModule(source: string, env: Readonly<Record<string, string>> = {}): Promise<unknown> {
  return await new Promise((resolve, reject) => {
    execFile(process.execPath, ['--input-type=module', '-e', source], { env }, (failure, stdout, stderr) => {
      if (failure === null) resolve(JSON.parse(stdout));
      else reject(new Error(`${failure.message}\n${stderr}`));
    });
  });
}

/** Checks digests as RFC 7616 has them, to the letter: each nonce with counts from 1 upwards, each cnonce once. */
export class DigestGate {
  readonly statuses: number[] = [];
  readonly counts: string[] = [];
  readonly #keys: KeyPair;
  readonly #cnonces = new Set<string>();
  #nonce = 0;
  #count = 0;

  constructor(keys: KeyPair) {
    this.#keys = keys;
  }

  /** From now on the nonce is another one. */
  expire(): void {
    this.#nonce += 1;
    this.#count = 0;
  }

  /** The answer for whoever proves the key; others are challenged. */
  before(answer: Answer): Answer {
    return (received, response) => {
      const fields = fieldsOf(received.headers.authorization ?? '');
      const nonce = `nonce-${this.#nonce}`;
      const isProof = this.#proves(fields, received);
      const isStale = isProof && fields.get('nonce') !== nonce;
      const isNext = Number.parseInt(fields.get('nc') ?? '', 16) === this.#count + 1;
      const cnonce = fields.get('cnonce') ?? '';
      if (!isProof || isStale || !isNext || this.#cnonces.has(cnonce)) {
        this.statuses.push(401);
        const challenge = `Digest realm="${REALM}", domain="", nonce="${nonce}", algorithm=MD5, qop="auth", opaque="op", stale=${isStale}`;
        json(401, { errorCode: 'UNAUTHORIZED' }, { 'www-authenticate': challenge })(received, response);
        return;
      }
      this.#count += 1;
      this.#cnonces.add(cnonce);
      this.statuses.push(200);
      this.counts.push(fields.get('nc') ?? '');
      answer(received, response);
    };
  }

  #proves(fields: ReadonlyMap<string, string>, { method, target, headers }: Received): boolean {
    const of = (name: string) => fields.get(name) ?? '';
    const { publicKey, privateKey } = this.#keys;
    const secret = md5(`${publicKey}:${REALM}:${privateKey}`);
    const proof = [secret, of('nonce'), of('nc'), of('cnonce'), of('qop'), md5(`${method}:${target}`)].join(':');
    const named = {
      username: publicKey,
      realm: REALM,
      opaque: 'op',
      uri: target,
      algorithm: 'MD5',
      response: md5(proof),
    };
    return (
      Object.entries(named).every(([name, value]) => of(name) === value) &&
      of('cnonce') !== '' &&
      // These two are not quoted (RFC 7616, 3.4).
      /, qop=auth(,|$)/.test(headers.authorization ?? '') &&
      /, nc=[0-9a-f]{8}(,|$)/.test(headers.authorization ?? '')
    );
  }
}

const REALM = 'MMS Public API';

function fieldsOf(header: string): Map<string, string> {
  const [, list = ''] = /^Digest (.*)$/.exec(header) ?? [];
  const matches = list.matchAll(/(\w+)=(?:"([^"]*)"|([^",]+))(?:, |$)/g);
  return new Map([...matches].map(([, name = '', quoted, token]) => [name, quoted ?? token ?? '']));
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
