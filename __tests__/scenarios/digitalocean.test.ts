import type { RecordedRequest } from '../../sandbox/vendors/http-api.ts';
import { actionCommits, expectProvisioned, mongodbAs, readConfig, secretNames } from './outcome.ts';
import { openWorld, type Scenario } from './world.ts';

const world = await openWorld();
const { digitalocean } = world.vendors;
const settings = world.vendors.settings.mongodbDigitalocean;
const cluster = settings.LAUNCHPAD_MONGODB_CLUSTER_ID ?? '';
const usual = { ...digitalocean.behaviour };
afterAll(() => world.stop());
afterEach(() => {
  Object.assign(digitalocean.behaviour, usual);
  digitalocean.fault = undefined;
});

/** Requests that the API got while the work ran. */
async function during(work: () => Promise<unknown>): Promise<readonly RecordedRequest[]> {
  const before = digitalocean.requests.length;
  await work();
  return digitalocean.requests.slice(before);
}

const writes = (requests: readonly RecordedRequest[]) =>
  requests
    .filter(({ method }) => method !== 'GET')
    .map(({ method, path }) => `${method} ${path.replace(/.*databases\/[^/]+/, '')}`);

const userOf = ({ instance }: Scenario) => `launchpad-${instance}`;
const databasesOf = ({ instance }: Scenario) => [`launchpad-${instance}-openedx`, `launchpad-${instance}-forum`];
const configOf = (password: string) => `LMS_HOST: "a.example.org"\nMONGODB_PASSWORD: "${password}"\n`;

/** An instance whose config.yml has this password. */
async function scenarioWith(password: string): Promise<Scenario> {
  const name = `s-do-${Math.random().toString(36).slice(2, 8)}`;
  return await world.scenario({ [`instances/${name}/config.yml`]: configOf(password) }, name);
}

async function succeeds(scenario: Scenario): Promise<void> {
  const result = await scenario.run({ settings });
  expect(result.log).not.toContain('::error');
  expect(result.code).toBe(0);
  await expectProvisioned(world, scenario);
}

