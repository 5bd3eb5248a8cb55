import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { Cluster } from '../../../src/cluster/api/client.ts';
import type { ClusterAccess } from '../../../src/cluster/api/kubeconfig.ts';
import { isWithoutProxy } from '../../../src/cluster/api/proxy.ts';
import { FakeClock } from '../../fake-clock.ts';
import { type ApiServer, sendJson, startApiServer } from '../api-server.ts';

const REF = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one', namespace: 'n' } };
/** A name that the proxy alone knows. */
const HOST = 'api.cluster.invalid';

let api: ApiServer;
let proxy: Server;
let port: number;
let tunnels: string[];
/** Status line of what the proxy answers to CONNECT. */
let answer: string;
beforeEach(async () => {
  api = await startApiServer((_, response) => sendJson(response, 200, REF));
  tunnels = [];
  answer = '200 OK';
  proxy = createServer().on('connect', (request, socket) => {
    tunnels.push(request.headers['proxy-authorization'] ?? 'anonymous');
    socket.write(`HTTP/1.1 ${answer}\r\n\r\n`);
    if (!answer.startsWith('200')) {
      socket.end();
      return;
    }
    if (answer !== '200 OK') {
      socket.end();
      return;
    }
    const upstream = connect(Number(new URL(api.url).port), '127.0.0.1');
    upstream.pipe(socket).pipe(upstream);
    for (const end of [socket, upstream]) end.on('error', () => end.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterEach(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await api.stop();
});

function kubeconfig(cluster: Record<string, string>): ClusterAccess['source'] {
  const config = JSON.parse(api.kubeconfig);
  Object.assign(config.clusters[0].cluster, { server: `https://${HOST}`, 'tls-server-name': 'localhost' }, cluster);
  return { kind: 'content', text: JSON.stringify(config) };
}

async function read(access: ClusterAccess) {
  const cluster = await Cluster.connect(access, { clock: new FakeClock({ isAutomatic: true }) });
  try {
    return await cluster.read(REF);
  } finally {
    await cluster.close();
  }
}

describe('a proxy', () => {
  it.each<[string, () => ClusterAccess, string]>([
    [
      'of HTTPS_PROXY',
      () => ({ source: kubeconfig({}), proxy: { httpsProxy: `http://127.0.0.1:${port}` } }),
      'anonymous',
    ],
    [
      'of HTTPS_PROXY without http://',
      () => ({ source: kubeconfig({}), proxy: { httpsProxy: `localhost:${port}` } }),
      'anonymous',
    ],
    [
      'of HTTP_PROXY, where there is no other',
      () => ({ source: kubeconfig({}), proxy: { httpProxy: `http://127.0.0.1:${port}` } }),
      'anonymous',
    ],
    [
      'with user and password',
      () => ({ source: kubeconfig({}), proxy: { httpsProxy: `http://me:pass%40word@127.0.0.1:${port}` } }),
      `Basic ${Buffer.from('me:pass@word').toString('base64')}`,
    ],
    [
      'of the kubeconfig, which NO_PROXY does not concern',
      () => ({ source: kubeconfig({ 'proxy-url': `http://127.0.0.1:${port}` }), proxy: { noProxy: '*' } }),
      'anonymous',
    ],
    [
      'beside a NO_PROXY of others',
      () => ({
        source: kubeconfig({}),
        proxy: { httpsProxy: `http://127.0.0.1:${port}`, noProxy: '10.0.0.0/8,.other' },
      }),
      'anonymous',
    ],
  ])('%s leads to the API server', async (_, access, asked) => {
    expect(await read(access())).toEqual(REF);
    expect(tunnels).toEqual([asked]);
  });

  it('is not used for a server that NO_PROXY names', async () => {
    const access = {
      source: kubeconfig({}),
      proxy: { httpsProxy: `http://127.0.0.1:${port}`, noProxy: '.cluster.invalid' },
    };
    await expect(read(access)).rejects.toMatchObject({ code: 'cluster-unreachable' });
    expect(tunnels).toEqual([]);
  });

  it.each([
    [
      '403 Forbidden',
      'refused the connection to the Kubernetes API server https://api.cluster.invalid: 403 Forbidden',
      "Allow the API server's address",
    ],
    [
      '407 Proxy Authentication Required',
      ': 407 Proxy Authentication Required',
      'user and password of the proxy in HTTPS_PROXY',
    ],
    ['405 Method Not Allowed', ': 405 Method Not Allowed', 'Check HTTPS_PROXY'],
  ])('that answers CONNECT with %s is named, at once', async (status, message, remedy) => {
    answer = status;
    const access = { source: kubeconfig({}), proxy: { httpsProxy: `http://me:hidden@127.0.0.1:${port}` } };
    const error = await read(access).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'proxy-refused',
      message: expect.stringContaining(`The proxy http://127.0.0.1:${port} (HTTPS_PROXY) refused the connection`),
      remedy: expect.stringContaining(remedy),
    });
    expect(String(error)).toContain(message);
    expect(String(error)).not.toContain('hidden');
    expect(tunnels).toHaveLength(1);
  });

  it.each(['502 Bad Gateway', '503 Service Unavailable', '504 Gateway Timeout'])(
    'that answers CONNECT with %s is asked again, then named',
    async (status) => {
      answer = status;
      const access = { source: kubeconfig({ 'proxy-url': `http://127.0.0.1:${port}` }) };
      await expect(read(access)).rejects.toMatchObject({
        code: 'proxy-refused',
        message: expect.stringContaining(
          `(proxy-url of the kubeconfig) refused the connection to the Kubernetes API server https://${HOST}: ${status}`,
        ),
      });
      expect(tunnels.length).toBeGreaterThan(5);
    },
  );

  it.each([
    ['does not listen', () => proxy.close()],
    ['ends the connection', () => proxy.removeAllListeners('connect').on('connect', (_, socket) => socket.destroy())],
  ])('that %s is named', async (_, breakIt) => {
    breakIt();
    const access = { source: kubeconfig({}), proxy: { httpsProxy: `http://me:hidden@127.0.0.1:${port}` } };
    const error = await read(access).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'proxy-unreachable',
      message: expect.stringContaining(`The proxy http://127.0.0.1:${port} (HTTPS_PROXY) could not be reached:`),
      remedy: expect.stringContaining('HTTPS_PROXY'),
    });
    expect(String(error)).not.toContain('hidden');
  });

  it('with a certificate that nobody trusts is named, at once', async () => {
    const access = { source: kubeconfig({}), proxy: { httpsProxy: api.url } };
    await expect(read(access)).rejects.toMatchObject({
      code: 'proxy-unreachable',
      message: expect.stringContaining(`The proxy ${api.url} (HTTPS_PROXY) could not be reached: `),
      isPermanent: true,
    });
  });

  it('is named where what is behind it fails', async () => {
    answer = '200 OK, but nothing behind it';
    const access = { source: kubeconfig({}), proxy: { httpsProxy: `http://127.0.0.1:${port}` } };
    await expect(read(access)).rejects.toMatchObject({
      code: 'cluster-unreachable',
      message: expect.stringContaining(`through the proxy http://127.0.0.1:${port} (HTTPS_PROXY)`),
    });
  });

  it.each(['foo://host', 'http://', 'ftp://me:hidden@proxy:21'])(
    'of the invalid URL %s is refused',
    async (httpsProxy) => {
      const error = await read({ source: kubeconfig({}), proxy: { httpsProxy } }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'proxy-invalid', message: expect.stringContaining('HTTPS_PROXY (') });
      expect(String(error)).not.toContain('hidden');
    },
  );
});

