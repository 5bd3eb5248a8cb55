import { AtlasCluster } from '../../src/provisioners/atlas/api.ts';
import { type Authorization, digest, serviceAccount } from '../../src/provisioners/atlas/authorization.ts';
import { failureOf, testPod, textOf } from './test-pod.ts';
import { API, answerApi, DigestGate, json, network, type Received } from './vendor-api.ts';

const PROJECT = '32b6e34b3d91647abb20e7b8';
const GROUP = `/api/atlas/v2/groups/${PROJECT}`;
const USERS = 'application/vnd.atlas.2023-01-01+json';
const KEYS = { publicKey: 'public', privateKey: 'the-private-key' };
const ACCOUNT = { clientId: 'mdb_sa_id_1', clientSecret: 'the-client-secret' };
const ROLES = [{ databaseName: 'app', roleName: 'readWrite' }];
const USER_GONE = json(404, { errorCode: 'USERNAME_NOT_FOUND' });

beforeAll(network.close);
afterEach(network.clear);
afterAll(network.restore);

const MINUTE = 60_000;
const sendingFor = (leftMs: number) => ({ service: "Atlas's API", pod: testPod(leftMs) });

/** @param leftMs milliseconds in which calls are made again */
function clusterWith(authorization: Authorization, leftMs = 0): AtlasCluster {
  return new AtlasCluster({
    url: API.url,
    projectId: PROJECT,
    clusterName: 'main',
    authorization,
    sending: sendingFor(leftMs),
  });
}

const authorizations = (requests: readonly Received[]) => requests.map(({ headers }) => headers.authorization ?? '');

describe('digest authentication', () => {
  it('answers a challenge once, and counts the requests with its nonce', async () => {
    const gate = new DigestGate(KEYS);
    const requests = answerApi(gate.before(USER_GONE));
    const cluster = clusterWith(digest(KEYS));
    for (const name of ['a', 'b c', 'ü/x']) await cluster.findUser(name);
    expect(gate.statuses).toEqual([401, 200, 200, 200]);
    expect(gate.counts).toEqual(['00000001', '00000002', '00000003']);
    expect(requests.at(-1)?.target).toBe(`${GROUP}/databaseUsers/admin/%C3%BC%2Fx`);
    expect(authorizations(requests).join()).not.toContain(KEYS.privateKey);
  });

  it('proves the query of a request, too', async () => {
    const gate = new DigestGate(KEYS);
    answerApi(gate.before(USER_GONE));
    const authorization = digest(KEYS);
    await clusterWith(authorization).findUser('a');
    const url = `${API.url}/things?of=mine&q=a%20b`;
    await fetch(url, { method: 'DELETE', headers: await authorization.headers({ method: 'DELETE', url }) });
    expect(gate.statuses).toEqual([401, 200, 200]);
  });

  it('counts an attempt that is made again as one more', async () => {
    const gate = new DigestGate(KEYS);
    const challenge = gate.before(json(500));
    answerApi(challenge, challenge, gate.before(USER_GONE));
    await expect(clusterWith(digest(KEYS), MINUTE).findUser('a')).resolves.toBeUndefined();
    expect(gate.counts).toEqual(['00000001', '00000002']);
  });

  it('takes a new nonce for one that has become stale, and counts anew', async () => {
    const gate = new DigestGate(KEYS);
    answerApi(gate.before(USER_GONE));
    const cluster = clusterWith(digest(KEYS));
    await cluster.findUser('a');
    gate.expire();
    await cluster.findUser('b');
    await cluster.findUser('c');
    expect(gate.statuses).toEqual([401, 200, 401, 200, 200]);
    expect(gate.counts).toEqual(['00000001', '00000001', '00000002']);
  });

  it('gives up where each nonce is stale at once', async () => {
    const gate = new DigestGate(KEYS);
    const check = gate.before(USER_GONE);
    const requests = answerApi((received) => {
      gate.expire();
      return check(received);
    });
    const failure = await failureOf(clusterWith(digest(KEYS), MINUTE).findUser('a'));
    expect(failure.code).toBe('atlas-keys');
    expect(requests).toHaveLength(2);
  });

  it('ends with one error where the key is wrong, after one proof and without a loop', async () => {
    const gate = new DigestGate(KEYS);
    answerApi(gate.before(USER_GONE));
    const wrong = digest({ ...KEYS, privateKey: 'not-the-private-key' });
    const failure = await failureOf(clusterWith(wrong, MINUTE).findUser('a'));
    expect(failure).toMatchObject({ code: 'atlas-keys', hint: expect.stringContaining('atlas-private-key') });
    expect(gate.statuses).toEqual([401, 401]);
    expect(textOf(failure)).not.toContain('not-the-private-key');
  });
});

