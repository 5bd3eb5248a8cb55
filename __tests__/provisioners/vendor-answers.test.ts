import { AtlasCluster } from '../../src/provisioners/atlas/api.ts';
import { type Authorization, serviceAccount } from '../../src/provisioners/atlas/authorization.ts';
import { DigitaloceanCluster } from '../../src/provisioners/digitalocean/api.ts';
import type { ManagedUser } from '../../src/provisioners/digitalocean/managed-cluster.ts';
import { failureOf, skippingClock, testPod, textOf } from './test-pod.ts';
import { type Answer, API, answerApi, json, network } from './vendor-api.ts';

beforeAll(network.close);
afterEach(network.clear);
afterAll(network.restore);

const MINUTE = 60_000;
const CLUSTER = '9cc10173-e9ea-4176-9dbc-a4cee4c4ff30';
const PROJECT = '32b6e34b3d91647abb20e7b8';
const PAGE: Answer = () => [200, '<html>Please log in</html>', { 'content-type': 'text/html; charset=utf-8' }];
const CUT: Answer = () => [200, '{"database":{"engi', { 'content-type': 'application/json' }];
const GONE: Answer = () => [204, '', {}];
const EMPTY: Answer = () => [200, '', {}];

const digitalocean = (pod = testPod(MINUTE)) =>
  new DigitaloceanCluster({ url: API.url, token: 'token', clusterId: CLUSTER, pod });
const bearer: Authorization = { headers: async () => ({}), learn: () => false };
const atlas = (authorization = bearer, pod = testPod(MINUTE)) =>
  new AtlasCluster({
    url: API.url,
    projectId: PROJECT,
    clusterName: 'main',
    authorization,
    sending: { service: "Atlas's API", pod },
  });
const keep = (work: () => Promise<ManagedUser>) => work();
const SETTINGS = { databases: ['app'], role: 'readWrite' } as const;
const ROLES = [{ databaseName: 'app', roleName: 'readWrite' }];

/** Each call of the APIs with a right answer, and an answer that lacks what the vendor's document requires. */
const CALLS: readonly (readonly [string, () => Promise<unknown>, object, object, string])[] = [
  ['cluster', () => digitalocean().read(), { database: { engine: 'mysql' } }, { database: {} }, 'database.engine'],
  ['certificate', () => digitalocean().authority(), { ca: { certificate: 'YQ==' } }, { ca: {} }, 'ca.certificate'],
  ['databases', () => digitalocean().databases(), { dbs: [] }, { databases: [] }, 'dbs'],
  ['new database', () => digitalocean().createDatabase('app'), { db: { name: 'app' } }, { db: {} }, 'db.name'],
  ['user', () => digitalocean().findUser('u'), { user: { name: 'u' } }, { user: { role: 'normal' } }, 'user.name'],
  ['new user', () => digitalocean().createUser('u', SETTINGS, keep), { user: { name: 'u' } }, {}, 'user.name'],
  ['new password', () => digitalocean().resetPassword('u', keep), { user: { name: 'u' } }, { user: {} }, 'user.name'],
  ['changed user', () => digitalocean().updateUser('u', SETTINGS), { user: { name: 'u' } }, {}, 'user.name'],
  ['cluster of Atlas', () => atlas().read(), { stateName: 'IDLE' }, { connectionStrings: {} }, 'stateName'],
  ['state of changes', () => atlas().isApplied(), { changeStatus: 'APPLIED' }, {}, 'changeStatus'],
  ['user of Atlas', () => atlas().findUser('u'), { username: 'u' }, { roles: [] }, 'username'],
  ['new user of Atlas', () => atlas().createUser('u', 'password', ROLES), { username: 'u' }, {}, 'username'],
  ['changed user of Atlas', () => atlas().updateUser('u', { roles: ROLES }), { username: 'u' }, {}, 'username'],
];

describe('an answer of success that is not what the document says', () => {
  it.each(CALLS)('(%s) is asked for again', async (_, call, right, lacking) => {
    for (const wrong of [PAGE, CUT, EMPTY, json(200, []), json(200, lacking)]) {
      const requests = answerApi(wrong, json(200, right));
      await call();
      expect(requests).toHaveLength(2);
    }
  });

  it.each(CALLS)('(%s) each time is an error that names what is wrong', async (_, call, __, lacking, part) => {
    answerApi(PAGE);
    const page = await failureOf(call());
    expect(page.code).toMatch(/^(digitalocean|atlas)-invalid-answer$/);
    expect(page.message).toMatch(/failed: the answer \(200, text\/html\) is not JSON\.$/);
    expect(page.hint).toMatch(/digitalocean-api-url, atlas-api-url/);
    answerApi(json(200, lacking));
    expect((await failureOf(call())).message).toContain(`the answer (200, application/json) lacks ${part}.`);
  });

  it.each([
    ['DigitalOcean', () => digitalocean().deleteUser('u')],
    ['Atlas', () => atlas().deleteUser('u')],
  ])('is not taken for a deletion (%s)', async (_, remove) => {
    const requests = answerApi(PAGE, GONE);
    await remove();
    expect(requests).toHaveLength(2);
  });

  const account = { clientId: 'mdb_sa_id_1', clientSecret: 'the-client-secret' };
  it.each([
    ['a page', PAGE],
    ['no token', json(200, { token_type: 'Bearer', expires_in: 3600 })],
    ['an empty token', json(200, { access_token: '', expires_in: 3600 })],
    ['no lifetime', json(200, { access_token: 'token-1' })],
  ])('to the request for a token (%s) sends no empty token', async (_, answer) => {
    const pod = testPod(MINUTE);
    const requests = answerApi(answer);
    const authorization = serviceAccount(API.url, account, { service: "Atlas's API", pod });
    const failure = await failureOf(atlas(authorization, pod).findUser('u'));
    expect(failure.code).toBe('atlas-invalid-answer');
    expect(requests.every(({ target }) => target === '/api/oauth/token')).toBe(true);
    expect(textOf(failure)).not.toContain('the-client-secret');
  });
});

