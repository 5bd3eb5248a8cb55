import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { Cluster } from '../../../src/cluster/api/client.ts';
import { FakeClock } from '../../fake-clock.ts';
import { type ApiServer, sendJson, startApiServer } from '../api-server.ts';

const TYPE = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'n' };
const REF = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one', namespace: 'n' } };
const LIST = { kind: 'ConfigMapList', metadata: { resourceVersion: '5' }, items: [REF] };
const TEXT = JSON.stringify({ ...REF, data: { key: 'hidden-value' } });

let api: ApiServer;
let cluster: Cluster;
let clock: FakeClock;
let lines: string[];
type Answer = (response: ServerResponse) => unknown;
/** What the server does with each request, in turn; the last one counts for all that follow. */
let answers: Answer[];
beforeEach(async () => {
  lines = [];
  clock = new FakeClock({ isAutomatic: true });
  api = await startApiServer((_, response) => (answers.length > 1 ? answers.shift() : answers[0])?.(response));
  const options = { clock, onRetry: (line: string) => lines.push(line) };
  cluster = await Cluster.connect({ source: { kind: 'content', text: api.kubeconfig } }, options);
});
afterEach(async () => {
  await cluster.close();
  await api.stop();
});

const found: Answer = (response) => sendJson(response, 200, REF);
const json =
  (body: unknown, status = 200): Answer =>
  (response) =>
    sendJson(response, status, body);
const sends =
  (
    body: string | Buffer,
    headers: Record<string, string> = { 'content-type': 'application/json' },
    status = 200,
  ): Answer =>
  (response) =>
    response.writeHead(status, headers).end(body);
/** Bytes as they are, and then the end of the connection. */
const raw =
  (text: string): Answer =>
  ({ socket }) =>
    socket?.end(text);
const head = (...headers: string[]) =>
  ['HTTP/1.1 200 OK', 'content-type: application/json', ...headers, '', ''].join('\r\n');
const page = (title: string) => `<!DOCTYPE html>\n<html><head><title>${title}</title></head></html>`;
const html = { 'content-type': 'text/html; charset=utf-8' };
const status = (message: string) => ({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 500, message });

const CUT: [string, Answer][] = [
  ['a chunked body that is cut', raw(`${head('transfer-encoding: chunked')}ff\r\n${TEXT.slice(0, 20)}`)],
  ['a chunked body without its end', raw(`${head('transfer-encoding: chunked')}5\r\n{"a":\r\n`)],
  ['a broken chunk', raw(`${head('transfer-encoding: chunked')}zz\r\n${TEXT}\r\n0\r\n\r\n`)],
  ['a body that is shorter than its content-length', raw(`${head('content-length: 1000')}${TEXT}`)],
  ['headers that are cut', raw('HTTP/1.1 200 OK\r\ncontent-ty')],
  ['something that is not HTTP', raw('SSH-2.0-OpenSSH_9.6\r\n')],
  ['a body that is no gzip, but says so', sends(TEXT, { 'content-encoding': 'gzip' })],
  ['a body that is no deflate, but says so', sends(TEXT, { 'content-encoding': 'deflate' })],
  ['no answer', ({ socket }) => socket?.destroy()],
];

const INVALID: [string, Answer, string][] = [
  ['a body that is longer than its content-length', raw(`${head('content-length: 20')}${TEXT}`), 'not whole JSON'],
  ['a body without a length that is cut', raw(`${head('connection: close')}${TEXT.slice(0, 40)}`), 'not whole JSON'],
  ['gzip that is cut', sends(gzipSync(TEXT).subarray(0, 30), { 'content-encoding': 'gzip' }), 'not'],
  ['an empty body', sends(''), 'an empty body'],
  ['204', sends('', {}, 204), 'an empty body'],
  ['a page', sends(page('Sign in'), html), 'an HTML page (Sign in)'],
  ['a page that says it is JSON', sends(page('Sign in')), 'an HTML page (Sign in)'],
  ['a page without a type', sends(page('Sign in'), {}), 'an HTML page (Sign in)'],
  ['a page without a title', sends('<html></html>', html), 'an HTML page'],
  ['a text', sends('OK', { 'content-type': 'text/plain' }), 'not whole JSON'],
  ['null', json(null), 'not a Kubernetes object'],
  ['a list of JSON', json([REF]), 'not a Kubernetes object'],
  ['a text of JSON', json('OK'), 'not a Kubernetes object'],
  ['a mapping of another program', json({ status: 'ok' }), 'not a Kubernetes object'],
  ['an object without a kind', json({ metadata: { name: 'one' } }), 'not a Kubernetes object'],
  ['an object of another kind', json({ kind: 'Secret', metadata: {} }), 'an object of kind Secret'],
  ['a failure in a 200', json(status('etcdserver: leader changed')), 'a Status (etcdserver: leader changed)'],
  ['a success that is not what was asked for', json({ kind: 'Status', status: 'Success' }), 'an object of kind Status'],
  ['a redirection to nowhere', sends('', {}, 302), 'an HTML page or nothing'],
  ['the 404 of a gateway', sends(page('404 Not Found'), html, 404), 'an HTML page (404 Not Found)'],
  ['the 404 of an ingress', sends('default backend - 404', {}, 404), 'a text'],
  ['a 404 without a body', sends('', {}, 404), 'or nothing'],
  ['the 403 of a firewall', sends(page('Request blocked'), html, 403), 'an HTML page (Request blocked)'],
];

