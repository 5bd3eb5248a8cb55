import { inspect } from 'node:util';
import { startMongodb } from '../../sandbox/databases/mongodb.ts';
import { MongoError } from '../../sandbox/databases/mongodb-users.ts';
import { startMysql } from '../../sandbox/databases/mysql.ts';
import { SqlError } from '../../sandbox/databases/mysql-accounts.ts';
import type { Listening } from '../../sandbox/listening.ts';
import { runHere, type SecretStore, startSecretStore } from './pod.ts';
import { unique } from './test-pod.ts';

const ADMIN = { adminUser: 'boss', adminPassword: 'boss-password' };

/** What of one instance is refused from now on, how often and how. */
interface Fault<E> {
  /** Of the instance. */
  readonly name: string;
  /** In the statement, or the name of the command. */
  readonly text: string;
  readonly error: E;
  times: number;
}
const sqlFaults = new Set<Fault<SqlError>>();
const mongoFaults = new Set<Fault<MongoError>>();

function refusal<E>(faults: Set<Fault<E>>, isMet: (fault: Fault<E>) => boolean): E | undefined {
  const found = [...faults].find((fault) => fault.times > 0 && isMet(fault));
  if (found !== undefined) found.times -= 1;
  return found?.error;
}

function refuse<E>(faults: Set<Fault<E>>, fault: Fault<E>): Fault<E> {
  faults.add(fault);
  return fault;
}

let mysql: Listening;
let mongodb: Listening;
let secrets: SecretStore;

beforeAll(async () => {
  mysql = await startMysql(ADMIN, (sql) =>
    refusal(sqlFaults, ({ name, text }) => sql.includes(name) && sql.includes(text)),
  );
  mongodb = await startMongodb(ADMIN, (command) =>
    refusal(mongoFaults, ({ name, text }) => text in command && inspect(command).includes(name)),
  );
  secrets = await startSecretStore();
});
afterEach(() => {
  sqlFaults.clear();
  mongoFaults.clear();
});
afterAll(async () => {
  await Promise.all([mysql.stop(), mongodb.stop(), secrets.stop()]);
});

const mysqlPod = (name: string) => ({
  MYSQL_PROVIDER: 'direct',
  MYSQL_HOST: mysql.host,
  MYSQL_PORT: String(mysql.port),
  MYSQL_SSL_MODE: 'preferred',
  MYSQL_ADMIN_USER: ADMIN.adminUser,
  MYSQL_ADMIN_PASSWORD: ADMIN.adminPassword,
  MYSQL_DATABASE: name,
  MYSQL_USERNAME: name,
  MYSQL_PASSWORD: 'instance-password',
});
const mongodbPod = (name: string) => ({
  ...secrets.environment(name),
  CONNECTION_FILE: '/dev/null',
  MONGODB_PROVIDER: 'direct',
  MONGODB_HOST: mongodb.host,
  MONGODB_PORT: String(mongodb.port),
  MONGODB_ADMIN_USER: ADMIN.adminUser,
  MONGODB_ADMIN_PASSWORD: ADMIN.adminPassword,
  MONGODB_ADMIN_AUTH_SOURCE: 'admin',
  MONGODB_AUTH_SOURCE: 'admin',
  MONGODB_DATABASE: name,
  FORUM_MONGODB_DATABASE: `${name}-forum`,
  MONGODB_USERNAME: name,
  MONGODB_PASSWORD: 'instance-password',
});