describe('a service account', () => {
  /** Gives out tokens, of which the newest is taken. */
  function startAtlas({ expiresIn = 3600, isUseless = false } = {}) {
    let issued = 0;
    let valid = '';
    const requests = answerApi((received) => {
      if (received.target === '/api/oauth/token') {
        issued += 1;
        valid = isUseless ? 'another' : `token-${issued}`;
        const answer = { access_token: `token-${issued}`, token_type: 'Bearer', expires_in: expiresIn };
        return json(200, answer)(received);
      }
      if (received.headers.authorization === `Bearer ${valid}`) return USER_GONE(received);
      return json(401, { errorCode: 'UNAUTHORIZED', detail: 'The token is not valid.' })(received);
    });
    const sending = sendingFor(MINUTE);
    const authorization = serviceAccount(API.url, ACCOUNT, sending);
    const cluster = new AtlasCluster({
      url: API.url,
      projectId: PROJECT,
      clusterName: 'main',
      authorization,
      sending,
    });
    const revoke = () => {
      valid = 'none';
    };
    return { requests, cluster, lines: sending.pod.lines, revoke };
  }

  const BASIC = `Basic ${Buffer.from('mdb_sa_id_1:the-client-secret').toString('base64')}`;

  it('gets a token by its ID and secret, once for many calls', async () => {
    const { requests, cluster } = startAtlas();
    for (const name of ['a', 'b', 'c']) await cluster.findUser(name);
    expect(requests[0]).toMatchObject({
      method: 'POST',
      target: '/api/oauth/token',
      headers: { authorization: BASIC, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials',
    });
    expect(authorizations(requests)).toEqual([BASIC, 'Bearer token-1', 'Bearer token-1', 'Bearer token-1']);
  });

  it.each([
    ['another one where its token is about to expire', 30, [BASIC, 'Bearer token-1', BASIC, 'Bearer token-2']],
    ['no other one while its token lasts', 120, [BASIC, 'Bearer token-1', 'Bearer token-1']],
  ])('gets %s', async (_, expiresIn, expected) => {
    const { requests, cluster } = startAtlas({ expiresIn });
    for (const name of ['a', 'b']) await cluster.findUser(name);
    expect(authorizations(requests)).toEqual(expected);
  });

  it('gets one new token for one that was revoked', async () => {
    const { requests, cluster, revoke } = startAtlas();
    await cluster.findUser('a');
    revoke();
    await expect(cluster.findUser('b')).resolves.toBeUndefined();
    expect(authorizations(requests).slice(2)).toEqual(['Bearer token-1', BASIC, 'Bearer token-2']);
  });

  it('ends with one error where new tokens are refused, too', async () => {
    const { requests, cluster, lines } = startAtlas({ isUseless: true });
    const failure = await failureOf(cluster.findUser('a'));
    expect(failure).toMatchObject({ code: 'atlas-keys', hint: expect.stringContaining('atlas-client-secret') });
    expect(authorizations(requests)).toEqual([BASIC, 'Bearer token-1', BASIC, 'Bearer token-2']);
    expect(textOf(failure) + lines.join()).not.toMatch(/token-\d|the-client-secret/);
  });

  it('ends with one error where its secret is wrong', async () => {
    const refusal = { error: 'invalid_client', error_description: 'The client is not known.' };
    const requests = answerApi(json(401, refusal));
    const failure = await failureOf(clusterWith(serviceAccount(API.url, ACCOUNT, sendingFor(0))).findUser('a'));
    expect(failure).toMatchObject({ code: 'atlas-keys', message: expect.stringContaining('The client is not known') });
    expect(requests).toHaveLength(1);
  });
});

const bearer: Authorization = { headers: async () => ({ authorization: 'Bearer token' }), learn: () => false };

describe('the calls', () => {
  const read = { method: 'GET', body: '' };
  const dedicated = 'application/vnd.atlas.2024-08-05+json';
  const identity = { databaseName: 'admin', groupId: PROJECT, username: 'u' };
  const scopes = [{ name: 'main', type: 'CLUSTER' }];

  it('read the cluster and its connection strings', async () => {
    const connectionStrings = { standard: 'mongodb://a:27017/', standardSrv: 'mongodb+srv://b' };
    const requests = answerApi(json(200, { connectionStrings, stateName: 'IDLE' }));
    expect(await clusterWith(bearer).read()).toEqual({
      state: 'IDLE',
      isPaused: false,
      ways: [{ kind: 'standard', standard: 'mongodb://a:27017/', srv: 'mongodb+srv://b' }],
    });
    expect(requests).toMatchObject([{ ...read, target: `${GROUP}/clusters/main`, headers: { accept: dedicated } }]);
  });

  it('read a Flex cluster under its own address', async () => {
    const connectionStrings = { standard: 'mongodb://f:27017/' };
    const refusal = json(400, { errorCode: 'CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API' });
    const requests = answerApi(refusal, json(200, { connectionStrings, stateName: 'IDLE' }));
    await expect(clusterWith(bearer).read()).resolves.toMatchObject({ ways: [{ standard: 'mongodb://f:27017/' }] });
    expect(requests).toMatchObject([
      { target: `${GROUP}/clusters/main`, headers: { accept: dedicated } },
      { ...read, target: `${GROUP}/flexClusters/main`, headers: { accept: 'application/vnd.atlas.2024-11-13+json' } },
    ]);
  });

  it.each([
    ['that all is applied', json(200, { changeStatus: 'APPLIED' }), true],
    ['that changes are pending', json(200, { changeStatus: 'PENDING' }), false],
    ['nothing of a Flex cluster', json(400, { errorCode: 'CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API' }), undefined],
  ])('read the state of changes: %s', async (_, answer, applied) => {
    const requests = answerApi(answer);
    expect(await clusterWith(bearer).isApplied()).toBe(applied);
    expect(requests).toMatchObject([{ ...read, target: `${GROUP}/clusters/main/status`, headers: { accept: USERS } }]);
  });

  it('read a user: its roles, its scopes, and whether it has a password', async () => {
    const roles = [...ROLES, { databaseName: 'app', roleName: 'read', collectionName: 'c' }];
    const answer = json(200, { ...identity, roles, scopes, x509Type: 'NONE' });
    const requests = answerApi(
      answer,
      json(200, { ...identity, x509Type: 'MANAGED', deleteAfterDate: '2027-01-01T00:00:00Z' }),
      USER_GONE,
      json(404, { errorCode: 'USER_NOT_FOUND' }),
    );
    const cluster = clusterWith(bearer);
    expect(await cluster.findUser('u')).toEqual({ roles, scopes, hasPassword: true, deletedAt: undefined });
    expect(await cluster.findUser('u')).toEqual({
      roles: [],
      scopes: [],
      hasPassword: false,
      deletedAt: '2027-01-01T00:00:00Z',
    });
    expect(await cluster.findUser('u')).toBeUndefined();
    expect(await cluster.findUser('u')).toBeUndefined();
    expect(requests[0]).toMatchObject({
      ...read,
      target: `${GROUP}/databaseUsers/admin/u`,
      headers: { accept: USERS },
    });
    expect(requests[0]?.headers).not.toHaveProperty('content-type');
  });

  it('make a user for this cluster only, and say whether it was there', async () => {
    const exists = json(409, { errorCode: 'USER_ALREADY_EXISTS' });
    const requests = answerApi(json(201, identity), exists, json(200, { ...identity, roles: ROLES }));
    const cluster = clusterWith(bearer);
    expect(await cluster.createUser('u', 'password-1', ROLES)).toBeUndefined();
    expect(await cluster.createUser('u', 'password-1', ROLES)).toMatchObject({ roles: ROLES });
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'POST', 'GET']);
    const headers = { accept: USERS, 'content-type': USERS };
    expect(requests[0]).toMatchObject({ method: 'POST', target: `${GROUP}/databaseUsers`, headers });
    const body = { ...identity, password: 'password-1', roles: ROLES, scopes };
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual(body);
  });

  it.each([
    ['its roles', { roles: ROLES }],
    ['its roles, scopes and password', { roles: ROLES, scopes, password: 'password-2' }],
  ])('change of a user %s, and nothing else', async (_, change) => {
    const requests = answerApi(json(200, identity));
    await clusterWith(bearer).updateUser('u', change);
    const headers = { accept: USERS, 'content-type': USERS };
    expect(requests).toMatchObject([{ method: 'PATCH', target: `${GROUP}/databaseUsers/admin/u`, headers }]);
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({ ...identity, ...change });
  });
});

