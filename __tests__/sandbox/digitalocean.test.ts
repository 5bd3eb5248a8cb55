import type { MongoClient } from 'mongodb';
import { startMongodb } from '../../sandbox/databases/mongodb.ts';
import type { Listening } from '../../sandbox/listening.ts';
import { type DigitaloceanApi, startDigitalocean } from '../../sandbox/vendors/digitalocean.ts';
import { as, eventually, send, write } from './vendor-api.ts';

const ADMIN = { adminUser: 'doadmin', adminPassword: 'boss-password' };
const ID = '9cc10173-e9ea-4176-9dbc-a4cee4c4ff30';
const MYSQL = '11111111-e9ea-4176-9dbc-a4cee4c4ff30';
const PEM = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';
const SETTINGS = { mongo_user_settings: { databases: ['app'], role: 'readWrite' as const } };

let mongodb: Listening;
let api: DigitaloceanApi;

beforeEach(async () => {
  mongodb = await startMongodb(ADMIN);
  const server = { host: mongodb.host, port: mongodb.port };
  api = await startDigitalocean({
    token: 'secret-token',
    clusters: [
      {
        id: ID,
        engine: 'mongodb',
        server,
        privateHost: 'private.example.com',
        admin: ADMIN,
        ca: PEM,
        ssl: false,
        replicaSet: 'rs0',
      },
      { id: MYSQL, engine: 'mysql', server, publicHost: 'mysql.example.com', admin: ADMIN, ssl: true },
    ],
  });
});