describe('an answer', () => {
  it.each([...CUT, ...INVALID].map(([name, fault]) => [name, fault] as const))(
    'of %s is asked for again',
    async (_, fault) => {
      answers = [fault, found];
      expect(await cluster.read(REF)).toEqual(REF);
      expect(api.requests).toHaveLength(2);
      expect(lines).toEqual([expect.stringMatching(/\. Attempt 2 in 0\.\d s, for (59|60) s at most\.$/)]);
    },
  );

  it.each(CUT)('of %s for a minute ends in one error', async (_, fault) => {
    answers = [fault];
    await expect(cluster.read(REF)).rejects.toMatchObject({
      code: 'cluster-unreachable',
      message: expect.stringContaining('GET /api/v1/namespaces/n/configmaps/one'),
    });
    expect(clock.monotonicMs()).toBeLessThanOrEqual(60_000);
    expect(api.requests.length).toBeLessThan(20);
  });

  it.each(INVALID)('of %s for a minute ends in one error that says what it is', async (_, fault, what) => {
    answers = [fault];
    const error = await cluster.read(REF).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'cluster-answer-invalid',
      message: expect.stringContaining(what),
      remedy: expect.stringContaining('what is before it'),
    });
    expect(String(error)).not.toContain('hidden-value');
    expect(clock.monotonicMs()).toBeLessThanOrEqual(60_000);
    expect(api.requests.length).toBeLessThan(20);
  });

  it.each([401, 403, 404, 409, 422, 500])('%i whose body is cut is asked for again', async (code) => {
    const cut = `HTTP/1.1 ${code} No\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"kind":"Sta`;
    answers = [raw(cut), found];
    expect(await cluster.read(REF)).toEqual(REF);
    answers = [raw(cut)];
    await expect(cluster.read(REF)).rejects.toMatchObject({
      code: 'cluster-unreachable',
      message: expect.stringContaining(`cut its answer (${code}) to GET`),
    });
  });

  it.each([500, 502, 503, 504])('%i with a page shows its title, not its markup', async (code) => {
    answers = [sends(page(`${code} from nginx`), html, code)];
    const error = await cluster.read(REF).catch(String);
    expect(error).toContain(`an HTML page (${code} from nginx)`);
    expect(error).not.toContain('<');
  });

  it.each([
    ['to a read that does not come', () => cluster.read(REF), (): Answer => () => clock.advance(30_000)],
    [
      'to a read that stands still in the middle',
      () => cluster.read(REF),
      (): Answer => (response) =>
        response.writeHead(200, { 'content-length': '500' }).write('{"kind":', () => clock.advance(30_000)),
    ],
    [
      'to a change that does not come',
      () => cluster.apply(REF, { force: true }),
      (): Answer => () => clock.advance(30_000),
    ],
  ])('%s is asked for again after 30 s', async (_, send, fault) => {
    answers = [fault(), found];
    expect(await send()).toEqual(REF);
    expect(api.requests).toHaveLength(2);
    expect(lines).toEqual([expect.stringContaining('none within 30 s')]);
  });

  it.each([
    ['an apply', () => cluster.apply(REF, { force: true })],
    ['a patch', () => cluster.patch(REF, { data: {} })],
    ['a replacement', () => cluster.replace({ ...REF, metadata: { ...REF.metadata, resourceVersion: '1' } })],
    ['a question', () => cluster.ask(REF)],
    ['a list', () => cluster.list(TYPE)],
    ['a creation', () => cluster.create(REF)],
    ['a deletion', () => cluster.delete(REF)],
    ['the kinds of a group', () => cluster.kinds('argoproj.io/v1alpha1')],
  ])('to %s is one of its own kind', async (_, send) => {
    answers = [json({ kind: 'Other', metadata: {}, items: [] })];
    await expect(send()).rejects.toMatchObject({ code: 'cluster-answer-invalid' });
  });

  it('to a deletion is the object, or that it is done', async () => {
    answers = [json({ kind: 'Status', status: 'Success' })];
    expect(await cluster.delete(REF)).toBe(true);
    answers = [found];
    expect(await cluster.delete(REF)).toBe(true);
    answers = [json(status('no'))];
    await expect(cluster.delete(REF)).rejects.toMatchObject({ code: 'cluster-answer-invalid' });
  });

  it('to the log of a pod may be any text, but not a page', async () => {
    answers = [sends('<html> is what the program wrote', { 'content-type': 'text/plain' })];
    expect(await cluster.podLog('n', 'pod', 'main', 5)).toBe('<html> is what the program wrote');
    answers = [sends(page('Sign in'), html)];
    await expect(cluster.podLog('n', 'pod', 'main', 5)).rejects.toMatchObject({ code: 'cluster-answer-invalid' });
  });

  it.each([
    ['a Status', json({ kind: 'Status', reason: 'NotFound', message: 'configmaps "one" not found' }, 404)],
    [
      'what it answers where a kind is not served',
      sends('404 page not found\n', { 'content-type': 'text/plain' }, 404),
    ],
  ])('404 by %s is no object, at once', async (_, answer) => {
    answers = [answer];
    expect(await cluster.read(REF)).toBeUndefined();
    expect(api.requests).toHaveLength(1);
  });
});

