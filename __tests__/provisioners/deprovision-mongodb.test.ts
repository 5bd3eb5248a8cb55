import {
  ATLAS,
  admin,
  DIGITALOCEAN,
  DIRECT,
  databasesOf,
  databasesOnServer,
  deprovision,
  endFaults,
  fill,
  leftOf,
  login,
  PASSWORD,
  states,
  stopServers,
} from './mongodb-servers.ts';
import { unique } from './pod.ts';

afterEach(endFaults);
afterAll(stopServers);

describe.each([
  ['with an admin user', DIRECT],
  ['on DigitalOcean', DIGITALOCEAN],
  ['on Atlas', ATLAS],
])('taking MongoDB down %s', (_, provider) => {
  it('drops both databases and the user, and a second run finds them gone', async () => {
    const name = unique('gone');
    await provider.addUser(name, PASSWORD);
    await fill(name);
    expect((await deprovision(provider, name)).states).toEqual(states(name, 'deleted', 'deleted'));
    expect(await leftOf(provider, name)).toEqual([]);
    const second = await deprovision(provider, name);
    expect(second.code).toBe(0);
    expect(second.states).toEqual(states(name, 'absent', 'absent'));
    expect(await leftOf(provider, name)).toEqual([]);
  });

  it('succeeds where nothing ever was', async () => {
    const name = unique('never');
    expect((await deprovision(provider, name)).states).toEqual(states(name, 'absent', 'absent'));
    expect(await leftOf(provider, name)).toEqual([]);
  });

  it("leaves another instance's databases and user whose names begin with these", async () => {
    const name = unique('a');
    const other = `${name}-b`;
    for (const one of [name, other]) {
      await provider.addUser(one, PASSWORD);
      await fill(one);
    }
    expect((await deprovision(provider, name)).states).toEqual(states(name, 'deleted', 'deleted'));
    expect(await databasesOnServer()).toEqual(expect.arrayContaining(databasesOf(other)));
    expect(await provider.users()).toContain(other);
    const user = await login(other, PASSWORD);
    await user.db(`${other}-openedx`).collection('contents').insertOne({ a: 2 });
    await user.close();
  });

  it.each([
    ['a database of the server', { FORUM_MONGODB_DATABASE: 'admin' }, 'database admin'],
    ['a user of the server', { MONGODB_USERNAME: 'root' }, 'user root'],
  ])('refuses %s, and drops nothing', async (_what, others, what) => {
    const name = unique('system');
    await provider.addUser(name, PASSWORD);
    await fill(name);
    const result = await deprovision(provider, name, others);
    expect(result.error).toMatchObject({ code: 'mongodb-system-name', message: expect.stringContaining(what) });
    expect(await databasesOnServer()).toEqual(expect.arrayContaining(databasesOf(name)));
    expect(await provider.users()).toContain(name);
  });
});

describe('taking MongoDB down with an admin user', () => {
  it('finishes what is half there', async () => {
    const name = unique('half');
    await fill(name);
    expect((await deprovision(DIRECT, name)).states).toEqual(states(name, 'deleted', 'absent'));
    await DIRECT.addUser(name, PASSWORD);
    expect((await deprovision(DIRECT, name)).states).toEqual(states(name, 'absent', 'deleted'));
  });

  it("drops a user that is made in the instance's own database", async () => {
    const name = unique('own');
    const [main = ''] = databasesOf(name);
    await admin.db(main).command({ createUser: name, pwd: PASSWORD, roles: ['readWrite'] });
    expect((await deprovision(DIRECT, name, { MONGODB_AUTH_SOURCE: main })).states).toEqual(
      states(name, 'absent', 'deleted'),
    );
    expect((await admin.db(main).command({ usersInfo: name })).users).toEqual([]);
  });

  it('refuses the admin of the settings', async () => {
    const result = await deprovision(DIRECT, unique('boss'), { MONGODB_USERNAME: 'Boss' });
    expect(result.error).toMatchObject({ code: 'mongodb-system-name' });
  });

  it('says which role an admin lacks who may only administer users, and leaves everything', async () => {
    const [name, weak] = [unique('kept'), unique('weak')];
    await DIRECT.addUser(name, PASSWORD);
    await fill(name);
    const roles = [{ role: 'userAdminAnyDatabase', db: 'admin' }];
    await admin.db('admin').command({ createUser: weak, pwd: 'weak-password', roles });
    const asWeak = { MONGODB_ADMIN_USER: weak, MONGODB_ADMIN_PASSWORD: 'weak-password' };
    expect((await deprovision(DIRECT, name, asWeak)).error).toMatchObject({
      code: 'mongodb-privileges',
      hint: expect.stringContaining('dbAdminAnyDatabase'),
    });
    expect(await leftOf(DIRECT, name)).toHaveLength(4);
    await admin.db('admin').command({ grantRolesToUser: weak, roles: [{ role: 'dbAdminAnyDatabase', db: 'admin' }] });
    expect((await deprovision(DIRECT, name, asWeak)).states).toEqual(states(name, 'deleted', 'deleted'));
  });

  it('says that the admin is denied, and no password', async () => {
    const result = await deprovision(DIRECT, unique('denied'), { MONGODB_ADMIN_PASSWORD: 'hidden-password' });
    expect(result.error).toMatchObject({ code: 'mongodb-access-denied' });
    expect(result.output).not.toContain('hidden-password');
  });
});
