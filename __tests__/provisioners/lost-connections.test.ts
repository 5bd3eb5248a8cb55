import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MongoClient } from 'mongodb';
import { type Connection, createConnection } from 'mysql2/promise';
import { startMongodb } from '../../sandbox/databases/mongodb.ts';
import { startMysql } from '../../sandbox/databases/mysql.ts';
import type { Listening } from '../../sandbox/listening.ts';
import { parseLog } from '../../src/cluster/workflows/pod-report.ts';
import { characterSetOf, hostsOfUser } from '../../src/provisioners/mysql/admin.ts';
import { runHere, runPod, type SecretStore, startSecretStore } from './pod.ts';
import { unique } from './test-pod.ts';
import { startWireProxy, type WireFault, type WireProxy } from './wire-proxy.ts';

const ADMIN = { adminUser: 'boss', adminPassword: 'boss-password' };
const PASSWORD = 'instance-password';

let mysql: Listening;
let mongodb: Listening;
let secrets: SecretStore;
const proxies: WireProxy[] = [];
let sql: Connection;
let mongo: MongoClient;

beforeAll(async () => {
  [mysql, mongodb, secrets] = await Promise.all([startMysql(ADMIN), startMongodb(ADMIN), startSecretStore()]);
  const { adminUser: user, adminPassword: password } = ADMIN;
  sql = await createConnection({ host: mysql.host, port: mysql.port, user, password });
  mongo = await MongoClient.connect(`mongodb://${user}:${password}@${mongodb.host}:${mongodb.port}`);
});
afterAll(async () => {
  await sql.end();
  await mongo.close();
  await Promise.all([...proxies, mysql, mongodb, secrets].map((one) => one.stop()));
});

/** A proxy of one test, before the server. */
async function proxyOf(kind: Kind): Promise<WireProxy> {
  const proxy = await startWireProxy({ mysql, mongodb }[kind]);
  proxies.push(proxy);
  return proxy;
}

/** The pod of an instance, which reaches its server at the address. */
function environmentOf(
  { host, port }: Pick<Listening, 'host' | 'port'>,
  kind: Kind,
  operation: string,
  name: string,
): Record<string, string> {
  const common = {
    OPERATION: operation,
    [`${kind.toUpperCase()}_PROVIDER`]: 'direct',
    [`${kind.toUpperCase()}_HOST`]: host,
    [`${kind.toUpperCase()}_PORT`]: String(port),
    [`${kind.toUpperCase()}_ADMIN_USER`]: ADMIN.adminUser,
    [`${kind.toUpperCase()}_ADMIN_PASSWORD`]: ADMIN.adminPassword,
    [`${kind.toUpperCase()}_DATABASE`]: name,
    [`${kind.toUpperCase()}_USERNAME`]: name,
    [`${kind.toUpperCase()}_PASSWORD`]: PASSWORD,
  };
  if (kind === 'mysql') return { ...common, MYSQL_SSL_MODE: 'preferred' };
  return {
    ...common,
    ...secrets.environment(name),
    CONNECTION_FILE: '/dev/null',
    FORUM_MONGODB_DATABASE: `${name}-forum`,
    MONGODB_AUTH_SOURCE: 'admin',
    MONGODB_ADMIN_AUTH_SOURCE: 'admin',
  };
}

/** Statements and commands by what is in them. */
const MESSAGES = {
  mysql: {
    provision: [
      'SET SESSION',
      'SCHEMATA',
      'CREATE DATABASE',
      'mysql.user',
      'CREATE USER',
      'partial_revokes',
      'SHOW GRANTS',
      'GRANT ALL',
      'USE ',
    ],
    deprovision: ['SET SESSION', 'SCHEMATA', 'DROP DATABASE', 'mysql.user', 'DROP USER'],
  },
  mongodb: {
    provision: [
      'hello',
      'saslStart',
      'saslContinue',
      'usersInfo',
      'createUser',
      'grantRolesToUser',
      'listCollections',
      'launchpad_provision',
    ],
    deprovision: ['saslContinue', 'listCollections', 'dropDatabase', 'usersInfo', 'dropUser'],
  },
} as const;

type Kind = keyof typeof MESSAGES;
const KINDS: readonly Kind[] = ['mysql', 'mongodb'];
const OPERATIONS = ['provision', 'deprovision'] as const;
const FAULTS = ['cut before', 'cut after'] as const satisfies readonly WireFault[];
const cases = KINDS.flatMap((kind) =>
  OPERATIONS.flatMap((operation) =>
    MESSAGES[kind][operation].flatMap((text) => FAULTS.map((fault) => [kind, operation, text, fault] as const)),
  ),
);

