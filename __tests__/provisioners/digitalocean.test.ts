import { answersTo, type ManagedUser, startManagedMongodb } from './managed-mongodb.ts';
import { startWireProxy } from './wire-proxy.ts';

const managed = await startManagedMongodb();
const { digitalocean, settings } = managed.vendors;
const cluster = managed.clusterId;
const ABSENT = '00000000-0000-4000-8000-000000000000';
afterAll(managed.stop);
afterEach(managed.endFaults);

const userOf = (prefix: string, password = ''): ManagedUser =>
  managed.user(prefix, managed.digitalocean, password === '' ? {} : { MONGODB_PASSWORD: password });

type Role = 'readOnly' | 'readWrite';
const exists = async ({ name, databases }: ManagedUser, password: string, role: Role = 'readWrite', count = 2) =>
  await digitalocean.addUser(cluster, name, password, {
    mongo_user_settings: { databases: databases.slice(0, count), role },
  });

const succeeds = (user: ManagedUser) => managed.succeeds(user, digitalocean);

describe('a new user of a managed cluster', () => {
  it('is made by the API with its databases, and a second run changes nothing', async () => {
    const user = userOf('fresh');
    expect(await succeeds(user)).toEqual(['POST /dbs', 'POST /dbs', 'POST /users']);
    expect(digitalocean.dbs(cluster)).toEqual(expect.arrayContaining([...user.databases]));
    for (const database of user.databases) expect(await managed.collections(database)).toContain('launchpad_provision');
    const made = managed.secrets.kept(user.name);
    expect(await succeeds(user)).toEqual([]);
    expect(managed.secrets.kept(user.name)).toEqual(made);
  });

  it.each([{ getLacksSettings: true }, { notFoundMs: 150 }, { propagationMs: 150 }, { existingStatus: 409 }] as const)(
    'is created all the same where the API leaves something open: %j',
    async (behaviour) => {
      Object.assign(digitalocean.behaviour, behaviour);
      const user = userOf('open');
      expect(await succeeds(user)).toEqual(['POST /dbs', 'POST /dbs', 'POST /users']);
      expect(await succeeds(user)).toEqual([]);
    },
  );

  it.each([409, 422] as const)('is taken for made where the answer was lost (%d at the next try)', async (status) => {
    digitalocean.behaviour.existingStatus = status;
    digitalocean.fault = answersTo('POST', '/users', 'drop-after');
    const user = userOf('lost');
    expect((await succeeds(user)).at(-1)).toBe(`POST /users/${user.name}/reset_auth`);
  });

  it('is made once the API lets it: after 429 with Retry-After, and 500 twice', async () => {
    const broken = { status: 500, body: { id: 'server_error', message: 'Unexpected server-side error' } };
    const limited = { id: 'too_many_requests', message: 'API rate limit exceeded.' };
    const first = { status: 429, headers: { 'retry-after': '1' }, body: limited };
    digitalocean.fault = answersTo('POST', '/users', first, broken, broken);
    expect((await succeeds(userOf('limited'))).filter((write) => write === 'POST /users')).toHaveLength(4);
  });
});

describe('a user that exists', () => {
  it('keeps the password of config.yml where that logs in', async () => {
    const user = userOf('known', 'password-that-works');
    await exists(user, 'password-that-works');
    expect(await succeeds(user)).toEqual(['POST /dbs', 'POST /dbs']);
    expect(managed.secrets.kept(user.name).password).toBe('password-that-works');
  });

  it('gets a new password where none that is known logs in, and is never deleted', async () => {
    const user = userOf('changed', 'an-old-password');
    await exists(user, 'somebody-changed-it');
    expect(await succeeds(user)).toEqual(['POST /dbs', 'POST /dbs', `POST /users/${user.name}/reset_auth`]);
    expect(managed.secrets.kept(user.name).password).not.toBe('an-old-password');
  });

  it('gets a new password at once where none is known', async () => {
    const user = userOf('unknown');
    await exists(user, 'nobody-knows-it');
    expect((await succeeds(user)).at(-1)).toBe(`POST /users/${user.name}/reset_auth`);
  });

  it.each([
    ['may only read', 'readOnly', 2],
    ['has one database', 'readWrite', 1],
  ] as const)('is given what it lacks where it %s', async (_, role, count) => {
    const user = userOf('lacking', 'password-that-works');
    await exists(user, 'password-that-works', role, count);
    expect(await succeeds(user)).toEqual(['POST /dbs', 'POST /dbs', `PUT /users/${user.name}`]);
  });

  it.each(['ignored', 'refused', 'not implemented'] as const)(
    'is left as it is, with what to do, where the API does not change its rights (a PUT is %s)',
    async (updateSettings) => {
      const user = userOf('fixed', 'password-that-works');
      await exists(user, 'password-that-works', 'readOnly');
      digitalocean.behaviour.updateSettings = updateSettings;
      const { code, error } = await managed.run(user);
      expect(code).toBe(1);
      expect(error).toMatchObject({
        code: 'digitalocean-user-settings',
        message: expect.stringContaining('does not have readWrite on'),
        hint: expect.stringContaining(`doctl databases user delete ${cluster} ${user.name}`),
      });
      expect(digitalocean.users(cluster).has(user.name)).toBe(true);
    },
  );
});

