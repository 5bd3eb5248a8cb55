import { databasesOf, PASSWORD, startManagedMongodb, states } from './managed-mongodb.ts';
import { unique } from './test-pod.ts';

const managed = await startManagedMongodb();
const { admin } = managed;
afterEach(managed.endFaults);
afterAll(managed.stop);

describe.each([
  ['with an admin user', managed.direct],
  ['on DigitalOcean', managed.digitalocean],
  ['on Atlas', managed.atlas],
])('deprovisioning MongoDB %s', (_, provider) => {
  it('drops both databases and the user, and a second run finds them gone', async () => {
    const name = unique('gone');
    await provider.addUser(name, PASSWORD);
    await managed.fill(name);
    expect((await managed.deprovision(provider, name)).states).toEqual(states(name, 'deleted', 'deleted'));
    expect(await managed.leftOf(provider, name)).toEqual([]);
    const second = await managed.deprovision(provider, name);
    expect(second.code).toBe(0);
    expect(second.states).toEqual(states(name, 'absent', 'absent'));
    expect(await managed.leftOf(provider, name)).toEqual([]);
  });

  it('succeeds where nothing ever was', async () => {
    const name = unique('never');
    expect((await managed.deprovision(provider, name)).states).toEqual(states(name, 'absent', 'absent'));
    expect(await managed.leftOf(provider, name)).toEqual([]);
  });

  it("leaves another instance's databases and user whose names begin with these", async () => {
    const name = unique('a');
    const other = `${name}-b`;
    for (const one of [name, other]) {
      await provider.addUser(one, PASSWORD);
      await managed.fill(one);
    }
    expect((await managed.deprovision(provider, name)).states).toEqual(states(name, 'deleted', 'deleted'));
    expect(await managed.databases()).toEqual(expect.arrayContaining(databasesOf(other)));
    expect(await provider.users()).toContain(other);
    const user = await managed.login(other, PASSWORD);
    await user.db(`${other}-openedx`).collection('contents').insertOne({ a: 2 });
    await user.close();
  });

  it.each([
    ['a database of the server', { FORUM_MONGODB_DATABASE: 'admin' }, 'database admin'],
    ['a user of the server', { MONGODB_USERNAME: 'root' }, 'user root'],
  ])('refuses %s, and drops nothing', async (_what, others, what) => {
    const name = unique('system');
    await provider.addUser(name, PASSWORD);
    await managed.fill(name);
    const result = await managed.deprovision(provider, name, others);
    expect(result.error).toMatchObject({ code: 'mongodb-system-name', message: expect.stringContaining(what) });
    expect(await managed.databases()).toEqual(expect.arrayContaining(databasesOf(name)));
    expect(await provider.users()).toContain(name);
  });
});

describe('deprovisioning MongoDB with an admin user', () => {
  it('finishes what is half there', async () => {
    const name = unique('half');
    await managed.fill(name);
    expect((await managed.deprovision(managed.direct, name)).states).toEqual(states(name, 'deleted', 'absent'));
    await managed.direct.addUser(name, PASSWORD);
    expect((await managed.deprovision(managed.direct, name)).states).toEqual(states(name, 'absent', 'deleted'));
  });

  it("drops a user that is made in the instance's own database", async () => {
    const name = unique('own');
    const [main = ''] = databasesOf(name);
    await admin.db(main).command({ createUser: name, pwd: PASSWORD, roles: ['readWrite'] });
    expect((await managed.deprovision(managed.direct, name, { MONGODB_AUTH_SOURCE: main })).states).toEqual(
      states(name, 'absent', 'deleted'),
    );
    expect((await admin.db(main).command({ usersInfo: name })).users).toEqual([]);
  });

  it('refuses the admin of the settings', async () => {
    const result = await managed.deprovision(managed.direct, unique('boss'), { MONGODB_USERNAME: 'Boss' });
    expect(result.error).toMatchObject({ code: 'mongodb-system-name' });
  });

  it('says which role an admin lacks who may only administer users, and leaves everything', async () => {
    const [name, weak] = [unique('kept'), unique('weak')];
    await managed.direct.addUser(name, PASSWORD);
    await managed.fill(name);
    const roles = [{ role: 'userAdminAnyDatabase', db: 'admin' }];
    await admin.db('admin').command({ createUser: weak, pwd: 'weak-password', roles });
    const asWeak = { MONGODB_ADMIN_USER: weak, MONGODB_ADMIN_PASSWORD: 'weak-password' };
    expect((await managed.deprovision(managed.direct, name, asWeak)).error).toMatchObject({
      code: 'mongodb-privileges',
      hint: expect.stringContaining('dbAdminAnyDatabase'),
    });
    expect(await managed.leftOf(managed.direct, name)).toHaveLength(4);
    await admin.db('admin').command({ grantRolesToUser: weak, roles: [{ role: 'dbAdminAnyDatabase', db: 'admin' }] });
    expect((await managed.deprovision(managed.direct, name, asWeak)).states).toEqual(
      states(name, 'deleted', 'deleted'),
    );
  });

  it('says that the admin is denied, and no password', async () => {
    const result = await managed.deprovision(managed.direct, unique('denied'), {
      MONGODB_ADMIN_PASSWORD: 'hidden-password',
    });
    expect(result.error).toMatchObject({ code: 'mongodb-access-denied' });
    expect(result.output).not.toContain('hidden-password');
  });
});
