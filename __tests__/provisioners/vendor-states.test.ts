import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { acceptConnections } from '../../sandbox/listening.ts';
import { runMongodb } from '../../src/provisioners/mongodb/operations.ts';
import { podFor } from '../../src/provisioners/pod.ts';
import { runProvisioner } from '../../src/provisioners/report.ts';
import {
  ADMIN,
  answersTo,
  databasesOf,
  type ManagedUser,
  PASSWORD,
  requestsDuring,
  rolesOn,
  startManagedMongodb,
  writesIn,
} from './managed-mongodb.ts';
import { runHere } from './pod.ts';
import { skippingClock } from './test-pod.ts';

const managed = await startManagedMongodb();
const { digitalocean, atlas, settings } = managed.vendors;
const cluster = managed.clusterId;
let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'launchpad-connection-'));
});
afterEach(managed.endFaults);
afterAll(async () => {
  await managed.stop();
  await rm(directory, { recursive: true });
});

const APIS = { digitalocean, atlas };
type Vendor = keyof typeof APIS;
const userOf = (vendor: Vendor, prefix: string) =>
  managed.user(prefix, managed[vendor], vendor === 'atlas' ? { MONGODB_PASSWORD: PASSWORD } : {});

/** Runs the provisioner to an error. @returns it, and what was changed by the API */
async function fails(vendor: Vendor, user: ManagedUser, others: Readonly<Record<string, string>> = {}) {
  let error: Awaited<ReturnType<typeof managed.run>>['error'];
  const requests = await requestsDuring(APIS[vendor], async () => {
    ({ error } = await managed.run(user, others));
  });
  return { error, requests, writes: writesIn(requests) };
}

describe('the state of a cluster', () => {
  it.each(['creating', 'resizing', 'migrating', 'forking'] as const)(
    'of DigitalOcean that is %s is waited for, before anything is changed',
    async (status) => {
      digitalocean.behaviour.statuses = [status, status, status];
      const user = userOf('digitalocean', 'busy');
      const requests = await requestsDuring(digitalocean, () => managed.succeeds(user, digitalocean));
      expect(requests.slice(0, 4).every(({ method, path: at }) => method === 'GET' && at.endsWith(cluster))).toBe(true);
    },
  );

  it('of DigitalOcean that is not online within the time of the run is an error, and nothing was changed', async () => {
    digitalocean.behaviour.statuses = Array.from({ length: 100 }, () => 'migrating');
    const { error, writes } = await fails('digitalocean', userOf('digitalocean', 'late'), { DEADLINE_SECONDS: '60' });
    expect(error).toMatchObject({
      code: 'digitalocean-cluster-state',
      message: expect.stringContaining(`cluster ${cluster} is migrating, and not online within the time of the run`),
      hint: expect.stringContaining(`doctl databases get ${cluster}`),
    });
    expect(writes).toEqual([]);
  });

  it('of managed MySQL is looked at first, too', async () => {
    digitalocean.behaviour.statuses = Array.from({ length: 100 }, () => 'creating');
    const { error } = await runHere('mysql', { ...mysql('school'), DEADLINE_SECONDS: '60' });
    expect(error?.code).toBe('digitalocean-cluster-state');
  });

  it('of Atlas that is CREATING is waited for, and UPDATING is none to wait for', async () => {
    atlas.behaviour.states = ['CREATING', 'CREATING', 'UPDATING'];
    const user = userOf('atlas', 'creating');
    expect(await managed.succeeds(user, atlas)).toEqual(['POST /databaseUsers']);
  });

  it.each([
    ['that is paused', { isPaused: true }, 'atlas-paused', /atlas clusters start Cluster0/],
    ['that is DELETING', { states: ['DELETING' as const] }, 'atlas-cluster-state', /atlas-cluster-name/],
  ])('of Atlas %s is an error at once, and no user is made', async (_, behaviour, code, hint) => {
    Object.assign(atlas.behaviour, behaviour);
    const { error, requests, writes } = await fails('atlas', userOf('atlas', 'state'));
    expect(error).toMatchObject({ code, hint: expect.stringMatching(hint) });
    expect(requests.filter(({ path: at }) => at.endsWith('/clusters/Cluster0'))).toHaveLength(1);
    expect(writes).toEqual([]);
  });
});

