import {
  ADMIN,
  databasesOf,
  PASSWORD,
  requestsDuring,
  rolesOn,
  startManagedMongodb,
  states,
  writesIn,
} from './managed-mongodb.ts';
import { unique } from './test-pod.ts';

const managed = await startManagedMongodb();
const { admin, vendors } = managed;

/** What the API changed while the work ran. */
const writesDuring = async (api: Parameters<typeof requestsDuring>[0], work: () => Promise<unknown>) =>
  writesIn((await requestsDuring(api, work)).filter(({ status }) => status < 400));

afterEach(managed.endFaults);
afterAll(managed.stop);

describe('deprovisioning MongoDB on DigitalOcean', () => {
  it('deletes the databases and the user one after another, and asks again after 429 and 500', async () => {
    const name = unique('retried');
    await managed.digitalocean.addUser(name, PASSWORD);
    const answers = [
      { status: 429, body: { id: 'too_many_requests', message: 'slow down' }, headers: { 'retry-after': '0' } },
      { status: 500, body: { id: 'server_error', message: 'oops' } },
    ];
    vendors.digitalocean.fault = (method) => (method === 'DELETE' ? answers.shift() : undefined);
    const writes = await writesDuring(vendors.digitalocean, async () => {
      expect((await managed.deprovision(managed.digitalocean, name)).states).toEqual(
        states(name, 'deleted', 'deleted'),
      );
    });
    expect(answers).toEqual([]);
    expect(writes).toEqual([
      ...databasesOf(name).map((database) => `DELETE /dbs/${database}`),
      `DELETE /users/${name}`,
    ]);
  });

  it('takes what is gone for deleted, where the answer to its deletion was lost', async () => {
    const name = unique('lost');
    await managed.digitalocean.addUser(name, PASSWORD);
    const lost = new Set<string>();
    vendors.digitalocean.fault = (method, path) => {
      if (method !== 'DELETE' || lost.has(path)) return undefined;
      lost.add(path);
      return 'drop-after';
    };
    expect((await managed.deprovision(managed.digitalocean, name)).states).toEqual(states(name, 'deleted', 'deleted'));
    expect(lost.size).toBe(3);
  });

  it('finishes what is half there', async () => {
    const name = unique('half');
    const [main = '', forum = ''] = databasesOf(name);
    await managed.addDigitaloceanDatabases([forum]);
    expect((await managed.deprovision(managed.digitalocean, name)).states).toEqual({
      [`MongoDB database ${main}`]: 'absent',
      [`MongoDB database ${forum}`]: 'deleted',
      [`MongoDB user ${name}`]: 'absent',
    });
  });

  it("refuses the cluster's administrator before it deletes a database", async () => {
    const name = unique('primary');
    await managed.digitalocean.addUser(name, PASSWORD);
    const result = await managed.deprovision(managed.digitalocean, name, { MONGODB_USERNAME: ADMIN.adminUser });
    expect(result.error).toMatchObject({ code: 'mongodb-system-name' });
    expect(vendors.digitalocean.dbs(managed.clusterId)).toEqual(expect.arrayContaining(databasesOf(name)));
  });

  it.each([
    ['a cluster that is not there', { DIGITALOCEAN_CLUSTER_ID: '00000000-0000-4000-8000-000000000000' }, /not-found$/],
    ['another token', { DIGITALOCEAN_TOKEN: 'hidden-token' }, /token$/],
    ['another host in config.yml', { MONGODB_HOST: 'elsewhere.example.org' }, /^host-refused$/],
  ])('takes %s for an error, and not for gone already', async (_, others, code) => {
    const result = await managed.deprovision(managed.digitalocean, unique('wrong'), others);
    expect(result.error?.code).toMatch(code);
    expect(result.output).not.toContain('hidden-token');
  });
});

