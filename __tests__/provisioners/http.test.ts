import path from 'node:path';
import { pathToFileURL } from 'node:url';
import nock from 'nock';
import { AtlasCluster } from '../../src/provisioners/atlas/api.ts';
import { serviceAccount } from '../../src/provisioners/atlas/authorization.ts';
import { DigitaloceanCluster } from '../../src/provisioners/digitalocean/api.ts';
import {
  type ApiAnswer,
  type ApiRequest,
  type Sending,
  send as sendAndRead,
} from '../../src/provisioners/http/send.ts';
import { runModule, startHttp, stopAll } from './http-server.ts';
import { failureOf, skippingClock, testPod, textOf } from './test-pod.ts';
import { API, answerApi, json, network } from './vendor-api.ts';

const MINUTE = 60_000;
const TOKEN = 'the-secret-token';
const SECRET = 'the-client-secret';

beforeAll(network.close);
afterEach(async () => {
  network.clear();
  await stopAll();
});
afterAll(network.restore);

function request({ url }: { readonly url: string } = API): ApiRequest {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  return { method: 'POST', url: `${url}/things?of=mine`, headers, body: '{"name":"a thing"}' };
}

/** Takes the answer as it is. */
const send = (sent: ApiRequest, sending: Sending) => sendAndRead(sent, sending, (answer: ApiAnswer) => answer);

/** The client with so many milliseconds left. */
function client(leftMs = MINUTE) {
  const pod = testPod(leftMs);
  return { service: 'The API', pod, lines: pod.lines };
}