describe("another client's change", () => {
  const conflict = { status: 409, body: { id: 'conflict', message: 'another change of the cluster is in progress' } };

  it('is waited for, and what is reported as created was created', async () => {
    digitalocean.fault = answersTo('POST', '/dbs', conflict, conflict);
    const user = userOf('digitalocean', 'others');
    await managed.succeeds(user, digitalocean);
    expect(digitalocean.dbs(cluster)).toEqual(expect.arrayContaining([...user.databases]));
  });

  it('that does not end is an error, and nothing is reported as created', async () => {
    digitalocean.fault = (method, at) => (method === 'POST' && at.endsWith('/dbs') ? conflict : undefined);
    const user = userOf('digitalocean', 'endless');
    const { error } = await fails('digitalocean', user, { DEADLINE_SECONDS: '60' });
    expect(error).toMatchObject({ code: 'digitalocean-conflict' });
    expect(digitalocean.dbs(cluster)).not.toEqual(expect.arrayContaining([user.databases[0]]));
  });

  it('on Atlas is waited for where the user is not there', async () => {
    atlas.fault = answersTo('POST', '/databaseUsers', { status: 409, body: { error: 409, errorCode: 'A_CONFLICT' } });
    const user = userOf('atlas', 'others');
    expect(await managed.succeeds(user, atlas)).toEqual(['POST /databaseUsers', 'POST /databaseUsers']);
  });
});

describe('the time of a pod', () => {
  it('ends the wait for a login, and a password that may work is not set anew', async () => {
    const user = userOf('digitalocean', 'short');
    await digitalocean.addUser(cluster, user.name, 'somebody-changed-it');
    const clock = skippingClock(1);
    const began = clock.monotonicMs();
    const env = { ...user.environment, MONGODB_PASSWORD: PASSWORD, PATIENCE_INTERVAL_MS: '', PATIENCE_LIMIT_MS: '' };
    const pod = podFor(55_000, () => undefined, clock);
    const requests = await requestsDuring(digitalocean, async () => {
      expect(await runProvisioner(pod, () => runMongodb(env, pod))).toBe(1);
    });
    expect(clock.monotonicMs() - began).toBeLessThanOrEqual(55_000);
    expect(pod.lines.at(-1)).toContain('"code":"mongodb-timeout"');
    expect(writesIn(requests)).toEqual(['POST /dbs', 'POST /dbs']);
  });

  it('is enough for the error of a server that cannot be reached', async () => {
    const closed = await acceptConnections((socket) => socket.destroy());
    await closed.stop();
    const place = { MONGODB_TRUSTED_HOST: closed.host, MONGODB_TRUSTED_PORT: String(closed.port) };
    // 5 s are kept back for Argo.
    const limit = { DEADLINE_SECONDS: '8', CREATED_AT_SECONDS: String(Date.now() / 1000) };
    const began = performance.now();
    const { error } = await managed.start(userOf('digitalocean', 'unreachable'), { ...place, ...limit }).done;
    expect(performance.now() - began).toBeLessThan(8_000);
    expect(error?.message).toContain(`MongoDB at ${closed.host}:${closed.port}`);
  });
});