describe('a refusal', () => {
  it.each([
    [403, 'IP_ADDRESS_NOT_ON_ACCESS_LIST', 'atlas-access-list', /API access list of the key/],
    [403, 'ORG_REQUIRES_ACCESS_LIST', 'atlas-access-list', /API access list of the key/],
    [404, 'GROUP_NOT_FOUND', 'atlas-project', new RegExp(`input atlas-project-id \\(${PROJECT}\\)`)],
    [404, 'CLUSTER_NOT_FOUND', 'atlas-cluster', /input atlas-cluster-name \(main\)/],
    [410, 'VERSION_GONE', 'atlas-version', /newer version of the action/],
    [403, 'USER_UNAUTHORIZED', 'atlas-rights', /Project Database Access Admin/],
    [403, 'GROUP_USERS_LIMIT_EXCEEDED', 'atlas-user-limit', /at most 100 database users/],
    [429, 'RATE_LIMITED_TOKEN_BUCKET', 'atlas-limit', /run again later/],
  ])('with %i %s says what to do about it', async (status, errorCode, code, hint) => {
    answerApi(json(status, { errorCode, detail: 'The detail.' }));
    const failure = await failureOf(clusterWith(bearer).createUser('u', 'password-1', ROLES));
    const message = `Atlas's API at ${API.host}: creating user u failed: ${status} The detail (${errorCode}).`;
    expect(failure).toMatchObject({ code, message, hint: expect.stringMatching(hint) });
    expect(textOf(failure)).not.toContain('password-1');
  });
});