describe('MySQL', () => {
  const steps = ['SCHEMATA', 'CREATE DATABASE', 'CREATE USER', 'GRANT ALL', 'USE '];
  it.each([
    [1040, 'Too many connections'],
    [1053, 'Server shutdown in progress'],
    [1205, 'Lock wait timeout exceeded; try restarting transaction'],
    [1213, 'Deadlock found when trying to get lock; try restarting transaction'],
    [1290, 'The MySQL server is running with the --super-read-only option so it cannot execute this statement'],
    [1317, 'Query execution was interrupted'],
    [1836, 'Running in read-only mode'],
    [1927, 'Connection was killed'],
    [2006, 'MySQL server has gone away'],
    [2013, 'Lost connection to server during query'],
    [4031, 'The client was disconnected by the server because of inactivity'],
  ])('that answers %i twice (%s) is asked again, at every step', async (errno, message) => {
    await Promise.all(
      steps.map(async (text) => {
        const name = unique('unwell');
        const fault = refuse(sqlFaults, { name, text, error: new SqlError(errno, message), times: 2 });
        const { code, states, output } = await runHere('mysql', mysqlPod(name));
        expect({ text, code, left: fault.times }).toEqual({ text, code: 0, left: 0 });
        expect(states).toEqual({ [`MySQL database ${name}`]: 'created', [`MySQL user ${name}`]: 'created' });
        expect(output).toMatch(/attempt 2 in \d\.\d s/);
      }),
    );
  });

  it.each([
    [1205, 'Lock wait timeout exceeded', 'mysql-locked', 'SHOW FULL PROCESSLIST'],
    [1290, 'The server is running with the --read-only option', 'mysql-read-only', 'MYSQL_HOST'],
    [2013, 'Lost connection to server during query', 'mysql-failed', 'MySQL reference'],
  ])('that keeps answering %i ends with an error that names the step', async (errno, said, code, hint) => {
    const name = unique('unwell');
    refuse(sqlFaults, { name, text: 'CREATE USER', error: new SqlError(errno, said), times: 10_000 });
    const { error, output } = await runHere('mysql', { ...mysqlPod(name), DEADLINE_SECONDS: '605' });
    // Only a lock is waited for until the end: 10 s at most from one attempt to the next.
    const attempts = Number([...output.matchAll(/attempt (\d+) in/g)].at(-1)?.[1]);
    expect(attempts).toBeGreaterThan(errno === 1205 ? 50 : 10);
    expect(attempts).toBeLessThan(errno === 1205 ? 130 : 40);
    expect(error).toMatchObject({ code, hint: expect.stringContaining(hint) });
    expect(error?.message).toMatch(/^MySQL at 127\.0\.0\.1:\d+: creating user unwell-\w+ failed: /);
  });

  it('whose password policy refuses, as in MariaDB, is told by its warnings', async () => {
    const reasons = [
      new SqlError(1819, 'policy: Not enough digits (< 1)'),
      new SqlError(1819, 'Your password does not'),
    ];
    const error = new SqlError(1396, "Operation CREATE USER failed for 'x'@'%'", reasons);
    const name = unique('unwell');
    refuse(sqlFaults, { name, text: 'CREATE USER', error, times: 1 });
    expect((await runHere('mysql', mysqlPod(name))).error).toMatchObject({
      code: 'mysql-password-policy',
      message: expect.stringContaining('policy: Not enough digits (< 1); Your password does not (error 1819).'),
      hint: expect.stringContaining('MYSQL_PASSWORD'),
    });
  });

  it.each([
    [1290, 'The MySQL server is running with the --skip-grant-tables option so it cannot execute this statement'],
    [1142, 'CREATE command denied to user'],
    [1396, 'Operation CREATE USER failed'],
  ])('that refuses for good (%i) is asked once', async (errno, message) => {
    const name = unique('unwell');
    const fault = refuse(sqlFaults, { name, text: 'CREATE USER', error: new SqlError(errno, message), times: 2 });
    const { error, output } = await runHere('mysql', mysqlPod(name));
    expect(error?.message).toContain(`creating user`);
    expect(output).not.toContain('attempt 2');
    expect(fault.times).toBe(1);
  });
});

describe('MongoDB', () => {
  const commands = ['usersInfo', 'createUser', 'grantRolesToUser', 'listCollections'];
  it.each([
    [10107, 'NotWritablePrimary', 'not primary'],
    [13435, 'NotPrimaryNoSecondaryOk', 'not primary and secondaryOk=false'],
    [13436, 'NotPrimaryOrSecondary', 'node is recovering'],
    [189, 'PrimarySteppedDown', 'primary stepped down while waiting for replication'],
    [11600, 'InterruptedAtShutdown', 'interrupted at shutdown'],
    [11602, 'InterruptedDueToReplStateChange', 'operation was interrupted'],
    [91, 'ShutdownInProgress', 'The server is in quiesce mode and will shut down'],
    [24, 'LockTimeout', 'Unable to acquire lock within time limit'],
    [6, 'HostUnreachable', 'no route'],
    [262, 'ExceededTimeLimit', 'operation exceeded time limit'],
  ])('that answers %i twice (%s) is asked again, at every step', async (code, codeName, message) => {
    await Promise.all(
      commands.map(async (text) => {
        const name = unique('unwell');
        const fault = refuse(mongoFaults, { name, text, error: new MongoError(code, codeName, message), times: 2 });
        const result = await runHere('mongodb', mongodbPod(name));
        expect({ text, code: result.code, left: fault.times }).toEqual({ text, code: 0, left: 0 });
        expect(result.states).toMatchObject({ [`MongoDB user ${name}`]: 'created' });
        expect(result.output).toContain(codeName);
      }),
    );
  });

  it('that stays a secondary is named after half a minute, with the remedy', async () => {
    const name = unique('unwell');
    const secondary = new MongoError(10107, 'NotWritablePrimary', 'not primary');
    refuse(mongoFaults, { name, text: 'createUser', error: secondary, times: 10_000 });
    const { error, output } = await runHere('mongodb', mongodbPod(name));
    expect(error).toMatchObject({ code: 'mongodb-not-primary', hint: expect.stringContaining('mongodb-replica-set') });
    expect(output.match(/attempt/g)?.length).toBeLessThan(12);
  });
});