describe('MongoDB on DigitalOcean', () => {
  it('gets databases and user by the API, config.yml what the API told, and a second run writes nothing', async () => {
    const scenario = await world.scenario();
    const made = writes(await during(() => succeeds(scenario)));
    expect(made).toEqual(['POST /dbs', 'POST /dbs', 'POST /users']);
    expect(digitalocean.dbs(cluster)).toEqual(expect.arrayContaining(databasesOf(scenario)));
    const config = await readConfig(scenario);
    expect(config).toMatchObject({
      MONGODB_HOST: world.settings.LAUNCHPAD_MONGODB_HOST,
      MONGODB_PORT: world.settings.LAUNCHPAD_MONGODB_PORT,
      MONGODB_USE_SSL: 'false',
    });
    expect(config.MONGODB_PASSWORD?.length).toBeGreaterThan(8);
    expect(writes(await during(() => succeeds(scenario)))).toEqual([]);
    expect(await readConfig(scenario)).toEqual(config);
    expect(await actionCommits(world, scenario)).toHaveLength(1);
  });

  it('keeps the password of config.yml where it logs in', async () => {
    const scenario = await scenarioWith('password-that-works');
    const databases = databasesOf(scenario);
    await digitalocean.addUser(cluster, userOf(scenario), 'password-that-works', {
      mongo_user_settings: { databases, role: 'readWrite' },
    });
    expect(writes(await during(() => succeeds(scenario)))).toEqual(['POST /dbs', 'POST /dbs']);
    expect((await readConfig(scenario)).MONGODB_PASSWORD).toBe('password-that-works');
  });

  it('asks for a new password where none that is known logs in, and never deletes the user', async () => {
    const scenario = await scenarioWith('an-old-password');
    const databases = databasesOf(scenario);
    await digitalocean.addUser(cluster, userOf(scenario), 'somebody-changed-it', {
      mongo_user_settings: { databases, role: 'readWrite' },
    });
    const made = writes(await during(() => succeeds(scenario)));
    expect(made).toEqual(['POST /dbs', 'POST /dbs', `POST /users/${userOf(scenario)}/reset_auth`]);
    expect((await readConfig(scenario)).MONGODB_PASSWORD).not.toBe('an-old-password');
  });

  it.each([
    ['read only', 'readOnly', 'applied'],
    ['on one database', 'readWrite', 'applied'],
  ] as const)('gives a user that has rights %s what it lacks', async (what, role, updateSettings) => {
    const scenario = await scenarioWith('password-that-works');
    const databases = databasesOf(scenario).slice(0, what === 'on one database' ? 1 : 2);
    await digitalocean.addUser(cluster, userOf(scenario), 'password-that-works', {
      mongo_user_settings: { databases, role },
    });
    digitalocean.behaviour.updateSettings = updateSettings;
    const made = writes(await during(() => succeeds(scenario)));
    expect(made).toEqual(['POST /dbs', 'POST /dbs', `PUT /users/${userOf(scenario)}`]);
  });

  it.each(['ignored', 'refused'] as const)(
    'says what to do where the API does not change rights (a PUT is %s)',
    async (updateSettings) => {
      const scenario = await scenarioWith('password-that-works');
      const databases = databasesOf(scenario);
      await digitalocean.addUser(cluster, userOf(scenario), 'password-that-works', {
        mongo_user_settings: { databases, role: 'readOnly' },
      });
      digitalocean.behaviour.updateSettings = updateSettings;
      const result = await scenario.run({ settings });
      expect(result.code).toBe(1);
      expect(result.log).toMatch(
        /^::error .*does not have readWrite on .*and the API does not change that.*doctl databases user delete/m,
      );
      const client = await mongodbAs({
        MONGODB_HOST: world.settings.LAUNCHPAD_MONGODB_HOST ?? '',
        MONGODB_PORT: world.settings.LAUNCHPAD_MONGODB_PORT ?? '',
        MONGODB_USERNAME: userOf(scenario),
        MONGODB_PASSWORD: 'password-that-works',
      });
      await client.close();
      expect(await actionCommits(world, scenario)).toEqual([]);
    },
  );

  it.each([{ getLacksSettings: true }, { notFoundMs: 300 }, { existingStatus: 409, getLacksSettings: true }] as const)(
    'behaves the same where the API leaves something open: %j',
    async (behaviour) => {
      Object.assign(digitalocean.behaviour, behaviour);
      const scenario = await world.scenario();
      await succeeds(scenario);
      expect(writes(await during(() => succeeds(scenario)))).toEqual([]);
    },
  );

  it('picks up what a run left half-done: a database, and a user whose password nobody knows', async () => {
    const scenario = await world.scenario();
    const databases = databasesOf(scenario);
    await digitalocean.addUser(cluster, userOf(scenario), 'nobody-knows-it', {
      mongo_user_settings: { databases, role: 'readWrite' },
    });
    const made = writes(await during(() => succeeds(scenario)));
    expect(made.at(-1)).toBe(`POST /users/${userOf(scenario)}/reset_auth`);
  });

  it.each([409, 422] as const)(
    'takes a user that is there for one, where the answer to its making was lost (%d)',
    async (existingStatus) => {
      digitalocean.behaviour.existingStatus = existingStatus;
      const scenario = await world.scenario();
      let isFirst = true;
      digitalocean.fault = (method, path) => {
        if (!isFirst || method !== 'POST' || !path.endsWith('/users')) return undefined;
        isFirst = false;
        return 'drop-after';
      };
      await succeeds(scenario);
    },
  );

  it('waits where the API asks for it (429 with Retry-After), and tries again after 500', async () => {
    const scenario = await world.scenario();
    const answers = [
      {
        status: 429,
        headers: { 'retry-after': '1' },
        body: { id: 'too_many_requests', message: 'API rate limit exceeded.' },
      },
      { status: 500, body: { id: 'server_error', message: 'Unexpected server-side error' } },
      { status: 500, body: { id: 'server_error', message: 'Unexpected server-side error' } },
    ];
    digitalocean.fault = (method, path) => (method === 'POST' && path.endsWith('/users') ? answers.shift() : undefined);
    await succeeds(scenario);
    expect(answers).toEqual([]);
  });

  it('names a wrong token and a wrong cluster, and leaves nothing behind', async () => {
    const scenario = await world.scenario();
    const token = await scenario.run({
      settings: { ...settings, LAUNCHPAD_DIGITALOCEAN_TOKEN: 'dop_v1_of-somebody-else' },
    });
    expect(token.code).toBe(1);
    expect(token.log).toMatch(
      /^::error .*reading the cluster failed: 401 Unable to authenticate you \(request \S+\).*digitalocean-token/m,
    );
    expect(token.log.replaceAll(/^::add-mask::.*$/gm, '')).not.toContain('dop_v1_of-somebody-else');
    const unknown = await scenario.run({ settings: { ...settings, LAUNCHPAD_MONGODB_CLUSTER_ID: 'no-such-cluster' } });
    expect(unknown.log).toMatch(/^::error .*reading the cluster failed: 404 .*no-such-cluster/m);
    const mysql = world.vendors.settings.mysqlDigitalocean.LAUNCHPAD_MYSQL_CLUSTER_ID ?? '';
    const other = await scenario.run({ settings: { ...settings, LAUNCHPAD_MONGODB_CLUSTER_ID: mysql } });
    expect(other.log).toMatch(/^::error .*is one of mysql, not of mongodb.*mongodb-cluster-id/m);
    expect(await actionCommits(world, scenario)).toEqual([]);
    const left = await secretNames(world, scenario.instance);
    expect(left.filter((name) => name.startsWith('launchpad-provision-'))).toEqual([]);
  });

  it('says that a token does not show passwords, and goes on with one that does', async () => {
    const scenario = await world.scenario();
    digitalocean.behaviour.hidesCredentials = true;
    const hidden = await scenario.run({ settings });
    expect(hidden.log).toMatch(/^::error .*does not show it.*database:view_credentials/m);
    digitalocean.behaviour.hidesCredentials = false;
    await succeeds(scenario);
  });

  it('refuses a host in config.yml that the API does not have', async () => {
    const name = `s-do-host-${Date.now().toString(36)}`;
    const config = 'LMS_HOST: "a.example.org"\nMONGODB_HOST: "evil.example.org"\n';
    const scenario = await world.scenario({ [`instances/${name}/config.yml`]: config }, name);
    const result = await scenario.run({ settings });
    expect(result.code).toBe(1);
    expect(result.log).toMatch(/^::error .*MONGODB_HOST "evil.example.org".*DigitalOcean's API has/m);
  });
});

describe('MySQL on DigitalOcean', () => {
  const mysql = world.vendors.settings.mysqlDigitalocean;

  it('is the direct way, with host and administrator from the API, and no user made by it', async () => {
    const scenario = await world.scenario();
    const requests = await during(async () => {
      const result = await scenario.run({ settings: mysql });
      expect(result.log).not.toContain('::error');
      expect(result.code).toBe(0);
    });
    expect(writes(requests)).toEqual([]);
    const config = await expectProvisioned(world, scenario);
    expect(config).toMatchObject({
      MYSQL_HOST: world.settings.LAUNCHPAD_MYSQL_HOST,
      MYSQL_PORT: world.settings.LAUNCHPAD_MYSQL_PORT,
    });
    const again = await scenario.run({ settings: mysql });
    expect(again.outputs.changed).toBe('false');
  });

  it('says which right the token lacks where the administrator is not shown', async () => {
    digitalocean.behaviour.hidesCredentials = true;
    const scenario = await world.scenario();
    const result = await scenario.run({ settings: mysql });
    expect(result.log).toMatch(
      /^::error .*does not show the password of the administrator.*database:view_credentials/m,
    );
  });
});