afterEach(async () => {
  await api.stop();
  await mongodb.stop();
});

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  return await send(`${api.url}/v2/databases/${path}`, {
    method,
    headers: {
      authorization: 'Bearer secret-token',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

const writeAs = (username: string, password: string, database: string) =>
  write(mongodb, [username, password], database);

describe("the stand-in for DigitalOcean's API", () => {
  it('describes a cluster, its connections and its authority', async () => {
    const { status, headers, body } = await ask('GET', ID);
    expect(status).toBe(200);
    expect(body.database).toMatchObject({ id: ID, engine: 'mongodb', status: 'online' });
    expect(body.database.connection).toEqual({
      uri: `mongodb://doadmin:boss-password@127.0.0.1:${mongodb.port}/admin?authSource=admin&replicaSet=rs0`,
      database: 'admin',
      host: '127.0.0.1',
      port: mongodb.port,
      user: 'doadmin',
      password: 'boss-password',
      ssl: false,
    });
    expect(body.database.private_connection.host).toBe('private.example.com');
    expect((await ask('GET', MYSQL)).body.database.connection).toMatchObject({ host: 'mysql.example.com', ssl: true });
    expect(headers.get('ratelimit-remaining')).toBe('5000');
    expect(Number(headers.get('ratelimit-reset'))).toBeGreaterThan(Date.now() / 1000);
    expect(headers.get('x-request-id')).not.toBeNull();
    const { certificate } = (await ask('GET', `${ID}/ca`)).body.ca;
    expect(Buffer.from(certificate, 'base64').toString('utf8')).toBe(PEM);
    expect((await ask('GET', `${MYSQL}/ca`)).status).toBe(404);
  });

  it('refuses another token, and clusters that it does not have, with a request_id', async () => {
    const other = await ask('GET', ID, undefined, { authorization: 'Bearer other' });
    expect(other.status).toBe(401);
    expect(other.body).toEqual({
      id: 'unauthorized',
      message: 'Unable to authenticate you',
      request_id: other.headers.get('x-request-id'),
    });
    const unknown = await ask('GET', 'unknown/dbs');
    expect(unknown.status).toBe(404);
    expect(unknown.body).toMatchObject({ id: 'not_found', request_id: expect.any(String) });
  });

  it('holds databases', async () => {
    expect((await ask('POST', `${ID}/dbs`, { name: 'app' })).body).toEqual({ db: { name: 'app' } });
    const again = await ask('POST', `${ID}/dbs`, { name: 'app' });
    expect([again.status, again.body.message]).toEqual([422, 'database app already exists']);
    api.behaviour.existingStatus = 409;
    expect((await ask('POST', `${ID}/dbs`, { name: 'app' })).status).toBe(409);
    expect((await ask('GET', `${ID}/dbs/app`)).body).toEqual({ db: { name: 'app' } });
    expect((await ask('GET', `${ID}/dbs`)).body).toEqual({ dbs: [{ name: 'app' }] });
    expect(api.dbs(ID)).toEqual(['app']);
    expect((await ask('DELETE', `${ID}/dbs/app`)).status).toBe(204);
    expect((await ask('GET', `${ID}/dbs/app`)).status).toBe(404);
    expect(api.dbs(MYSQL)).toEqual(['defaultdb']);
  });

  it('makes users on the server, and shows their password only when it is made', async () => {
    const made = await ask('POST', `${ID}/users`, { name: 'a/b', settings: SETTINGS });
    expect(made.status).toBe(201);
    const { password, ...rest } = made.body.user;
    expect(rest).toEqual({ name: 'a/b', role: 'normal', settings: SETTINGS });
    expect(password.length).toBeGreaterThanOrEqual(16);
    await writeAs('a/b', password, 'app');
    await expect(writeAs('a/b', password, 'other')).rejects.toMatchObject({ code: 13 });
    expect((await ask('GET', `${ID}/users/a%2Fb`)).body).toEqual({ user: rest });
    expect((await ask('GET', `${ID}/users`)).body.users).toEqual([{ name: 'doadmin', role: 'primary' }, rest]);
    expect([...api.users(ID).keys()]).toEqual(['a/b']);
    const reset = await ask('POST', `${ID}/users/a%2Fb/reset_auth`, {});
    await expect(writeAs('a/b', password, 'app')).rejects.toMatchObject({ code: 18 });
    await writeAs('a/b', reset.body.user.password, 'app');
    expect((await ask('POST', `${ID}/users`, { name: 'a/b' })).body.message).toBe('user a/b already exists');
    expect((await ask('DELETE', `${ID}/users/a%2Fb`)).status).toBe(204);
    await expect(writeAs('a/b', reset.body.user.password, 'app')).rejects.toMatchObject({ code: 18 });
    expect((await ask('GET', `${ID}/users/a%2Fb`)).status).toBe(404);
  });

  it('gives users without settings, and those of `admin`, every database', async () => {
    const everywhere = { mongo_user_settings: { databases: ['admin'], role: 'readOnly' } };
    const [writer, reader] = [
      await ask('POST', `${ID}/users`, { name: 'writer' }),
      await ask('POST', `${ID}/users`, { name: 'reader', settings: everywhere }),
    ];
    await writeAs('writer', writer.body.user.password, 'anything');
    const { password } = reader.body.user;
    const read = async (client: MongoClient) => await client.db('anything').collection('c').find().toArray();
    expect(await as(mongodb, ['reader', password], read)).toHaveLength(1);
    await expect(writeAs('reader', password, 'anything')).rejects.toMatchObject({ code: 13 });
  });

  it('changes settings as its behaviour says', async () => {
    await api.addUser(ID, 'u', 'chosen-password', SETTINGS);
    const settings = { mongo_user_settings: { databases: ['other'], role: 'readWrite' } };
    api.behaviour.updateSettings = 'refused';
    expect((await ask('PUT', `${ID}/users/u`, { settings })).status).toBe(422);
    api.behaviour.updateSettings = 'ignored';
    expect((await ask('PUT', `${ID}/users/u`, { settings })).body.user.settings).toEqual(SETTINGS);
    await writeAs('u', 'chosen-password', 'app');
    api.behaviour.updateSettings = 'applied';
    expect((await ask('PUT', `${ID}/users/u`, { settings })).body.user.settings).toEqual(settings);
    await expect(writeAs('u', 'chosen-password', 'app')).rejects.toMatchObject({ code: 13 });
    await writeAs('u', 'chosen-password', 'other');
    api.behaviour.getLacksSettings = true;
    expect((await ask('GET', `${ID}/users/u`)).body).toEqual({ user: { name: 'u', role: 'normal' } });
  });

  it('hides credentials from a token that may not see them', async () => {
    api.behaviour.hidesCredentials = true;
    const { connection } = (await ask('GET', ID)).body.database;
    expect(JSON.stringify(connection)).not.toMatch(/doadmin|boss-password/);
    expect((await ask('POST', `${ID}/users`, { name: 'u' })).body).toEqual({ user: { name: 'u', role: 'normal' } });
    expect((await ask('POST', `${ID}/users/u/reset_auth`, {})).body.user).not.toHaveProperty('password');
  });

  it.each<[string, string, unknown, number]>([
    ['POST', `${ID}/users`, { name: 'u', password: 'mine' }, 400],
    ['POST', `${ID}/users`, { name: 1 }, 400],
    ['POST', `${ID}/users`, {}, 400],
    ['POST', `${ID}/users`, { name: 'u', settings: { mongo_user_settings: { databases: 'app', role: 'read' } } }, 400],
    ['POST', `${ID}/users`, { name: 'u', mysql_settings: { auth_plugin: 'caching_sha2_password' } }, 422],
    ['POST', `${MYSQL}/users`, { name: 'u', settings: SETTINGS }, 422],
    ['PUT', `${ID}/users/doadmin`, { settings: SETTINGS }, 422],
    ['PUT', `${ID}/users/u`, SETTINGS, 400],
    ['PATCH', `${ID}/users/u`, { settings: SETTINGS }, 405],
    ['POST', `${ID}/dbs`, undefined, 400],
    ['DELETE', `${ID}/dbs/app`, {}, 400],
    ['GET', `${ID}/pools`, undefined, 404],
  ])('refuses %s %s %j by %i', async (method, path, body, status) => {
    expect((await ask(method, path, body)).status).toBe(status);
    expect(api.users(ID).size + api.dbs(ID).length).toBe(0);
  });

  it.each([{ 'content-type': 'text/plain' }, { accept: 'text/html' }])('refuses %j', async (headers) => {
    expect((await ask('POST', `${ID}/dbs`, { name: 'app' }, headers)).status).toBe(400);
  });

  it('does not find a user for a while after its POST', async () => {
    api.behaviour.notFoundMs = 60_000;
    await ask('POST', `${ID}/users`, { name: 'late' });
    expect((await ask('GET', `${ID}/users/late`)).status).toBe(404);
    expect((await ask('GET', `${ID}/users`)).body.users).toHaveLength(1);
    expect((await ask('POST', `${ID}/users`, { name: 'late' })).status).toBe(422);
    api.behaviour.notFoundMs = 100;
    await ask('POST', `${ID}/users`, { name: 'soon' });
    await eventually(async () => expect((await ask('GET', `${ID}/users/soon`)).status).toBe(200));
  });

  it('lets a change come about on the server later', async () => {
    api.behaviour.propagationMs = 60_000;
    const late = await ask('POST', `${ID}/users`, { name: 'late' });
    await expect(writeAs('late', late.body.user.password, 'app')).rejects.toMatchObject({ code: 18 });
    api.behaviour.propagationMs = 100;
    const soon = await ask('POST', `${ID}/users`, { name: 'soon' });
    const reset = await ask('POST', `${ID}/users/soon/reset_auth`, {});
    await eventually(async () => await writeAs('soon', reset.body.user.password, 'app'));
    await expect(writeAs('soon', soon.body.user.password, 'app')).rejects.toMatchObject({ code: 18 });
  });

  it('refuses to make or remove two things of a cluster at a time', async () => {
    api.behaviour.changeMs = 200;
    const both = await Promise.all([
      ask('POST', `${ID}/dbs`, { name: 'app' }),
      ask('POST', `${ID}/users`, { name: 'u' }),
      ask('POST', `${MYSQL}/dbs`, { name: 'app' }),
    ]);
    const statuses = both.map(({ status }) => status);
    expect(statuses.slice(0, 2).toSorted()).toEqual([201, 422]);
    expect(statuses[2]).toBe(201);
    expect(both.map(({ body }) => body.message)).toContain('cluster is busy');
  });

  it('has a limit of requests', async () => {
    api.behaviour.requestsLeft = 1;
    expect((await ask('GET', ID)).headers.get('ratelimit-remaining')).toBe('0');
    const { status, headers, body } = await ask('GET', ID);
    expect([status, headers.get('retry-after'), body.message]).toEqual([429, '1', 'API rate limit exceeded.']);
  });

  it('answers, drops and loses answers as its hook says, and records requests without their token', async () => {
    api.fault = () => 'drop';
    await expect(ask('POST', `${ID}/dbs`, { name: 'a' })).rejects.toThrow('fetch failed');
    api.fault = () => ({ status: 503, body: { id: 'x', message: 'y' } });
    expect((await ask('POST', `${ID}/dbs`, { name: 'b' })).status).toBe(503);
    expect(api.dbs(ID)).toEqual([]);
    api.fault = () => 'drop-after';
    await expect(ask('POST', `${ID}/dbs`, { name: 'c' })).rejects.toThrow('fetch failed');
    api.fault = (method) => (method === 'POST' ? { status: 500, after: true } : undefined);
    expect((await ask('POST', `${ID}/dbs`, { name: 'd' })).status).toBe(500);
    expect((await ask('GET', `${ID}/dbs`)).body.dbs).toEqual([{ name: 'c' }, { name: 'd' }]);
    expect(api.requests.map(({ operation, status }) => [operation, status])).toEqual([
      ['databases_add', 0],
      ['databases_add', 503],
      ['databases_add', 0],
      ['databases_add', 500],
      ['databases_list', 200],
    ]);
    expect(api.requests[0]).toMatchObject({
      method: 'POST',
      path: `/v2/databases/${ID}/dbs`,
      contentType: 'application/json',
      body: { name: 'a' },
    });
    expect(JSON.stringify(api.requests)).not.toContain('secret-token');
  });
});
