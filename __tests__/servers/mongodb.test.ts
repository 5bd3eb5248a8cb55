import { MongoClient } from 'mongodb';
import { runPod, type SecretStore, startSecretStore } from '../provisioners/pod.ts';
import { unique } from '../provisioners/test-pod.ts';

const address = process.env.TEST_MONGODB_URL;
const server = new URL(address ?? 'mongodb://user:password@127.0.0.1:27017');
const [adminUser, adminPassword] = [decodeURIComponent(server.username), decodeURIComponent(server.password)];
let secrets: SecretStore;
let admin: MongoClient;

const login = async (username: string, password: string) =>
  await new MongoClient(`mongodb://${server.host}/`, {
    auth: { username, password },
    authSource: 'admin',
    directConnection: true,
    serverSelectionTimeoutMS: 5000,
  }).connect();

function task(name: string, others: Record<string, string> = {}): Record<string, string> {
  return {
    ...secrets.environment(name),
    MONGODB_PROVIDER: 'direct',
    CONNECTION_FILE: '/dev/null',
    MONGODB_HOST: server.hostname,
    MONGODB_PORT: server.port,
    MONGODB_ADMIN_USER: adminUser,
    MONGODB_ADMIN_PASSWORD: adminPassword,
    MONGODB_ADMIN_AUTH_SOURCE: 'admin',
    MONGODB_DATABASE: `${name}-main`,
    FORUM_MONGODB_DATABASE: `${name}-forum`,
    MONGODB_USERNAME: name,
    MONGODB_PASSWORD: 'pass "word" \\ ä',
    MONGODB_AUTH_SOURCE: 'admin',
    MONGODB_USE_SSL: 'false',
    ...others,
  };
}

/** What a pod reports of both databases and the user. */
const states = (name: string, databases: string, user: string) => ({
  [`MongoDB database ${name}-main`]: databases,
  [`MongoDB database ${name}-forum`]: databases,
  [`MongoDB user ${name}`]: user,
});

