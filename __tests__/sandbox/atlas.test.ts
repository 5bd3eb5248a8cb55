import { createHash } from 'node:crypto';
import { startMongodb } from '../../sandbox/databases/mongodb.ts';
import type { Listening } from '../../sandbox/listening.ts';
import { type AtlasApi, startAtlas } from '../../sandbox/vendors/atlas.ts';
import { eventually, send, write } from './vendor-api.ts';

const ADMIN = { adminUser: 'boss', adminPassword: 'boss-password' };
const KEY = { publicKey: 'public', privateKey: 'private-key' };
const ACCOUNT = { clientId: 'mdb_sa_id_1', clientSecret: 'client-secret' };
const PROJECT = '32b6e34b3d91647abb20e7b8';
const GROUP = `/api/atlas/v2/groups/${PROJECT}`;
const USERS = `${GROUP}/databaseUsers`;
const USER_TYPE = 'application/vnd.atlas.2023-01-01+json';
const CLUSTER_TYPE = 'application/vnd.atlas.2024-08-05+json';
const FLEX_TYPE = 'application/vnd.atlas.2024-11-13+json';
const ROLES = [{ databaseName: 'app', roleName: 'readWrite' }];
const USER = { databaseName: 'admin', groupId: PROJECT, username: 'u', password: 'password-1', roles: ROLES };

let mongodb: Listening;
let api: AtlasApi;
let token: string;

beforeEach(async () => {
  mongodb = await startMongodb(ADMIN);
  await start('dedicated');
});

afterEach(async () => {
  await api.stop();
  await mongodb.stop();
});

async function start(kind: 'dedicated' | 'flex'): Promise<void> {
  api = await startAtlas({
    ...KEY,
    ...ACCOUNT,
    projectId: PROJECT,
    cluster: {
      name: 'main',
      kind,
      standard: 'mongodb://a.example.com:27017/',
      standardSrv: 'mongodb+srv://a.example.com',
    },
    server: { host: mongodb.host, port: mongodb.port },
    admin: ADMIN,
  });
  token = (await askForToken(ACCOUNT.clientSecret)).body.access_token;
}