describe('a call that is refused', () => {
  it.each([
    ['a wrong token', { DIGITALOCEAN_TOKEN: 'dop_v1_of-somebody' }, /401 .*\(request \S+\)/, /digitalocean-token/],
    ['a wrong cluster', { DIGITALOCEAN_CLUSTER_ID: ABSENT }, /404 /, new RegExp(ABSENT)],
    [
      'a cluster of MySQL',
      { DIGITALOCEAN_CLUSTER_ID: settings.mysqlDigitalocean.LAUNCHPAD_MYSQL_CLUSTER_ID ?? '' },
      /is one of mysql, not of mongodb/,
      /mongodb-cluster-id/,
    ],
    ['another host', { MONGODB_HOST: 'evil.example.org' }, /MONGODB_HOST "evil.example.org"/, /Remove MONGODB_HOST/],
  ])('because of %s is an error that says what to set', async (_, wrong, message, hint) => {
    const { error, output } = await managed.run(userOf('refused'), wrong);
    expect(error?.message).toMatch(message);
    expect(error?.hint).toMatch(hint);
    expect(output).not.toContain('dop_v1_of-somebody');
  });

  it('shows no password to a token without that right, and one that has it goes on from there', async () => {
    const user = userOf('hidden');
    digitalocean.behaviour.hidesCredentials = true;
    const { error } = await managed.run(user);
    expect(error).toMatchObject({ hint: expect.stringContaining('database:view_credentials') });
    digitalocean.behaviour.hidesCredentials = false;
    expect((await succeeds(user)).at(-1)).toBe(`POST /users/${user.name}/reset_auth`);
  });
});

describe('a pod that is killed at a call that yields a password', () => {
  type Signal = 'SIGTERM' | 'SIGKILL';
  type Moment = 'before the call' | 'before the answer' | 'after the password is kept';

  /** Runs a pod and kills it at that moment; a call that SIGKILL cuts off is not answered. */
  async function runKilled(user: ManagedUser, call: string, signal: Signal, moment: Moment): Promise<void> {
    const pod = managed.start(user, { PATIENCE_LIMIT_MS: '100' });
    const cut = moment === 'before the call' ? 'drop' : 'drop-after';
    if (moment === 'after the password is kept') managed.secrets.onWrite = () => pod.kill(signal);
    else {
      digitalocean.fault = (method, path) => {
        if (method !== 'POST' || !path.endsWith(call)) return undefined;
        digitalocean.fault = undefined;
        pod.kill(signal);
        return signal === 'SIGKILL' ? cut : undefined;
      };
    }
    expect((await pod.done).code).not.toBe(0);
    managed.secrets.onWrite = undefined;
  }

  // What SIGTERM asks for comes after the call in any case.
  const cases: readonly (readonly [Signal, Moment])[] = [
    ['SIGTERM', 'before the answer'],
    ['SIGTERM', 'after the password is kept'],
    ['SIGKILL', 'before the call'],
    ['SIGKILL', 'before the answer'],
    ['SIGKILL', 'after the password is kept'],
  ];

  it.each(cases)('creating (%s %s): the next one ends with a password that logs in', async (signal, moment) => {
    const user = userOf('killed');
    await runKilled(user, '/users', signal, moment);
    const { password, verifiedBy } = managed.secrets.kept(user.name);
    const isKept = signal === 'SIGTERM' || moment === 'after the password is kept';
    expect({ isKept: password !== '', verifiedBy }).toEqual({ isKept, verifiedBy: '' });
    const again = await succeeds(user);
    expect(again.filter((write) => write.startsWith('DELETE'))).toEqual([]);
    if (isKept) expect(again).toEqual([]);
  });

  it.each(cases)('resetting (%s %s): the next one ends with a password that logs in', async (signal, moment) => {
    const user = userOf('killed-reset', 'an-old-password');
    await exists(user, 'somebody-changed-it');
    await runKilled(user, '/reset_auth', signal, moment);
    const isKept = managed.secrets.kept(user.name).password !== '';
    expect(isKept).toBe(signal === 'SIGTERM' || moment === 'after the password is kept');
    expect(await succeeds(user)).toEqual(isKept ? [] : [`POST /users/${user.name}/reset_auth`]);
  });
});

it('a pod whose time is up while the API makes a password writes that down, and then says what took too long', async () => {
  const user = userOf('late');
  const proxy = await startWireProxy(digitalocean);
  proxy.fail('late', '/users HTTP');
  const { code, error } = await managed.start(user, {
    VENDOR_API_URL: `http://${proxy.host}:${proxy.port}`,
    // 5 s are kept back for Argo: 3 s are left for work.
    DEADLINE_SECONDS: '8',
    CREATED_AT_SECONDS: String(Date.now() / 1000),
  }).done;
  await proxy.stop();
  expect({ code, error }).toMatchObject({ code: 1, error: { code: 'digitalocean-timeout' } });
  expect(error?.message).toContain(`creating user ${user.name} took longer than`);
  expect(managed.secrets.kept(user.name).password).not.toBe('');
  expect(await succeeds(user)).toEqual([]);
});