(address ? describe : describe.skip)(
  address ? 'MongoDB' : 'MongoDB: TEST_MONGODB_URL is not set, so this did not run',
  () => {
    beforeAll(async () => {
      secrets = await startSecretStore();
      admin = await login(adminUser, adminPassword);
    });
    afterAll(async () => {
      await admin.close();
      await secrets.stop();
    });

    it('gets a user that writes to both databases and to no other, its password is left in the Secret, and a second run changes nothing', async () => {
      const name = unique('fresh');
      const first = await runPod('mongodb', task(name));
      expect(first.states).toEqual(states(name, 'created', 'created'));
      for (const database of [`${name}-main`, `${name}-forum`]) {
        const collections = await admin.db(database).listCollections({}, { nameOnly: true }).toArray();
        expect(collections.map((collection) => collection.name)).toEqual(['launchpad_provision']);
      }
      expect(secrets.kept(name)).toEqual({ password: task(name).MONGODB_PASSWORD, verifiedBy: 'workflow-1' });
      const user = await login(name, task(name).MONGODB_PASSWORD ?? '');
      for (const database of [`${name}-main`, `${name}-forum`])
        await user.db(database).collection('c').insertOne({ a: 1 });
      await expect(user.db('somebody-elses').collection('c').insertOne({ a: 1 })).rejects.toMatchObject({ code: 13 });
      await user.close();
      expect((await runPod('mongodb', task(name))).states).toEqual(states(name, 'unchanged', 'unchanged'));
    });

    it('sets the password of a user that has another, and gives the roles that it lacks, and takes none away', async () => {
      const name = unique('other');
      const roles = [
        { role: 'read', db: 'somewhere' },
        { role: 'readWrite', db: `${name}-main` },
      ];
      await admin.db('admin').command({ createUser: name, pwd: 'something-else', roles });
      expect((await runPod('mongodb', task(name))).states).toEqual(states(name, 'created', 'updated'));
      const { users } = await admin.db('admin').command({ usersInfo: { user: name, db: 'admin' } });
      expect(users[0].roles).toEqual(expect.arrayContaining([...roles, { role: 'readWrite', db: `${name}-forum` }]));
      await (await login(name, task(name).MONGODB_PASSWORD ?? '')).close();
    });

    it('keeps a short password that logs in, and wants one that does not removed', async () => {
      const name = unique('short');
      const absent = await runPod('mongodb', task(name, { MONGODB_PASSWORD: '0123' }));
      expect(absent.error).toMatchObject({
        code: 'mongodb-password-short',
        hint: expect.stringContaining('Remove MONGODB_PASSWORD'),
      });
      await admin.db('admin').command({ createUser: name, pwd: '0123', roles: [] });
      expect((await runPod('mongodb', task(name, { MONGODB_PASSWORD: '0123' }))).code).toBe(0);
    });

    it('says what is wrong with the admin, and no password', async () => {
      const name = unique('wrong');
      const denied = await runPod('mongodb', task(name, { MONGODB_ADMIN_PASSWORD: 'hidden-password' }));
      expect(denied.error).toMatchObject({ code: 'mongodb-access-denied', host: server.host });
      expect(denied.output).not.toContain('hidden-password');
      await runPod('mongodb', task(name));
      const weak = await runPod(
        'mongodb',
        task(unique('x'), { MONGODB_ADMIN_USER: name, MONGODB_ADMIN_PASSWORD: task(name).MONGODB_PASSWORD ?? '' }),
      );
      expect(weak.error).toMatchObject({ code: 'mongodb-privileges' });
    });

    it('touches nothing where the Secret cannot be written', async () => {
      const name = unique('secretless');
      const result = await runPod('mongodb', task(name, { KUBERNETES_SERVICE_PORT: '9' }));
      expect(result.code).toBe(1);
      const { users } = await admin.db('admin').command({ usersInfo: { user: name, db: 'admin' } });
      expect(users).toEqual([]);
    });

    it('drops both databases and the user and nothing of a similar name, and runs again to no effect', async () => {
      const name = unique('gone');
      const other = `${name}-b`;
      for (const one of [name, other]) {
        await runPod('mongodb', task(one));
        for (const database of [`${one}-main`, `${one}-forum`])
          await admin.db(database).collection('c').insertOne({ a: 1 });
      }
      const deprovision = { OPERATION: 'deprovision' };
      expect((await runPod('mongodb', task(name, deprovision))).states).toEqual(states(name, 'deleted', 'deleted'));
      const { databases } = await admin.db('admin').command({ listDatabases: 1, nameOnly: true });
      const left = databases.map((database: { name: string }) => database.name);
      expect(left).toEqual(expect.arrayContaining([`${other}-main`, `${other}-forum`]));
      expect(left.filter((one: string) => one.startsWith(`${name}-`) && !one.startsWith(other))).toEqual([]);
      const { users } = await admin.db('admin').command({ usersInfo: { user: name, db: 'admin' } });
      expect(users).toEqual([]);
      await (await login(other, task(other).MONGODB_PASSWORD ?? '')).close();
      expect((await runPod('mongodb', task(name, deprovision))).states).toEqual(states(name, 'absent', 'absent'));
    });

    it("drops nothing for an admin who may not, or where a name is the server's own", async () => {
      const name = unique('kept');
      await runPod('mongodb', task(name));
      await admin.db(`${name}-main`).collection('c').insertOne({ a: 1 });
      const weak = unique('weak');
      const roles = [{ role: 'userAdminAnyDatabase', db: 'admin' }];
      await admin.db('admin').command({ createUser: weak, pwd: 'weak-password', roles });
      const deprovision = { OPERATION: 'deprovision' };
      const asWeak = { ...deprovision, MONGODB_ADMIN_USER: weak, MONGODB_ADMIN_PASSWORD: 'weak-password' };
      expect((await runPod('mongodb', task(name, asWeak))).error).toMatchObject({ code: 'mongodb-privileges' });
      const system = { ...deprovision, MONGODB_DATABASE: 'admin' };
      expect((await runPod('mongodb', task(name, system))).error).toMatchObject({ code: 'mongodb-system-name' });
      const user = await login(name, task(name).MONGODB_PASSWORD ?? '');
      expect(await user.db(`${name}-main`).collection('c').find().toArray()).toHaveLength(1);
      await user.close();
    });
  },
);