async function askForToken(secret: string) {
  const basic = Buffer.from(`${ACCOUNT.clientId}:${secret}`).toString('base64');
  return await send(`${api.url}/api/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials',
  });
}

/** A request with the token, and the media types of users unless others are given. */
async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  return await send(api.url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      accept: USER_TYPE,
      ...(body === undefined ? {} : { 'content-type': USER_TYPE }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** Authorization by digest, as RFC 7616 (3.4) makes it from a challenge. */
function digest(challenge: string, method: string, uri: string, privateKey: string, nc = '00000001'): string {
  const field = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? '';
  const [realm, nonce, opaque] = [field('realm'), field('nonce'), field('opaque')];
  const secret = md5(`${KEY.publicKey}:${realm}:${privateKey}`);
  const response = md5([secret, nonce, nc, 'abc', 'auth', md5(`${method}:${uri}`)].join(':'));
  return `Digest username="${KEY.publicKey}", realm="${realm}", nonce="${nonce}", uri="${uri}", qop=auth, nc=${nc}, cnonce="abc", response="${response}", opaque="${opaque}", algorithm=MD5`;
}

const writeAs = (username: string, password: string, database: string) =>
  write(mongodb, [username, password], database);

describe('the stand-in for the Atlas Administration API', () => {
  it('makes tokens for the service account, until they are revoked', async () => {
    expect((await askForToken(ACCOUNT.clientSecret)).body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
    const wrong = await askForToken('wrong');
    expect([wrong.status, wrong.body.error]).toEqual([401, 'invalid_client']);
    expect((await ask('GET', `${GROUP}/clusters/main/status`)).status).toBe(200);
    api.revokeTokens();
    expect((await ask('GET', `${GROUP}/clusters/main/status`)).status).toBe(401);
  });

  it('takes digests: the right key, each count once, for the path that is asked for', async () => {
    const path = `${GROUP}/clusters/main/status?pretty=true`;
    const asked = async (authorization: string) =>
      await send(api.url + path, { headers: { authorization, accept: USER_TYPE } });
    const first = await send(api.url + path, { headers: { accept: USER_TYPE } });
    expect([first.status, first.body.errorCode]).toEqual([401, 'UNAUTHORIZED']);
    const challenge = first.headers.get('www-authenticate') ?? '';
    expect(challenge).toMatch(/^Digest realm="MMS Public API", .*qop="auth"/);
    expect((await asked(digest(challenge, 'GET', path, 'wrong'))).status).toBe(401);
    expect((await asked(digest(challenge, 'GET', GROUP, KEY.privateKey))).status).toBe(401);
    expect((await asked(digest(challenge, 'GET', path, KEY.privateKey))).status).toBe(200);
    expect((await asked(digest(challenge, 'GET', path, KEY.privateKey))).status).toBe(401);
    expect((await asked(digest(challenge, 'GET', path, KEY.privateKey, '00000002'))).status).toBe(200);
    expect(JSON.stringify(api.requests)).not.toContain('Digest');
  });

  it('describes a dedicated cluster', async () => {
    const { status, headers, body } = await ask('GET', `${GROUP}/clusters/main`, undefined, { accept: CLUSTER_TYPE });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain(CLUSTER_TYPE);
    expect(body.connectionStrings).toEqual({
      standard: 'mongodb://a.example.com:27017/',
      standardSrv: 'mongodb+srv://a.example.com',
    });
    const other = await ask('GET', `${GROUP}/clusters/other`, undefined, { accept: CLUSTER_TYPE });
    expect([other.status, other.body.errorCode]).toEqual([404, 'CLUSTER_NOT_FOUND']);
    const flex = await ask('GET', `${GROUP}/flexClusters/main`, undefined, { accept: FLEX_TYPE });
    expect(flex.status).toBe(400);
  });

  it('describes a flex cluster elsewhere', async () => {
    await api.stop();
    await start('flex');
    const { status, body } = await ask('GET', `${GROUP}/clusters/main`, undefined, { accept: CLUSTER_TYPE });
    expect([status, body.errorCode]).toEqual([400, 'CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API']);
    const flex = await ask('GET', `${GROUP}/flexClusters/main`, undefined, { accept: FLEX_TYPE });
    expect([flex.status, flex.body.connectionStrings.standardSrv]).toEqual([200, 'mongodb+srv://a.example.com']);
  });

  it('makes, changes and removes users, and never shows their password', async () => {
    const made = await ask('POST', USERS, USER);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ username: 'u', databaseName: 'admin', roles: ROLES, scopes: [] });
    expect(made.body).not.toHaveProperty('password');
    await writeAs('u', 'password-1', 'app');
    await expect(writeAs('u', 'password-1', 'other')).rejects.toMatchObject({ code: 13 });
    expect((await ask('GET', `${USERS}/admin/u`)).body).toEqual(made.body);
    const again = await ask('POST', USERS, USER);
    expect([again.status, again.body.errorCode]).toEqual([409, 'USER_ALREADY_EXISTS']);

    expect((await ask('PATCH', `${USERS}/admin/u`, { password: 'password-2' })).body.roles).toEqual(ROLES);
    await writeAs('u', 'password-2', 'app');
    const roles = [{ databaseName: 'other', roleName: 'readWrite' }];
    expect((await ask('PATCH', `${USERS}/admin/u`, { roles })).body.roles).toEqual(roles);
    await writeAs('u', 'password-2', 'other');
    await expect(writeAs('u', 'password-2', 'app')).rejects.toMatchObject({ code: 13 });

    expect((await ask('DELETE', `${USERS}/admin/u`)).status).toBe(204);
    await expect(writeAs('u', 'password-2', 'other')).rejects.toMatchObject({ code: 18 });
    expect((await ask('GET', `${USERS}/admin/u`)).body.errorCode).toBe('USERNAME_NOT_FOUND');
    expect((await ask('DELETE', `${USERS}/admin/u`)).body.errorCode).toBe('USER_NOT_FOUND');
  });

  it('keeps users off the server whose scopes name other clusters', async () => {
    const scope = (name: string) => [{ name, type: 'CLUSTER' }];
    await ask('POST', USERS, { ...USER, scopes: scope('other') });
    await expect(writeAs('u', 'password-1', 'app')).rejects.toMatchObject({ code: 18 });
    await ask('PATCH', `${USERS}/admin/u`, { scopes: scope('main') });
    await writeAs('u', 'password-1', 'app');
    expect(api.users().get('u')).toMatchObject({ roles: ROLES, scopes: scope('main') });
  });

  it('knows users that somebody else made', async () => {
    await api.addUser('other', 'other-password', [{ databaseName: 'admin', roleName: 'readWriteAnyDatabase' }]);
    await writeAs('other', 'other-password', 'anything');
    expect((await ask('GET', `${USERS}/admin/other`)).status).toBe(200);
  });

  it.each<[string, string, unknown, number]>([
    ['POST', USERS, { ...USER, unknown: 1 }, 400],
    ['POST', USERS, { ...USER, password: 'short' }, 400],
    ['POST', USERS, { ...USER, groupId: 'another' }, 400],
    ['POST', USERS, { ...USER, roles: [{ databaseName: 'app', roleName: 'dbOwner' }] }, 400],
    ['POST', USERS, { ...USER, roles: [{ databaseName: 'app', roleName: 'readAnyDatabase' }] }, 400],
    ['POST', USERS, { ...USER, roles: undefined }, 400],
    ['POST', USERS, undefined, 415],
    ['PUT', `${USERS}/admin/u`, USER, 405],
    ['GET', `${GROUP}/accessList`, undefined, 404],
    ['GET', USERS.replace(PROJECT, '000000000000000000000000'), undefined, 405],
    ['GET', `${USERS.replace(PROJECT, '000000000000000000000000')}/admin/u`, undefined, 404],
  ])('refuses %s %s %j by %i', async (method, path, body, status) => {
    const answer = await ask(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ error: status, errorCode: expect.any(String), parameters: expect.any(Array) });
    expect(api.users().size).toBe(0);
  });

  it('refuses media types that an operation does not have', async () => {
    expect((await ask('GET', `${GROUP}/clusters/main`)).status).toBe(406);
    expect((await ask('GET', `${USERS}/admin/u`, undefined, { accept: '*/*' })).status).toBe(406);
    expect((await ask('POST', USERS, USER, { 'content-type': 'application/json' })).status).toBe(415);
    api.behaviour.goneMediaType = USER_TYPE;
    const gone = await ask('POST', USERS, USER);
    expect([gone.status, gone.body.errorCode]).toEqual([410, 'VERSION_GONE']);
  });

  it('refuses addresses, keys without the role, and users beyond the limit', async () => {
    api.behaviour.userLimit = 0;
    expect((await ask('POST', USERS, USER)).body).toMatchObject({ error: 400, errorCode: 'MAXIMUM_USERS_EXCEEDED' });
    api.behaviour.isAllowed = false;
    expect((await ask('POST', USERS, USER)).body).toMatchObject({ error: 403, errorCode: 'USER_UNAUTHORIZED' });
    api.behaviour.isOnAccessList = false;
    expect((await ask('POST', USERS, USER)).body.errorCode).toBe('IP_ADDRESS_NOT_ON_ACCESS_LIST');
  });

  it('has changes pending until they have come about on the server', async () => {
    const status = async () => (await ask('GET', `${GROUP}/clusters/main/status`)).body.changeStatus;
    expect(await status()).toBe('APPLIED');
    api.behaviour.propagationMs = 100;
    await ask('POST', USERS, USER);
    await eventually(async () => expect(await status()).toBe('APPLIED'));
    await writeAs('u', 'password-1', 'app');
    api.behaviour.propagationMs = 60_000;
    await ask('PATCH', `${USERS}/admin/u`, { password: 'password-2' });
    expect(await status()).toBe('PENDING');
    await writeAs('u', 'password-1', 'app');
    api.behaviour.statusLags = 60_000;
    expect(await status()).toBe('APPLIED');
  });

  it('loses an answer after the work, and records the request', async () => {
    api.fault = (method) => (method === 'POST' ? 'drop-after' : undefined);
    await expect(ask('POST', USERS, USER)).rejects.toThrow('fetch failed');
    expect((await ask('GET', `${USERS}/admin/u`)).status).toBe(200);
    expect(api.requests.slice(-2)).toMatchObject([
      { operation: 'createGroupDatabaseUser', contentType: USER_TYPE, accept: USER_TYPE, status: 0, body: USER },
      { operation: 'getGroupDatabaseUser', status: 200 },
    ]);
    expect(JSON.stringify(api.requests)).not.toContain(token);
  });
});
