import { execFile } from 'node:child_process';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import type { Duplex } from 'node:stream';

/** A request as it came over the wire. */
interface Received {
  readonly method: string;
  /** Path and query; of a proxied request the whole address. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

export interface HttpServer {
  readonly url: string;
  readonly requests: readonly Received[];
}

const running: (() => Promise<void>)[] = [];

/** Stops all servers of a test: for `afterEach`. */
export async function stopAll(): Promise<void> {
  for (const stop of running.splice(0)) await stop();
}

/**
 * A server that gives the statuses in turn, and the last one from then on; `drop` ends the connection without an answer.
 * It is a proxy to itself, too.
 */
export async function startHttp(...answers: readonly (number | 'drop')[]): Promise<HttpServer> {
  const requests: Received[] = [];
  const record = ({ method = '', url: target = '', headers }: IncomingMessage) =>
    requests.push({ method, target, headers });
  const server = createServer((request, response) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)] ?? 500;
    record(request);
    request.resume();
    if (answer === 'drop') response.socket?.destroy();
    else response.writeHead(answer, { 'content-type': 'application/json' }).end('{}');
  });
  const tunnels = new Set<Duplex>();
  server.on('connect', (request, socket) => {
    record(request);
    tunnels.add(socket);
    socket.on('error', () => socket.destroy());
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    server.emit('connection', socket);
  });
  const url = await listen(server);
  running.push(async () => {
    for (const tunnel of tunnels) tunnel.destroy();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  });
  return { url, requests };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
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