describe('a service that asks for no wait again and again', () => {
  it.each(['0', '1'])('is asked less and less often, and not for ever (Retry-After: %s)', async (after) => {
    const clock = skippingClock(1);
    const [pod, began] = [testPod(30 * MINUTE, clock), clock.monotonicMs()];
    const requests = answerApi(json(429, {}, { 'retry-after': after }));
    expect(await failureOf(digitalocean(pod).read())).toMatchObject({ code: 'digitalocean-limit' });
    expect(requests.length).toBeLessThan(30);
    expect(clock.monotonicMs() - began).toBeLessThan(3 * MINUTE);
  });
});

describe('a refusal with 409', () => {
  const conflict = json(409, { id: 'conflict', message: 'cluster is being resized', errorCode: 'A_CONFLICT' });

  it.each([
    ['the deletion of a database', () => digitalocean().deleteDatabase('app'), GONE],
    ['the deletion of a user', () => digitalocean().deleteUser('u'), GONE],
    ['a new password', () => digitalocean().resetPassword('u', keep), json(200, { user: { name: 'u' } })],
    ['other settings', () => digitalocean().updateUser('u', SETTINGS), json(200, { user: { name: 'u' } })],
    ['a change on Atlas', () => atlas().updateUser('u', { roles: ROLES }), json(200, { username: 'u' })],
    ['a deletion on Atlas', () => atlas().deleteUser('u'), GONE],
  ])('of %s is waited for', async (_, call, done) => {
    const requests = answerApi(conflict, conflict, done);
    await call();
    expect(requests).toHaveLength(3);
  });

  it.each([
    [
      'a database',
      json(200, { dbs: [] }),
      json(201, { db: { name: 'app' } }),
      () => digitalocean().createDatabase('app'),
    ],
    ['a user', json(404), json(201, { user: { name: 'u' } }), () => digitalocean().createUser('u', SETTINGS, keep)],
    [
      'a user of Atlas',
      json(404, { errorCode: 'USERNAME_NOT_FOUND' }),
      json(201, { username: 'u' }),
      () => atlas().createUser('u', 'password', ROLES),
    ],
  ])('to the creation of %s that a look does not find is waited for', async (_, absent, made, create) => {
    const requests = answerApi(conflict, absent, conflict, absent, made);
    await create();
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'POST', 'GET', 'POST']);
  });

  it.each([
    ['digitalocean', () => digitalocean(testPod(20_000)).createDatabase('app'), /doctl databases get/],
    ['atlas', () => atlas(bearer, testPod(20_000)).updateUser('u', { roles: ROLES }), /cluster main/],
  ])('until the time is up is an error (%s)', async (vendor, call, hint) => {
    answerApi(({ method }) =>
      (method === 'GET' ? json(200, { dbs: [] }) : conflict)({ method, target: '', headers: {}, body: '' }),
    );
    const failure = await failureOf(call());
    expect(failure).toMatchObject({ code: `${vendor}-conflict`, hint: expect.stringMatching(hint) });
    expect(failure.message).toContain('failed: 409');
  });

  it('with 422 about the state of the cluster is none that says that settings cannot be changed', async () => {
    answerApi(json(422, { message: 'cluster is resizing' }));
    const change = digitalocean(testPod(20_000)).updateUser('u', SETTINGS);
    expect(await failureOf(change)).toMatchObject({ code: 'digitalocean-conflict' });
    answerApi(json(422, { message: 'operation is not supported for this cluster type' }));
    expect(await digitalocean().updateUser('u', SETTINGS)).toBe(false);
  });

  it('with 422 about the state of the cluster is waited for, and one about the request is not', async () => {
    const absent = json(200, { dbs: [] });
    const busy = answerApi(json(422, { message: 'cluster is busy' }), absent, json(201, { db: { name: 'app' } }));
    await digitalocean().createDatabase('app');
    expect(busy).toHaveLength(3);
    const wrong = answerApi(json(422, { message: 'invalid database name' }));
    expect(await failureOf(digitalocean().createDatabase('app'))).toMatchObject({ code: 'digitalocean-refused' });
    expect(wrong).toHaveLength(1);
  });
});

describe('the access tokens of a service account', () => {
  it.each([
    [400, { error: 'invalid_request', error_description: 'Access Token limit reached' }],
    [403, { errorCode: 'ACCESS_TOKEN_LIMIT_REACHED', detail: 'Too many tokens.' }],
    [429, { error: 429, detail: 'The Access Token limit of the service account is reached.' }],
  ])('that are all in use are named as that (%d)', async (status, body) => {
    answerApi(json(status, body));
    const pod = testPod(MINUTE);
    const account = { clientId: 'mdb_sa_id_1', clientSecret: 'the-client-secret' };
    const authorization = serviceAccount(API.url, account, { service: "Atlas's API", pod });
    expect(await failureOf(atlas(authorization, pod).findUser('u'))).toMatchObject({
      code: 'atlas-token-limit',
      hint: expect.stringContaining('at most 100 access tokens'),
    });
  });

  it('are not what a limit of requests for tokens is about', async () => {
    const detail = 'Resource /api/oauth/token is limited to 10 requests every 1 minutes.';
    answerApi(json(429, { error: 429, errorCode: 'RATE_LIMITED', detail }));
    expect(await failureOf(atlas().findUser('u'))).toMatchObject({ code: 'atlas-limit' });
  });
});
