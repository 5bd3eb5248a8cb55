import { startMongodb } from '../../sandbox/databases/mongodb.ts';
import { MongoError } from '../../sandbox/databases/mongodb-users.ts';
import type { Listening } from '../../sandbox/listening.ts';
import { localIdentity } from '../../sandbox/tls.ts';
import { openDatabases } from '../../src/provisioners/mongodb/login.ts';
import type { Login, Server } from '../../src/provisioners/mongodb/server.ts';
import { factsOf, needsTls } from '../../src/provisioners/mongodb/server-facts.ts';
import { behindTls } from './behind-tls.ts';
import { testPod } from './test-pod.ts';

const ADMIN = { adminUser: 'boss', adminPassword: 'boss-password' };
const login: Login = { user: 'boss', password: 'boss-password', authSource: 'admin' };
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function mongodb(set?: Parameters<typeof startMongodb>[2]): Promise<Listening> {
  const server = await startMongodb(ADMIN, undefined, set);
  ends.push(() => server.stop());
  return server;
}

const at = (port: number, more: Partial<Server> = {}): Server => ({
  hosts: [`127.0.0.1:${port}`],
  useSsl: false,
  ca: undefined,
  replicaSet: undefined,
  ...more,
});

describe('what is found of a MongoDB server', () => {
  it('by itself: no TLS, no set, and the mechanism of the user', async () => {
    const server = at((await mongodb()).port);
    expect(await needsTls(server, login)).toBe(false);
    expect(await factsOf(server, login, testPod(60_000))).toEqual({
      useSsl: false,
      replicaSet: undefined,
      authMechanism: 'SCRAM-SHA-256',
    });
    const asked = { ...login, mechanism: 'SCRAM-SHA-1' };
    expect(await factsOf(server, asked, testPod(60_000))).toMatchObject({ authMechanism: 'SCRAM-SHA-1' });
  });

  it('behind TLS: that it needs TLS, whoever signed its certificate', async () => {
    const identity = await localIdentity();
    const front = await behindTls(identity, (await mongodb()).port);
    ends.push(front.stop);
    const { port } = front;
    expect(await needsTls(at(port), login)).toBe(true);
    const facts = await factsOf(at(port, { useSsl: true, ca: identity.cert }), login, testPod(60_000));
    expect(facts).toMatchObject({ useSsl: true });
  }, 30_000);

  it('that denies the login without TLS: no TLS', async () => {
    const server = at((await mongodb()).port);
    expect(await needsTls(server, { ...login, password: 'another' })).toBe(false);
  });

  it('that is not there: no TLS, and the login explains it', async () => {
    const gone = await startMongodb(ADMIN);
    await gone.stop();
    expect(await needsTls(at(gone.port), login)).toBe(false);
  });

  it('in a replica set: its name, if its members are reached by their own names', async () => {
    const set = { name: 'rs0', host: '' };
    const server = await mongodb(set);
    set.host = `127.0.0.1:${server.port}`;
    expect(await factsOf(at(server.port), login, testPod(60_000))).toMatchObject({ replicaSet: 'rs0' });
    set.host = 'mongodb-0.invalid:27017';
    const pod = testPod(60_000);
    expect((await factsOf(at(server.port), login, pod)).replicaSet).toBeUndefined();
    expect(pod.lines.join()).toContain('the replica set rs0, whose members cannot be reached');
  }, 30_000);
});

it('a collection that another run has made meanwhile (48) counts as there', async () => {
  const server = await startMongodb(ADMIN, (command) =>
    'create' in command ? new MongoError(48, 'NamespaceExists', 'a collection of that name exists') : undefined,
  );
  ends.push(() => server.stop());
  const opened = openDatabases(at(server.port), login, ['main', 'forum'], new Set(), testPod(60_000));
  await expect(opened).resolves.toBeUndefined();
});