describe('deprovisioning MongoDB on Atlas', () => {
  it('does it as the user whose password works, and changes nothing before', async () => {
    const name = unique('works');
    await managed.atlas.addUser(name, PASSWORD);
    await managed.fill(name);
    const writes = await writesDuring(vendors.atlas, () => managed.deprovision(managed.atlas, name));
    expect(writes).toEqual([`DELETE /databaseUsers/admin/${name}`]);
    expect(await managed.leftOf(managed.atlas, name)).toEqual([]);
  });

  it.each([
    ['whose password is another', {}, 'readWrite'],
    ['whose password is not known', { MONGODB_PASSWORD: '' }, 'readWrite'],
    ['whose password is too short to be set', { MONGODB_PASSWORD: '0123' }, 'readWrite'],
    ['who may only read', {}, 'read'],
  ] as const)('brings a user to it %s', async (_, others, roleName) => {
    const name = unique('other');
    await vendors.atlas.addUser(name, 'somebody-changed-it', rolesOn(databasesOf(name), roleName));
    await managed.fill(name);
    vendors.atlas.behaviour.propagationMs = 300;
    const writes = await writesDuring(vendors.atlas, async () => {
      const result = await managed.deprovision(managed.atlas, name, others);
      expect(result.states).toEqual(states(name, 'deleted', 'deleted'));
    });
    expect(writes).toEqual([`PATCH /databaseUsers/admin/${name}`, `DELETE /databaseUsers/admin/${name}`]);
    expect(await managed.databases()).not.toEqual(expect.arrayContaining([`${name}-openedx`]));
  });

  it('makes a user that is gone again for as long as it takes, and leaves no data and no user', async () => {
    const name = unique('again');
    await managed.fill(name);
    const result = await managed.deprovision(managed.atlas, name);
    expect(result.states).toEqual(states(name, 'deleted', 'absent'));
    expect(result.output).toContain(
      `User ${name} does not exist: creating it to check its databases, and deleting it afterwards.`,
    );
    expect(await managed.leftOf(managed.atlas, name)).toEqual([]);
  });

  it('keeps the user where a database could not be emptied, so that a second run can', async () => {
    const name = unique('kept');
    await managed.atlas.addUser(name, PASSWORD);
    await managed.fill(name);
    await admin.db('admin').command({ updateUser: name, roles: [] });
    expect((await managed.deprovision(managed.atlas, name)).error).toMatchObject({ code: 'mongodb-privileges' });
    expect(await managed.atlas.users()).toContain(name);
    await managed.atlas.addUser(name, PASSWORD);
    expect((await managed.deprovision(managed.atlas, name)).states).toEqual(states(name, 'deleted', 'deleted'));
  });

  it('says what is left that its user may not drop', async () => {
    const name = unique('views');
    const [main = ''] = databasesOf(name);
    await managed.atlas.addUser(name, PASSWORD);
    await managed.fill(name);
    await admin.db(main).collection('system.views').insertOne({ viewOn: 'contents' });
    const result = await managed.deprovision(managed.atlas, name);
    expect(result.states).toEqual(states(name, 'deleted', 'deleted'));
    expect(result.output).toContain(`Database ${main} still has system.views`);
  });

  it('asks again after 429 and 500, and takes a lost answer to the deletion for one', async () => {
    const name = unique('retried');
    await managed.atlas.addUser(name, PASSWORD);
    await managed.fill(name);
    const answers = [
      { status: 429, body: { error: 429, errorCode: 'RATE_LIMITED_TOKEN_BUCKET' }, headers: { 'retry-after': '0' } },
      { status: 500, body: { error: 500, errorCode: 'UNEXPECTED_ERROR' } },
      'drop-after' as const,
    ];
    vendors.atlas.fault = (method) => (method === 'DELETE' ? answers.shift() : undefined);
    expect((await managed.deprovision(managed.atlas, name)).states).toEqual(states(name, 'deleted', 'deleted'));
    expect(answers).toEqual([]);
    expect(await managed.leftOf(managed.atlas, name)).toEqual([]);
  });
});