describe('a list', () => {
  it.each<[string, Answer]>([
    ['is cut', raw(`${head('transfer-encoding: chunked')}ff\r\n${JSON.stringify(LIST).slice(0, 60)}`)],
    ['ends early', raw(`${head('connection: close')}${JSON.stringify(LIST).slice(0, -2)}`)],
    ['has no items', json({ ...LIST, items: undefined })],
    ['has items that are no list', json({ ...LIST, items: {} })],
    ['has no metadata', json({ ...LIST, metadata: undefined })],
    ['is one object', json(REF)],
  ])('that %s is asked for again', async (_, fault) => {
    answers = [fault, json(LIST)];
    expect(await cluster.list(TYPE)).toEqual({ items: [REF], resourceVersion: '5' });
    expect(api.requests).toHaveLength(2);
  });

  it('may be empty in each way that Go writes', async () => {
    for (const items of [[], null]) {
      answers = [json({ ...LIST, items })];
      expect(await cluster.list(TYPE)).toEqual({ items: [], resourceVersion: '5' });
    }
  });

  it('is begun again when a page has expired', async () => {
    const first = json({ ...LIST, metadata: { resourceVersion: '5', continue: 'next' } });
    const expired = json({ kind: 'Status', reason: 'Expired', message: 'the continue token is too old' }, 410);
    answers = [first, expired, json(LIST)];
    expect((await cluster.list(TYPE)).items).toEqual([REF]);
    answers = [first, expired, first, expired, first, expired, first, expired];
    await expect(cluster.list(TYPE)).rejects.toMatchObject({ status: 410 });
  });

  it('whose pages begin again has an end', async () => {
    answers = [json({ ...LIST, metadata: { resourceVersion: '5', continue: 'same' } })];
    await expect(cluster.list(TYPE)).rejects.toMatchObject({ code: 'cluster-answer-invalid' });
    expect(api.requests).toHaveLength(2);
  });
});

describe('a conflict', () => {
  const conflict = json({ kind: 'Status', reason: 'Conflict', message: 'the object has been modified' }, 409);
  const ofFields = json(
    {
      kind: 'Status',
      reason: 'Conflict',
      message: 'conflict with "kubectl"',
      details: { causes: [{ reason: 'FieldManagerConflict', field: '.data.key' }] },
    },
    409,
  );
  const version = { ...REF, metadata: { ...REF.metadata, resourceVersion: '1' } };

  it.each([
    ['a creation', () => cluster.create(REF)],
    ['an apply', () => cluster.apply(REF, { force: false })],
    ['a forced apply', () => cluster.apply(REF, { force: true })],
    ['a patch', () => cluster.patch(REF, { data: {} })],
    ['a deletion', () => cluster.delete(REF)],
  ])('of %s is between other writes: it is sent again', async (_, send) => {
    answers = [conflict, conflict, found];
    expect(await send()).toBeTruthy();
    expect(api.requests).toHaveLength(3);
    answers = [conflict];
    await expect(send()).rejects.toMatchObject({ status: 409 });
    expect(api.requests.length).toBeLessThan(25);
  });

  it.each([
    [
      'a creation of what exists',
      () => cluster.create(REF),
      json({ kind: 'Status', reason: 'AlreadyExists', message: 'x' }, 409),
    ],
    ['an apply of fields of another', () => cluster.apply(REF, { force: false }), ofFields],
    ['a patch of a version', () => cluster.patch(REF, { metadata: { resourceVersion: '1' } }), conflict],
    ['a replacement of a version', () => cluster.replace(version), conflict],
    ['a deletion of a UID', () => cluster.delete(REF, { uid: 'u' }), conflict],
    ['a deletion of a version', () => cluster.delete(REF, { resourceVersion: '1' }), conflict],
  ])('of %s is for the caller, at once', async (_, send, answer) => {
    answers = [answer];
    await expect(send()).rejects.toMatchObject({ status: 409 });
    expect(api.requests).toHaveLength(1);
  });
});