describe('a call that fails', () => {
  it.each([408, 429, 500, 502, 503])('with %i is made again, the same as before', async (status) => {
    const requests = answerApi(json(status), json(200, { ok: true }));
    const patient = client();
    await expect(send(request(), patient)).resolves.toMatchObject({ status: 200, body: { ok: true } });
    expect(requests).toHaveLength(2);
    for (const { method, target, headers, body } of requests) {
      expect({ method, target, body }).toEqual({
        method: 'POST',
        target: '/things?of=mine',
        body: '{"name":"a thing"}',
      });
      expect(headers).toMatchObject({ authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' });
    }
    expect(patient.lines).toEqual([expect.stringMatching(`^The API: answered ${status}; attempt 2 in 0\\.\\d s$`)]);
  });

  it('by a lost connection is made again', async () => {
    nock.enableNetConnect('127.0.0.1');
    const server = await startHttp('drop', 200);
    const patient = client();
    await expect(send(request(server), patient)).resolves.toMatchObject({ status: 200 });
    network.close();
    expect(server.requests).toHaveLength(2);
    expect(patient.lines).toEqual([expect.stringMatching(/^The API: UND_ERR_SOCKET; attempt 2 in 0\.\d s$/)]);
  });

  it('by no answer within 30 seconds is made again', async () => {
    const { timeout } = AbortSignal;
    const limits: number[] = [];
    AbortSignal.timeout = (ms) => {
      limits.push(ms);
      return limits.length === 1 ? AbortSignal.abort(new DOMException('The time is up.', 'TimeoutError')) : timeout(ms);
    };
    answerApi(json(200));
    try {
      await expect(send(request(), client())).resolves.toMatchObject({ status: 200 });
    } finally {
      AbortSignal.timeout = timeout;
    }
    expect(limits).toEqual([30_000, 30_000]);
  });

  it.each([400, 401, 403, 404, 410, 422, 501, 505])('with %i is not made again', async (status) => {
    const requests = answerApi(json(status, { id: 'no' }), json(200));
    const patient = client();
    await expect(send(request(), patient)).rejects.toMatchObject({ status, answer: { body: { id: 'no' } } });
    expect(requests).toHaveLength(1);
    expect(patient.lines).toEqual([]);
  });

  it('is made again until the pod has no time left', async () => {
    const requests = answerApi(json(503));
    await expect(send(request(), client(10_000))).rejects.toMatchObject({ status: 503 });
    // Delays of about 0.5, 1, 2, 4 and 8 s: the last one would pass the 10 s.
    expect(requests.length).toBeGreaterThan(2);
    expect(requests.length).toBeLessThan(7);
  });

  it.each([301, 302, 303, 307, 308])(
    'with the redirect %i is over: the token goes to no other host',
    async (status) => {
      const other = nock('https://other.test').post(/.*/).reply(200).get(/.*/).reply(200);
      const requests = answerApi(json(status, {}, { location: 'https://other.test/elsewhere' }));
      const calls: string[] = [];
      other.on('request', ({ method }) => calls.push(method));
      await expect(send(request(), client())).rejects.toMatchObject({ name: 'TypeError' });
      expect(requests).toHaveLength(1);
      expect(calls).toEqual([]);
    },
  );
});

describe('a wait that the API asks for', () => {
  const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;
  const used = (at: number) => ({ 'ratelimit-remaining': '0', 'ratelimit-reset': String(at) });

  it.each([
    ['Retry-After in seconds', 429, 20, () => ({ 'retry-after': '20' })],
    ['Retry-After as a date', 503, 20, () => ({ 'retry-after': new Date(inSeconds(20) * 1000).toUTCString() })],
    ['ratelimit-reset', 429, 20, () => used(inSeconds(20))],
  ])('by %s is kept', async (_, status, seconds, ask) => {
    const clock = skippingClock(1);
    const began = clock.monotonicMs();
    const pod = testPod(MINUTE, clock);
    const requests = answerApi(json(status, {}, ask()), json(200));
    await send(request(), { service: 'The API', pod });
    expect(requests).toHaveLength(2);
    // The header has whole seconds: up to one of them is gone already.
    expect(clock.monotonicMs() - began).toBeGreaterThan((seconds - 2) * 1000);
    const logged = Number(/attempt 2 in (\d+\.\d) s$/.exec(pod.lines.join())?.[1]);
    expect(logged).toBeLessThanOrEqual(seconds + 0.5);
  });

  it('by ratelimit-reset does not count while requests are left', async () => {
    const requests = answerApi(json(429, {}, { ...used(inSeconds(600)), 'ratelimit-remaining': '7' }), json(200));
    await expect(send(request(), client())).resolves.toMatchObject({ status: 200 });
    expect(requests).toHaveLength(2);
  });

  it.each([
    ['Retry-After in seconds', { 'retry-after': '120' }],
    ['Retry-After as a date', { 'retry-after': new Date(inSeconds(120) * 1000).toUTCString() }],
    ['ratelimit-reset', used(inSeconds(120))],
  ])('by %s ends the call at once where it would take more time than the pod has', async (_, headers) => {
    const requests = answerApi(json(429, {}, headers), json(200));
    const patient = client();
    await expect(send(request(), patient)).rejects.toMatchObject({ status: 429 });
    expect(requests).toHaveLength(1);
    expect(patient.lines).toEqual([]);
  });
});

/** Node reads the variables of a proxy when a process starts. */
describe('in a process of its own', () => {
  const build = path.join(import.meta.dirname, '..', '..', 'build', 'src', 'provisioners');
  const importOf = (name: string, file: string) =>
    `import { ${name} } from ${JSON.stringify(pathToFileURL(path.join(build, file)).href)};`;
  /** Calls the address once, and prints the status or the error's name. */
  const caller = (url: string) => `
    ${importOf('sendOnce', 'http/send.js')}
    const request = { method: 'GET', url: ${JSON.stringify(url)}, headers: { authorization: 'Bearer ${TOKEN}' } };
    const outcome = await sendOnce(request).then(({ status }) => status, ({ name }) => name);
    console.log(JSON.stringify(outcome));
    process.exit();
  `;

  it('calls go through the proxy of the environment', async () => {
    const proxy = await startHttp(207);
    const env = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy.url };
    expect(await runModule(caller('http://api.invalid/x'), env)).toBe(207);
    expect(proxy.requests.at(-1)?.headers).toMatchObject({ host: 'api.invalid', authorization: `Bearer ${TOKEN}` });
  });

  it('calls by https ask the proxy for a tunnel, and do not show it the token', async () => {
    const proxy = await startHttp(207);
    await runModule(caller('https://api.invalid/x'), { NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: proxy.url });
    expect(proxy.requests).toMatchObject([{ method: 'CONNECT', target: 'api.invalid:443' }]);
    expect(JSON.stringify(proxy.requests)).not.toContain(TOKEN);
  });

  it('calls to a host in NO_PROXY go around it', async () => {
    const [proxy, server] = [await startHttp(207), await startHttp(200)];
    const env = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' };
    expect(await runModule(caller(server.url), env)).toBe(200);
    expect(server.requests).toHaveLength(1);
    expect(proxy.requests).toEqual([]);
  });
});

const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** The error that Node's fetch has for a host where nobody listens. */
function refuseConnections(): void {
  const error = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  nock(API.url).persist().get(/.*/).replyWithError(error).post(/.*/).replyWithError(error);
}

describe("an error of DigitalOcean's API", () => {
  const clusterIn = (pod = testPod(0)) =>
    new DigitaloceanCluster({ url: API.url, token: TOKEN, clusterId: 'cluster-1', pod });

  it.each([
    [401, 'digitalocean-token', /input digitalocean-token/],
    [403, 'digitalocean-scope', /input digitalocean-token .*database:view_credentials/],
    [404, 'digitalocean-not-found', /cluster's ID in the settings \(cluster-1\)/],
    [410, 'digitalocean-refused', /request ID/],
    [422, 'digitalocean-refused', /request ID/],
    [429, 'digitalocean-limit', /run again later/],
    [500, 'digitalocean-unavailable', /status\.digitalocean\.com/],
  ])('%i says what was done, what the API said, and what to check', async (status, code, hint) => {
    const requests = answerApi(json(status, { id: 'x', message: 'The reason of it.', request_id: 'req-1' }));
    const failure = await failureOf(clusterIn().read());
    const message = `DigitalOcean's API at ${API.host}: reading the cluster failed: ${status} The reason of it (request req-1).`;
    expect(failure).toMatchObject({ code, message, host: API.host, hint: expect.stringMatching(hint) });
    expect(textOf(failure)).not.toContain(TOKEN);
    expect(requests[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  it('has the request ID of the headers where the body has none, and does with a body that is no JSON', async () => {
    answerApi(() => [401, '<html>', { 'x-request-id': 'req-2' }]);
    const failure = await failureOf(clusterIn().read());
    expect(failure.message).toContain('failed: 401 (request req-2).');
  });

  it('does not show the token in the lines about attempts', async () => {
    answerApi(json(500, { message: 'Down.' }), json(401));
    const pod = testPod(MINUTE);
    await failureOf(clusterIn(pod).read());
    expect(pod.lines).toEqual([expect.stringMatching("^DigitalOcean's API: answered 500; attempt 2 in")]);
  });

  it('says that nobody listens there, under a code in kebab-case', async () => {
    refuseConnections();
    const failure = await failureOf(clusterIn().read());
    expect(failure.message).toMatch(/^DigitalOcean's API at api\.vendor\.test: the connection is refused\.$/);
    expect(textOf(failure)).not.toContain(TOKEN);
    expect(failure.code).toMatch(KEBAB_CASE);
  });
});

describe("an error of Atlas's API", () => {
  const ids = { projectId: 'project-1', clusterName: 'main' };
  const clusterWith = () => {
    const sending = { service: "Atlas's API", pod: testPod(0) };
    const authorization = serviceAccount(API.url, { clientId: 'client-1', clientSecret: SECRET }, sending);
    return new AtlasCluster({ url: API.url, ...ids, authorization, sending });
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
    const requests = answerApi((received) => (received.target === '/api/oauth/token' ? token : refusal)(received));
    const failure = await failureOf(clusterWith().read());
    const message = `Atlas's API at ${API.host}: reading cluster main failed: ${status} The reason of it (A_CODE, request req-1).`;
    expect(failure).toMatchObject({ code, message, host: API.host, hint: expect.stringMatching(hint) });
    for (const secret of secrets) expect(textOf(failure)).not.toContain(secret);
    expect(requests.at(-1)?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  it('says that nobody listens there, under a code in kebab-case', async () => {
    refuseConnections();
    const failure = await failureOf(clusterWith().read());
    expect(failure.message).toMatch(/^Atlas's API at api\.vendor\.test: the connection is refused\.$/);
    for (const secret of secrets) expect(textOf(failure)).not.toContain(secret);
    expect(failure.code).toMatch(KEBAB_CASE);
  });
});