describe('the access token of a service account', () => {
  it.each([
    ['succeeded', {}, undefined],
    ['failed', { isAllowed: false }, 'atlas-rights'],
  ])('is revoked where the work %s', async (_, behaviour, code) => {
    atlas.revokeTokens();
    Object.assign(atlas.behaviour, behaviour);
    const { error, requests } = await fails('atlas', userOf('atlas', 'token'));
    expect(error?.code).toBe(code);
    expect(requests.filter(({ path: at }) => at === '/api/oauth/token')).toHaveLength(1);
    expect(atlas.tokens()).toBe(0);
  });

  it.each(['SIGTERM', 'the deadline'])('is revoked where %s ends the pod', async (end) => {
    atlas.revokeTokens();
    const { promise: isHeld, resolve } = Promise.withResolvers<void>();
    const user = userOf('atlas', 'ended');
    // The status never says APPLIED: the pod waits until it is ended.
    atlas.fault = (method, at) => {
      if (method !== 'GET' || !at.endsWith('/status')) return undefined;
      resolve();
      return { status: 200, body: { changeStatus: 'PENDING' } };
    };
    const limit = { DEADLINE_SECONDS: end === 'SIGTERM' ? '60' : '8', CREATED_AT_SECONDS: String(Date.now() / 1000) };
    const pod = managed.start(user, limit);
    await isHeld;
    expect(atlas.tokens()).toBe(1);
    if (end === 'SIGTERM') pod.kill('SIGTERM');
    expect((await pod.done).code).toBe(end === 'SIGTERM' ? 143 : 1);
    expect(atlas.tokens()).toBe(0);
  });

  it('that the pods of a run share is used, and left to whoever issued it', async () => {
    const { token, requests } = await shared();
    expect(requests.some(({ path: at }) => at.startsWith('/api/oauth/'))).toBe(false);
    expect(token).not.toBe('');
    expect(atlas.tokens()).toBe(1);
    atlas.revokeTokens();
  });

  it('that the pods share is replaced where it has ended meanwhile', async () => {
    const { requests } = await shared(() => atlas.revokeTokens());
    expect(requests.filter(({ path: at }) => at === '/api/oauth/token')).toHaveLength(1);
    expect(atlas.tokens()).toBe(0);
  });

  /** Runs a pod with a token that was issued before. */
  async function shared(afterIssue: () => void = () => undefined) {
    const account = settings.mongodbAtlas;
    const basic = Buffer.from(`${account.LAUNCHPAD_ATLAS_CLIENT_ID}:${account.LAUNCHPAD_ATLAS_CLIENT_SECRET}`);
    const headers = {
      authorization: `Basic ${basic.toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    };
    const body = 'grant_type=client_credentials';
    const answer = await fetch(`${atlas.url}/api/oauth/token`, { method: 'POST', headers, body });
    const { access_token: token }: { access_token?: string } = JSON.parse(await answer.text());
    afterIssue();
    const { error, requests } = await fails('atlas', userOf('atlas', 'shared'), { ATLAS_ACCESS_TOKEN: token ?? '' });
    expect(error).toBeUndefined();
    return { token, requests };
  }

  it('that the account may not have is told as that', async () => {
    atlas.behaviour.tokenLimit = 0;
    const { error } = await fails('atlas', userOf('atlas', 'tokens'));
    expect(error).toMatchObject({
      code: 'atlas-token-limit',
      message: expect.stringContaining('Access Token limit reached'),
    });
  });
});

it('a user that Atlas will delete is a warning in the log and in the report to the action', async () => {
  const user = userOf('atlas', 'temporary');
  await atlas.addUser(user.name, PASSWORD, rolesOn(databasesOf(user.name)));
  atlas.behaviour.deletedAt = '2027-01-01T00:00:00Z';
  const { code, output } = await managed.run(user);
  const warning = expect.stringMatching(`^Atlas will delete user ${user.name} by itself at 2027-01-01T00:00:00Z`);
  expect(code).toBe(0);
  expect(output).toContain('(deleteAfterDate)');
  const report = output.split('\n').find((line) => line.includes('"launchpad":"result"'));
  expect(JSON.parse(report ?? '')).toMatchObject({ warnings: [warning] });
});

/** A server of Atlas ends the handshake of an address that is not on the access list by the alert internal_error (80). */
it("Atlas's access list is named where it ends the TLS handshake", async () => {
  const alert = Buffer.from([21, 3, 3, 0, 2, 2, 80]);
  const server = await acceptConnections((socket) => socket.once('data', () => socket.end(alert)));
  const place = { MONGODB_TRUSTED_HOST: server.host, MONGODB_TRUSTED_PORT: String(server.port) };
  const { error } = await fails('digitalocean', userOf('digitalocean', 'alert'), { ...place, MONGODB_USE_SSL: 'true' });
  await server.stop();
  expect(error).toMatchObject({
    code: 'mongodb-access-list',
    message: expect.stringContaining('(alert 80)'),
    hint: expect.stringContaining('Atlas, Network Access'),
  });
});

const mysql = (user: string, database = 'school') => ({
  MYSQL_PROVIDER: 'digitalocean',
  MYSQL_SSL_MODE: 'preferred',
  MYSQL_DATABASE: database,
  MYSQL_USERNAME: user,
  MYSQL_PASSWORD: PASSWORD,
  VENDOR_API_URL: digitalocean.url,
  DIGITALOCEAN_TOKEN: settings.mysqlDigitalocean.LAUNCHPAD_DIGITALOCEAN_TOKEN ?? '',
  DIGITALOCEAN_CLUSTER_ID: settings.mysqlDigitalocean.LAUNCHPAD_MYSQL_CLUSTER_ID ?? '',
});

describe('a program that is run directly', () => {
  const main = 'MONGODB_DATABASE';
  it.each([
    ['digitalocean', { MONGODB_USERNAME: 'doadmin' }, 'user doadmin'],
    ['digitalocean', { [main]: 'Admin' }, 'database Admin'],
    ['digitalocean', { FORUM_MONGODB_DATABASE: 'local' }, 'database local'],
    ['atlas', { MONGODB_USERNAME: 'root' }, 'user root'],
    ['atlas', { [main]: 'config' }, 'database config'],
  ] as const)("refuses the server's own names before any call (%s, %j)", async (vendor, names, what) => {
    const { error, requests } = await fails(vendor, userOf(vendor, 'system'), names);
    expect(error).toMatchObject({ code: 'mongodb-system-name', message: expect.stringContaining(what) });
    expect(requests).toEqual([]);
  });

  it("refuses the cluster's administrator by whatever name, and does not set its password", async () => {
    const user = userOf('digitalocean', 'primary');
    const { error, writes } = await fails('digitalocean', user, { MONGODB_USERNAME: ADMIN.adminUser });
    expect(error).toMatchObject({ code: 'mongodb-system-name' });
    expect(writes).toEqual([]);
  });

  it.each([
    [mysql('doadmin'), 'user doadmin'],
    [mysql('school', 'defaultdb'), 'database defaultdb'],
    [mysql(ADMIN.adminUser), `user ${ADMIN.adminUser}`],
  ])("refuses MySQL's own names", async (env, what) => {
    const { error } = await runHere('mysql', env);
    expect(error).toMatchObject({ code: 'mysql-system-name', message: expect.stringContaining(what) });
  });

  it.each([
    ['digitalocean', { DIGITALOCEAN_CLUSTER_ID: '../../account' }, 'digitalocean-id', /mongodb-cluster-id/],
    ['atlas', { ATLAS_PROJECT_ID: 'My project' }, 'atlas-id', /atlas-project-id/],
    ['atlas', { ATLAS_CLUSTER_NAME: 'a/b' }, 'atlas-id', /atlas-cluster-name/],
  ] as const)('refuses an ID without the form of one before any call (%s, %j)', async (vendor, ids, code, message) => {
    const { error, requests } = await fails(vendor, userOf(vendor, 'form'), ids);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(requests).toEqual([]);
  });
});
