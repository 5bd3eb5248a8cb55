import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { startMysql } from '../../sandbox/databases/mysql.ts';
import type { Listening } from '../../sandbox/listening.ts';
import { type DigitaloceanApi, startDigitalocean } from '../../sandbox/vendors/digitalocean.ts';
import { runPod, unique } from './pod.ts';

const ADMIN = { adminUser: 'boss', adminPassword: 'boss-password' };
const TOKEN = 'dop_v1_token';
const CLUSTER = '88055188-9e54-4f21-ab11-8a918ed79ee2';

let server: Listening;
let digitalocean: DigitaloceanApi;
let admin: Connection;

beforeAll(async () => {
  server = await startMysql(ADMIN);
  const place = { host: server.host, port: server.port };
  const cluster = { id: CLUSTER, engine: 'mysql', server: place, admin: ADMIN, ssl: false } as const;
  digitalocean = await startDigitalocean({ token: TOKEN, clusters: [cluster] });
  admin = await createConnection({ ...place, user: ADMIN.adminUser, password: ADMIN.adminPassword });
});
afterEach(() => {
  digitalocean.fault = undefined;
});
afterAll(async () => {
  await admin.end();
  await digitalocean.stop();
  await server.stop();
});

function direct(): Record<string, string> {
  return {
    MYSQL_PROVIDER: 'direct',
    MYSQL_HOST: server.host,
    MYSQL_PORT: String(server.port),
    MYSQL_ADMIN_USER: ADMIN.adminUser,
    MYSQL_ADMIN_PASSWORD: ADMIN.adminPassword,
  };
}

function managed(): Record<string, string> {
  return {
    MYSQL_PROVIDER: 'digitalocean',
    VENDOR_API_URL: digitalocean.url,
    DIGITALOCEAN_TOKEN: TOKEN,
    DIGITALOCEAN_CLUSTER_ID: CLUSTER,
    CONNECTION_FILE: '/dev/null',
  };
}

const run = (operation: string, name: string, others: Record<string, string>) =>
  runPod('mysql', {
    OPERATION: operation,
    MYSQL_SSL_MODE: 'preferred',
    MYSQL_DATABASE: name,
    MYSQL_USERNAME: name,
    ...(operation === 'provision' ? { MYSQL_PASSWORD: 'instance-password' } : {}),
    ...others,
  });

const states = (name: string, state: string) => ({ [`MySQL database ${name}`]: state, [`MySQL user ${name}`]: state });

/** What the server has under the name: databases that begin with it, and whether the user is there. */
async function onServer(name: string) {
  const [databases] = await admin.query<RowDataPacket[]>('SHOW DATABASES');
  const [hosts] = await admin.query<RowDataPacket[]>('SELECT Host FROM mysql.user WHERE User = ?', [name]);
  const names = databases.map(({ Database }) => String(Database)).filter((one) => one.startsWith(name));
  return { databases: names.sort(), user: hosts.length > 0 };
}