/** What the server has of an instance. */
async function existing(kind: Kind, name: string): Promise<string[]> {
  if (kind === 'mysql') {
    const hasDatabase = (await characterSetOf(sql, name)) !== undefined;
    return [
      ...(hasDatabase ? ['database'] : []),
      ...(((await hostsOfUser(sql, name)) ?? []).length > 0 ? ['user'] : []),
    ];
  }
  const { users } = await mongo.db('admin').command({ usersInfo: { user: name, db: 'admin' } });
  const collections = await mongo.db(name).listCollections().toArray();
  return [...(collections.length > 0 ? ['database'] : []), ...(users.length > 0 ? ['user'] : [])];
}

async function given(kind: Kind, operation: string): Promise<string> {
  const name = unique('cut');
  if (operation === 'provision') return name;
  const pod = environmentOf({ mysql, mongodb }[kind], kind, 'provision', name);
  expect((await runHere(kind, pod)).code).toBe(0);
  if (kind === 'mongodb') await mongo.db(name).collection('courses').insertOne({ a: 1 });
  return name;
}

/** What a pod says that it did, where nothing goes wrong. */
const STATES: Readonly<Record<Kind, Readonly<Record<string, (name: string) => Readonly<Record<string, string>>>>>> = {
  mysql: {
    provision: (name) => ({ [`MySQL database ${name}`]: 'created', [`MySQL user ${name}`]: 'created' }),
    deprovision: (name) => ({ [`MySQL database ${name}`]: 'deleted', [`MySQL user ${name}`]: 'deleted' }),
  },
  mongodb: {
    provision: (name) => ({
      [`MongoDB database ${name}`]: 'created',
      [`MongoDB database ${name}-forum`]: 'created',
      [`MongoDB user ${name}`]: 'created',
    }),
    deprovision: (name) => ({
      [`MongoDB database ${name}`]: 'deleted',
      [`MongoDB database ${name}-forum`]: 'deleted',
      [`MongoDB user ${name}`]: 'deleted',
    }),
  },
};

describe('a connection that is lost', () => {
  it.concurrent.each(cases)(
    '%s, %s, %s, %s: the step is done again, and told as it was',
    async (...[kind, operation, text, fault]) => {
      const proxy = await proxyOf(kind);
      const name = await given(kind, operation);
      const before = await existing(kind, name);
      proxy.fail(fault, text);
      const result = await runHere(kind, environmentOf(proxy, kind, operation, name));
      expect({ ...result, hasFailed: proxy.hasFailed }).toMatchObject({ code: 0, error: undefined, hasFailed: true });
      expect(result.states).toEqual(STATES[kind][operation]?.(name));
      const made = ['database', 'user'];
      expect(await existing(kind, name)).toEqual(before.length === 0 ? made : []);
      expect(result.output).not.toContain(PASSWORD);
    },
  );
});

/** A statement behind a lock, and a server that is silent from the first byte or in the login, look the same from here. */
describe('a server that does not answer', () => {
  it.concurrent.each([
    ['mysql', 'provision', '', 'the login of the admin'],
    ['mysql', 'provision', 'CREATE USER', 'creating user {}'],
    ['mysql', 'provision', 'USE ', 'the login of {}'],
    ['mysql', 'deprovision', 'DROP DATABASE', 'dropping database {}'],
    ['mongodb', 'provision', '', 'the login of boss'],
    ['mongodb', 'provision', 'saslContinue', 'the login of boss'],
    ['mongodb', 'provision', 'createUser', 'creating user {}'],
    ['mongodb', 'deprovision', 'dropDatabase', 'dropping database {}'],
  ] as const)(
    '%s, %s, "%s": the pod ends when its time is up, and names the step in log and termination message',
    async (kind, operation, text, step) => {
      const proxy = await proxyOf(kind);
      const name = await given(kind, operation);
      const directory = await mkdtemp(path.join(tmpdir(), 'launchpad-report-'));
      const file = path.join(directory, 'termination-log');
      proxy.fail('silent', text);
      // The login comes first, where nothing asks before it whether the server speaks TLS.
      const known = { MONGODB_USE_SSL: 'false' };
      // 5 s are kept back for Argo, and 4 s are left for work, as several pods start at once.
      const limit = {
        ...known,
        DEADLINE_SECONDS: '9',
        CREATED_AT_SECONDS: String(Date.now() / 1000),
        REPORT_FILE: file,
      };
      const { error, code, output } = await runPod(kind, { ...environmentOf(proxy, kind, operation, name), ...limit });
      const at = `127.0.0.1:${proxy.port}`;
      expect({ code, error }).toMatchObject({ code: 1, error: { code: `${kind}-timeout`, host: at } });
      const service = kind === 'mysql' ? 'MySQL' : 'MongoDB';
      expect(error?.message.replace(/\d\.\d s/, '1 s')).toBe(
        `${service} at ${at}: ${step.replace('{}', name)} took longer than 1 s, and the time of the run is up.`,
      );
      expect(error?.hint).toContain('locks');
      expect(parseLog(await readFile(file, 'utf8')).error).toEqual(error);
      expect(output).not.toContain(PASSWORD);
      await rm(directory, { recursive: true });
    },
  );
});
