import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { openWorld } from '../world.ts';

const world = await openWorld();
afterAll(() => world.stop());

/** Connects the client of a proxy with a port of this machine. */
function tunnel(client: Duplex, port: number): void {
  const upstream = connect(port, '127.0.0.1');
  upstream.pipe(client).pipe(upstream);
  for (const end of [client, upstream]) end.on('error', () => end.destroy());
}

/** https://datatracker.ietf.org/doc/html/rfc1928, without authentication */
function answerSocks(client: Socket): void {
  client.once('data', () => {
    client.write(Buffer.from([5, 0]));
    client.once('data', (request) => {
      client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
      tunnel(client, Buffer.from(request).readUInt16BE(request.length - 2));
    });
  });
}

const httpProxy = () =>
  createHttpServer().on('connect', ({ url = '' }, client) => {
    client.write('HTTP/1.1 200 OK\r\n\r\n');
    tunnel(client, Number(url.split(':').at(-1)));
  });

// What proxies need is loaded when it is used: a bundle may lack it, and only such a run shows it.
it.each([
  ['http', httpProxy],
  ['socks5', () => createServer(answerSocks)],
] as const)('reaches the API server through the %s proxy of its kubeconfig', async (scheme, start) => {
  const scenario = await world.scenario();
  let tunnels = 0;
  const proxy: Server = start().on('connection', () => {
    tunnels += 1;
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const config = JSON.parse(world.proxy.kubeconfig);
  for (const { cluster } of config.clusters) cluster['proxy-url'] = `${scheme}://127.0.0.1:${port}`;
  const { code, log } = await scenario.run({ inputs: { 'dry-run': 'true', kubeconfig: JSON.stringify(config) } });
  proxy.close();
  expect(log).not.toContain('::error');
  expect(code).toBe(0);
  expect(tunnels).toBeGreaterThan(0);
});
