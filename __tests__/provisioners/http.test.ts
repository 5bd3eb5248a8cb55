import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { AtlasCluster } from '../../src/provisioners/atlas/api.ts';
import { serviceAccount } from '../../src/provisioners/atlas/authorization.ts';
import { DigitaloceanCluster } from '../../src/provisioners/digitalocean/api.ts';
import { type ApiRequest, send } from '../../src/provisioners/http/send.ts';
import {
  drop,
  failureOf,
  type HttpServer,
  json,
  runModule,
  sending,
  startHttp,
  stopAll,
  textOf,
  unusedUrl,
} from './http-server.ts';

const MINUTE = 60_000;
const TOKEN = 'the-secret-token';
const SECRET = 'the-client-secret';

afterEach(stopAll);

function request({ url }: Pick<HttpServer, 'url'>): ApiRequest {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  return { method: 'POST', url: `${url}/things?of=mine`, headers, body: '{"name":"a thing"}' };
}

describe('a call that fails', () => {
  it.each([
    ['answered 408', json(408)],
    ['answered 429', json(429)],
    ['answered 500', json(500)],
    ['answered 502', json(502)],
    ['answered 503', json(503)],
    ['UND_ERR_SOCKET', drop],
  ])('for a reason that may pass (%s) is made again, the same as before', async (reason, failure) => {
    const server = await startHttp(failure, json(200, { ok: true }));
    const patient = sending(MINUTE);
    await expect(send(request(server), patient)).resolves.toMatchObject({ status: 200, body: { ok: true } });
    expect(server.requests).toHaveLength(2);
    for (const { method, target, headers, body } of server.requests) {
      expect({ method, target, body }).toEqual({
        method: 'POST',
        target: '/things?of=mine',
        body: '{"name":"a thing"}',
      });
      expect(headers).toMatchObject({ authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' });
    }
    expect(patient.lines).toEqual([expect.stringMatching(`^The API: ${reason}; attempt 2 in 0\\.\\d s$`)]);
  });

  it.each([400, 401, 403, 404, 409, 410, 422])('with %i is not made again', async (status) => {
    const server = await startHttp(json(status, { id: 'no' }), json(200));
    const patient = sending(MINUTE);
    await expect(send(request(server), patient)).rejects.toMatchObject({ status, answer: { body: { id: 'no' } } });
    expect(server.requests).toHaveLength(1);
    expect(patient.lines).toEqual([]);
  });

  it('is made again until the deadline is too near', async () => {
    const server = await startHttp(json(503));
    await expect(send(request(server), sending(700))).rejects.toMatchObject({ status: 503 });
    expect(server.requests.length).toBeGreaterThan(1);
    expect(server.requests.length).toBeLessThan(5);
  });

  it.each([301, 302, 303, 307, 308])(
    'with the redirect %i is over: the token goes to no other host',
    async (status) => {
      const other = await startHttp(json(200));
      const server = await startHttp(json(status, {}, { location: `${other.url}/elsewhere` }));
      await expect(send(request(server), sending(MINUTE))).rejects.toMatchObject({ name: 'TypeError' });
      expect(server.requests).toHaveLength(1);
      expect(other.requests).toEqual([]);
    },
  );
});

describe('a wait that the API asks for', () => {
  const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;
  const used = (at: number) => ({ 'ratelimit-remaining': '0', 'ratelimit-reset': String(at) });

  it.each([
    ['Retry-After in seconds', 429, 1, () => ({ until: Date.now() + 1000, headers: { 'retry-after': '1' } })],
    [
      'Retry-After as a date',
      503,
      2,
      () => {
        const until = inSeconds(2) * 1000;
        return { until, headers: { 'retry-after': new Date(until).toUTCString() } };
      },
    ],
    [
      'ratelimit-reset',
      429,
      2,
      () => {
        const until = inSeconds(2);
        return { until: until * 1000, headers: used(until) };
      },
    ],
  ])('by %s is kept', async (_, status, atMostSeconds, ask) => {
    const { until, headers } = ask();
    const server = await startHttp(json(status, {}, headers), json(200));
    const patient = sending(MINUTE);
    await send(request(server), patient);
    expect(server.requests).toHaveLength(2);
    // Timers of Node may be a millisecond early.
    expect(server.requests[1]?.atMs).toBeGreaterThanOrEqual(until - 5);
    const said = Number(/attempt 2 in (\d+\.\d) s$/.exec(patient.lines.join())?.[1]);
    expect(said).toBeLessThanOrEqual(atMostSeconds + 0.5);
  });

  it('by ratelimit-reset does not count while requests are left', async () => {
    const server = await startHttp(json(429, {}, { ...used(inSeconds(600)), 'ratelimit-remaining': '7' }), json(200));
    await expect(send(request(server), sending(MINUTE))).resolves.toMatchObject({ status: 200 });
  });

  it.each([
    ['Retry-After in seconds', { 'retry-after': '120' }],
    ['Retry-After as a date', { 'retry-after': new Date(inSeconds(120) * 1000).toUTCString() }],
    ['ratelimit-reset', used(inSeconds(120))],
  ])('by %s and would pass the deadline ends the call at once', async (_, headers) => {
    const server = await startHttp(json(429, {}, headers), json(200));
    const patient = sending(MINUTE);
    await expect(send(request(server), patient)).rejects.toMatchObject({ status: 429 });
    expect(server.requests).toHaveLength(1);
    expect(patient.lines).toEqual([]);
  });
});

describe('in a process of its own', () => {
  const build = path.join(import.meta.dirname, '..', '..', 'build', 'src', 'provisioners');
  const importOf = (name: string, file: string) =>
    `import { ${name} } from ${JSON.stringify(pathToFileURL(path.join(build, file)).href)};`;
  /** Calls the address, and prints the status or the error's name. */
  const caller = (url: string) => `
    ${importOf('send', 'http/send.js')}
    ${importOf('Deadline', 'deadline.js')}
    const limits = [];
    const { timeout } = AbortSignal;
    AbortSignal.timeout = (ms) => (limits.push(ms), timeout.call(AbortSignal, process.env.HASTE && limits.length === 1 ? 200 : ms));
    const sending = { service: 'The API', say: () => {}, deadline: new Deadline(Date.now() + 20_000) };
    const request = { method: 'GET', url: ${JSON.stringify(url)}, headers: { authorization: 'Bearer ${TOKEN}' } };
    const outcome = await send(request, sending).then(({ status }) => status, ({ name }) => name);
    console.log(JSON.stringify({ outcome, limits }));
    process.exit();
  `;

  it('a call without an answer ends after its 30 seconds, and is made again', async () => {
    const server = await startHttp(() => undefined, json(200));
    const result = await runModule(caller(server.url), { HASTE: 'true' });
    expect(result).toEqual({ outcome: 200, limits: [30_000, 30_000] });
    expect(server.requests).toHaveLength(2);
  });

  it('calls go through the proxy of the environment', async () => {
    const proxy = await startHttp(json(207));
    const result = await runModule(caller('http://api.invalid/x'), { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy.url });
    expect(result).toMatchObject({ outcome: 207 });
    expect(proxy.requests.at(-1)?.headers).toMatchObject({ host: 'api.invalid', authorization: `Bearer ${TOKEN}` });
  });

  it('calls by https ask the proxy for a tunnel, and do not show it the token', async () => {
    const proxy = await startHttp(json(207));
    await runModule(caller('https://api.invalid/x'), { NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: proxy.url });
    expect(proxy.requests).toMatchObject([{ method: 'CONNECT', target: 'api.invalid:443' }]);
    expect(JSON.stringify(proxy.requests)).not.toContain(TOKEN);
  });

  it('calls to a host in NO_PROXY do not', async () => {
    const [proxy, server] = [await startHttp(json(207)), await startHttp(json(200))];
    const env = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' };
    expect(await runModule(caller(server.url), env)).toMatchObject({ outcome: 200 });
    expect(server.requests).toHaveLength(1);
    expect(proxy.requests).toEqual([]);
  });
});

const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*$/;

describe("an error of DigitalOcean's API", () => {
  const clusterAt = (url: string, with_ = sending()) =>
    new DigitaloceanCluster({ url, token: TOKEN, clusterId: 'cluster-1', sending: with_ });

  it.each([
    [401, 'digitalocean-token', /input digitalocean-token/],
    [403, 'digitalocean-scope', /input digitalocean-token .*database:view_credentials/],
    [404, 'digitalocean-not-found', /cluster's ID in the settings \(cluster-1\)/],
    [410, 'digitalocean-refused', /request ID/],
    [422, 'digitalocean-refused', /request ID/],
    [429, 'digitalocean-limit', /run again later/],
    [500, 'digitalocean-unavailable', /status\.digitalocean\.com/],
  ])('%i says what was done, what the API said, and what to check', async (status, code, hint) => {
    const server = await startHttp(json(status, { id: 'x', message: 'The reason of it.', request_id: 'req-1' }));
    const failure = await failureOf(clusterAt(server.url).read());
    const message = `DigitalOcean's API at ${server.host}: reading the cluster failed: ${status} The reason of it (request req-1).`;
    expect(failure).toMatchObject({ code, message, host: server.host, hint: expect.stringMatching(hint) });
    expect(textOf(failure)).not.toContain(TOKEN);
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  it('has the request ID of the headers where the body has none, and does with a body that is no JSON', async () => {
    const page = await startHttp((_, response) => response.writeHead(401, { 'x-request-id': 'req-2' }).end('<html>'));
    const failure = await failureOf(clusterAt(page.url).read());
    expect(failure.message).toContain('failed: 401 (request req-2).');
  });

  it('does not show the token in the lines about attempts', async () => {
    const server = await startHttp(json(500, { message: 'Down.' }), json(401));
    const patient = sending(MINUTE);
    await failureOf(clusterAt(server.url, patient).read());
    expect(patient.lines).toEqual([expect.stringMatching("^DigitalOcean's API: answered 500; attempt 2 in")]);
  });

  it('says that nobody listens there, under a code in kebab-case', async () => {
    const failure = await failureOf(clusterAt(await unusedUrl()).read());
    expect(failure.message).toMatch(/^DigitalOcean's API at 127\.0\.0\.1:\d+: the connection is refused\.$/);
    expect(textOf(failure)).not.toContain(TOKEN);
    expect(failure.code).toMatch(KEBAB_CASE);
  });
});

describe("an error of Atlas's API", () => {
  const ids = { projectId: 'project-1', clusterName: 'main' };
  const clusterAt = (url: string) => {
    const authorization = serviceAccount(url, { clientId: 'client-1', clientSecret: SECRET }, sending());
    return new AtlasCluster({ url, ...ids, authorization, sending: sending() });
  };
  const secrets = [TOKEN, SECRET, Buffer.from(`client-1:${SECRET}`).toString('base64')];

  it.each([
    [401, 'atlas-keys', /atlas-client-id and atlas-client-secret, or atlas-public-key and atlas-private-key/],
    [403, 'atlas-rights', /Project Database Access Admin/],
    [404, 'atlas-not-found', /atlas-project-id \(project-1\) and atlas-cluster-name \(main\)/],
    [410, 'atlas-version', /newer version of the action/],
    [422, 'atlas-refused', /reference of the API/],
    [429, 'atlas-limit', /run again later/],
    [500, 'atlas-unavailable', /status\.mongodb\.com/],
  ])('%i says what was done, what the API said, and what to check', async (status, code, hint) => {
    const refusal = json(status, { detail: 'The reason of it.', errorCode: 'A_CODE' }, { 'x-request-id': 'req-1' });
    const token = json(200, { access_token: TOKEN, expires_in: 3600 });
    const server = await startHttp((received, response) =>
      (received.target === '/api/oauth/token' ? token : refusal)(received, response),
    );
    const failure = await failureOf(clusterAt(server.url).connectionStrings());
    const message = `Atlas's API at ${server.host}: reading cluster main failed: ${status} The reason of it (A_CODE, request req-1).`;
    expect(failure).toMatchObject({ code, message, host: server.host, hint: expect.stringMatching(hint) });
    for (const secret of secrets) expect(textOf(failure)).not.toContain(secret);
    expect(server.requests.at(-1)?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  it('says that nobody listens there, under a code in kebab-case', async () => {
    const failure = await failureOf(clusterAt(await unusedUrl()).connectionStrings());
    expect(failure.message).toMatch(/^Atlas's API at 127\.0\.0\.1:\d+: the connection is refused\.$/);
    for (const secret of secrets) expect(textOf(failure)).not.toContain(secret);
    expect(failure.code).toMatch(KEBAB_CASE);
  });
});