describe.each([
  ['with an admin user', direct],
  ['on DigitalOcean', managed],
])('taking MySQL down %s', (_, access) => {
  it('drops the database with its tables and the user, and a second run finds them gone', async () => {
    const name = unique('gone');
    expect((await run('provision', name, access())).states).toEqual(states(name, 'created'));
    await admin.query(`CREATE TABLE \`${name}\`.\`t\` (a INT)`);
    expect((await run('deprovision', name, access())).states).toEqual(states(name, 'deleted'));
    expect(await onServer(name)).toEqual({ databases: [], user: false });
    const second = await run('deprovision', name, access());
    expect(second.code).toBe(0);
    expect(second.states).toEqual(states(name, 'absent'));
  });

  it('succeeds where nothing ever was, and finishes what is half there', async () => {
    const [never, half] = [unique('never'), unique('half')];
    expect((await run('deprovision', never, access())).states).toEqual(states(never, 'absent'));
    await admin.query(`CREATE DATABASE \`${half}\``);
    expect((await run('deprovision', half, access())).states).toEqual({
      [`MySQL database ${half}`]: 'deleted',
      [`MySQL user ${half}`]: 'absent',
    });
    await admin.query(`CREATE USER '${half}'@'%' IDENTIFIED BY 'instance-password'`);
    expect((await run('deprovision', half, access())).states).toEqual({
      [`MySQL database ${half}`]: 'absent',
      [`MySQL user ${half}`]: 'deleted',
    });
  });

  it("leaves another instance's database and user whose names begin with these, or that the names match as a pattern", async () => {
    const name = `a_b_${Date.now().toString(36)}${Math.random().toString(36).slice(2, 5)}`;
    const others = [`${name}-b`, name.replaceAll('_', 'x')];
    for (const other of [name, ...others]) expect((await run('provision', other, access())).code).toBe(0);
    expect((await run('deprovision', name, access())).states).toEqual(states(name, 'deleted'));
    for (const other of others) expect(await onServer(other)).toEqual({ databases: [other], user: true });
  });
});

describe('taking MySQL down', () => {
  it.each([
    ['a database of the server', { MYSQL_DATABASE: 'mysql' }, 'database mysql'],
    ['a database of the server in capitals', { MYSQL_DATABASE: 'Information_Schema' }, 'database Information_Schema'],
    ['the superuser', { MYSQL_USERNAME: 'root' }, 'user root'],
    ["the settings' admin", { MYSQL_USERNAME: 'Boss' }, 'user Boss'],
  ])('refuses %s, and drops nothing', async (_, others, what) => {
    const name = unique('system');
    await run('provision', name, direct());
    const result = await run('deprovision', name, { ...direct(), ...others });
    expect(result.error).toMatchObject({ code: 'mysql-system-name', message: expect.stringContaining(what) });
    expect(await onServer(name)).toEqual({ databases: [name], user: true });
  });

  it("refuses the managed cluster's own admin", async () => {
    const result = await run('deprovision', unique('system'), { ...managed(), MYSQL_USERNAME: ADMIN.adminUser });
    expect(result.error).toMatchObject({ code: 'mysql-system-name' });
  });

  it('says what is wrong with the admin, and no password', async () => {
    const name = unique('denied');
    await run('provision', name, direct());
    const denied = await run('deprovision', name, { ...direct(), MYSQL_ADMIN_PASSWORD: 'hidden-password' });
    expect(denied.error).toMatchObject({ code: 'mysql-access-denied', host: `${server.host}:${server.port}` });
    expect(denied.output).not.toContain('hidden-password');
    const weak = unique('weak');
    await admin.query(`CREATE USER '${weak}'@'%' IDENTIFIED BY 'weak-password'`);
    const privileges = { MYSQL_ADMIN_USER: weak, MYSQL_ADMIN_PASSWORD: 'weak-password' };
    expect((await run('deprovision', name, { ...direct(), ...privileges })).error).toMatchObject({
      code: 'mysql-privileges',
    });
    expect(await onServer(name)).toEqual({ databases: [name], user: true });
  });

  it('asks the vendor again after 429 and 500', async () => {
    const name = unique('retried');
    await run('provision', name, managed());
    const answers = [
      { status: 429, body: { id: 'too_many_requests', message: 'slow down' }, headers: { 'retry-after': '0' } },
      { status: 500, body: { id: 'server_error', message: 'oops' } },
    ];
    digitalocean.fault = () => answers.shift();
    expect((await run('deprovision', name, managed())).states).toEqual(states(name, 'deleted'));
    expect(answers).toEqual([]);
  });

  it('does nothing for an operation that is none', async () => {
    const name = unique('typo');
    await run('provision', name, direct());
    expect((await run('remove', name, direct())).code).toBe(1);
    expect(await onServer(name)).toEqual({ databases: [name], user: true });
  });
});