/** What golang.org/x/net/http/httpproxy, and so kubectl, does with these. */
describe('NO_PROXY', () => {
  const list =
    'foobar.com, .barbaz.net, *.wildcard.io, 192.168.1.1, 192.168.1.2:81, 192.168.1.3:80, 10.0.0.0/30, 2001:db8::52:0:1, [2001:db8::52:0:2]:443, [2001:db8::52:0:3]:80, 2002:db8:a::45/64, ported.org:80, :1, ,10.9.8.7/99';
  it.each([
    ['localhost', true],
    ['127.0.0.1', true],
    ['127.0.0.2', true],
    ['[::1]', true],
    ['[::2]', false],
    ['192.168.1.1', true],
    ['192.168.1.2', false],
    ['192.168.1.3', true],
    ['192.168.1.4', false],
    ['10.0.0.2', true],
    ['10.0.0.4', false],
    ['10.9.8.7', false],
    ['[2001:db8::52:0:1]', true],
    ['[2001:db8::52:0:2]', false],
    ['[2001:db8::52:0:3]', true],
    ['[2002:db8:a::123]', true],
    ['[fe80::424b:c8be:1643:a1b6]', false],
    ['barbaz.net', false],
    ['www.barbaz.net', true],
    ['foobar.com', true],
    ['FooBar.com', true],
    ['www.foobar.com', true],
    ['foofoobar.com', false],
    ['baz.com', false],
    ['localhost.net', false],
    ['local.localhost', false],
    ['barbarbaz.net', false],
    ['wildcard.io', false],
    ['nested.wildcard.io', true],
    ['awildcard.io', false],
    ['ported.org', true],
    ['sub.ported.org', true],
  ])('as kubectl reads it: %s without a proxy: %s', (host, expected) => {
    expect(isWithoutProxy(new URL(`http://${host}:80`), list)).toBe(expected);
  });

  it.each([
    ['https://api.example.org', 'example.org:443', true],
    ['https://api.example.org:6443', 'example.org:443', false],
    ['https://api.example.org:6443', 'example.org:6443', true],
    ['https://10.1.2.3:6443', '10.0.0.0/8', true],
    ['https://10.1.2.3:6443', '10.0.0.0/8:6443', false],
    ['https://www.xn--fsq092h.com', '.示例.com', true],
    ['https://www.示例.com', 'xn--fsq092h.com', true],
    ['https://anything.example.org', '*', true],
    ['https://anything.example.org', 'other, *', true],
    ['https://api.example.org', 'other example.org', true],
    ['https://api.example.org', '', false],
  ])('%s with %s: %s', (server, noProxy, expected) => {
    expect(isWithoutProxy(new URL(server), noProxy)).toBe(expected);
  });
});
