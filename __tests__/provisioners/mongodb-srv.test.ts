import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type MongodbServer, startMongodb } from '../../sandbox/databases/mongodb.ts';
import { localIdentity } from '../../sandbox/tls.ts';
import { behindTls } from './behind-tls.ts';
import { type DnsRecords, type DnsServer, startDns } from './dns-server.ts';
import { type PodResult, runPod, type SecretStore, startSecretStore } from './pod.ts';

const NAME = 'cluster0.abcde.example.org';
const MEMBER = 'shard-00.abcde.example.org';
const ADMIN = { adminUser: 'boss', adminPassword: 'boss-password' };

let directory: string;
let connectionFile: string;
let secrets: SecretStore;
const ends: (() => unknown)[] = [];
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'launchpad-dns-'));
  connectionFile = path.join(directory, 'connection');
  secrets = await startSecretStore();
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});
afterAll(async () => {
  await secrets.stop();
  await rm(directory, { recursive: true });
});

async function mongodb(set?: { readonly name: string; readonly host: string }): Promise<MongodbServer> {
  const server = await startMongodb(ADMIN, undefined, set);
  ends.push(() => server.stop());
  return server;
}

async function dns(records: Readonly<Record<string, DnsRecords>>): Promise<DnsServer> {
  const server = await startDns(records, directory);
  ends.push(() => server.stop());
  return server;
}

/** The records of a cluster with one member. */
const clusterAt = (port: number, more: DnsRecords = {}): Record<string, DnsRecords> => ({
  [NAME]: more,
  [`_mongodb._tcp.${NAME}`]: { srv: [{ name: MEMBER, port }] },
  [MEMBER]: { a: '127.0.0.1' },
});

async function provision(server: DnsServer, others: Readonly<Record<string, string>>): Promise<PodResult> {
  return await runPod('mongodb', {
    ...secrets.environment('school'),
    ...server.environment,
    MONGODB_PROVIDER: 'direct',
    CONNECTION_FILE: connectionFile,
    MONGODB_PORT: '27017',
    MONGODB_ADMIN_USER: ADMIN.adminUser,
    MONGODB_ADMIN_PASSWORD: ADMIN.adminPassword,
    MONGODB_DATABASE: 'school-main',
    FORUM_MONGODB_DATABASE: 'school-forum',
    MONGODB_USERNAME: 'school',
    MONGODB_PASSWORD: 'school-password',
    MONGODB_AUTH_SOURCE: 'admin',
    MONGODB_USE_SSL: 'false',
    ...others,
  });
}

const reported = async (): Promise<unknown> => JSON.parse(await readFile(connectionFile, 'utf8'));

describe('a name whose members are found by DNS', () => {
  it.each([NAME, `mongodb+srv://${NAME}`, `${NAME.toUpperCase()}.`])(
    '%s: the cluster is provisioned, and config.yml gets the form that Tutor takes',
    async (host) => {
      const set = { name: 'rs0', host: '' };
      const server = await mongodb(set);
      set.host = `${MEMBER}:${server.port}`;
      const names = await dns(clusterAt(server.port, { txt: 'authSource=admin&replicaSet=rs0' }));
      const result = await provision(names, { MONGODB_HOST: host });
      expect(result.states).toEqual({
        'MongoDB database school-main': 'created',
        'MongoDB database school-forum': 'created',
        'MongoDB user school': 'created',
      });
      expect(await reported()).toEqual({
        host: `mongodb+srv://${NAME}`,
        port: 27017,
        useSsl: false,
        server: { useSsl: false, replicaSet: 'rs0', authMechanism: 'SCRAM-SHA-256' },
      });
      expect(names.questions).toContain(`SRV _mongodb._tcp.${NAME}`);
      const removed = await provision(names, { MONGODB_HOST: host, OPERATION: 'deprovision' });
      expect(removed.states).toMatchObject({ 'MongoDB user school': 'deleted' });
    },
    60_000,
  );

  it('is reached by TLS where nobody says otherwise', async () => {
    const identity = await localIdentity(MEMBER);
    const front = await behindTls(identity, (await mongodb()).port);
    ends.push(front.stop);
    const names = await dns(clusterAt(front.port));
    const result = await provision(names, { MONGODB_HOST: NAME, MONGODB_USE_SSL: '', MONGODB_CA: identity.cert });
    expect(result.states).toMatchObject({ 'MongoDB user school': 'created' });
    expect(await reported()).toMatchObject({ host: `mongodb+srv://${NAME}`, useSsl: true, server: { useSsl: true } });
  }, 60_000);

  it('has the options of its TXT record, unless the settings have them', async () => {
    const names = await dns(clusterAt((await mongodb()).port, { txt: 'authSource=elsewhere' }));
    const denied = await provision(names, { MONGODB_HOST: NAME });
    expect(denied.error).toMatchObject({ code: 'mongodb-access-denied', host: NAME });
    const own = { MONGODB_HOST: NAME, MONGODB_ADMIN_AUTH_SOURCE: 'admin' };
    expect((await provision(names, own)).states).toMatchObject({ 'MongoDB user school': 'created' });
  }, 60_000);

  it('has a TXT record with the name of another replica set', async () => {
    const set = { name: 'rs0', host: '' };
    const server = await mongodb(set);
    set.host = `${MEMBER}:${server.port}`;
    const names = await dns(clusterAt(server.port, { txt: 'replicaSet=rs1' }));
    expect((await provision(names, { MONGODB_HOST: NAME })).error).toMatchObject({
      code: 'mongodb-replica-set',
      message: `MongoDB at ${NAME}: it is not a member of the replica set of its TXT record.`,
    });
  }, 60_000);

  it('has a TXT record, or members, that no client takes', async () => {
    const { port } = await mongodb();
    const wrongOption = await dns(clusterAt(port, { txt: 'ssl=true' }));
    expect((await provision(wrongOption, { MONGODB_HOST: NAME })).error).toMatchObject({
      code: 'mongodb-srv-records',
      message: expect.stringContaining('Text record may only set'),
    });
    const elsewhere = await dns({ [`_mongodb._tcp.${NAME}`]: { srv: [{ name: 'a.example.net', port }] } });
    expect((await provision(elsewhere, { MONGODB_HOST: NAME })).error).toMatchObject({
      code: 'mongodb-srv-records',
      message: expect.stringContaining('does not share hostname'),
      hint: expect.stringContaining('in the domain of the name'),
    });
  }, 60_000);
});

it('a name with an address is one host, whatever SRV records it has', async () => {
  const { port } = await mongodb();
  const names = await dns({ ...clusterAt(9), [NAME]: { a: '127.0.0.1' } });
  const result = await provision(names, { MONGODB_HOST: NAME, MONGODB_PORT: String(port) });
  expect(result.states).toMatchObject({ 'MongoDB user school': 'created' });
  expect(await reported()).not.toHaveProperty('host');
  expect(names.questions.filter((question) => question.startsWith('SRV'))).toEqual([]);
}, 60_000);

it('a name with the scheme of which DNS knows nothing is named', async () => {
  const unknown = { MONGODB_HOST: `mongodb+srv://${NAME}`, DEADLINE_SECONDS: '8' };
  expect((await provision(await dns({}), unknown)).error).toMatchObject({
    code: 'mongodb-srv-records',
    message: `MongoDB at ${NAME}: DNS has no SRV records for _mongodb._tcp.${NAME}.`,
    hint: expect.stringContaining('leave mongodb+srv:// out'),
  });
}, 60_000);
