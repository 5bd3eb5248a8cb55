import type { RecordedRequest } from '../../sandbox/vendors/http-api.ts';
import { actionCommits, expectProvisioned, mongodbAs, readConfig, secretNames } from './outcome.ts';
import { openWorld, type Scenario } from './world.ts';

const world = await openWorld();
const { atlas } = world.vendors;
const account = world.vendors.settings.mongodbAtlas;
/** The older way: an API key and HTTP digests. */
const keys = { ...account, LAUNCHPAD_ATLAS_CLIENT_ID: '', LAUNCHPAD_ATLAS_CLIENT_SECRET: '' };
const usual = { ...atlas.behaviour };
afterAll(() => world.stop());
afterEach(() => {
  Object.assign(atlas.behaviour, usual);
  atlas.fault = undefined;
});

/** Requests that the API got while the work ran. */
async function during(work: () => Promise<unknown>): Promise<readonly RecordedRequest[]> {
  const before = atlas.requests.length;
  await work();
  return atlas.requests.slice(before);
}

/** What changed something, by what is below the project; tokens are no change. */
const writes = (requests: readonly RecordedRequest[]) =>
  requests
    .filter(({ method, path, status }) => method !== 'GET' && !path.endsWith('/token') && status !== 401)
    .map(({ method, path }) => `${method} ${path.replace(/.*groups\/[^/]+/, '')}`);

const userOf = ({ instance }: Scenario) => `launchpad-${instance}`;
const rolesOf = ({ instance }: Scenario, roleName: 'read' | 'readWrite' = 'readWrite') =>
  ['openedx', 'forum'].map((what) => ({ databaseName: `launchpad-${instance}-${what}`, roleName }));
const scopes = [{ name: account.LAUNCHPAD_ATLAS_CLUSTER_NAME ?? '', type: 'CLUSTER' as const }];

/** An instance whose config.yml has this password. */
async function scenarioWith(password: string): Promise<Scenario> {
  const name = `s-at-${Math.random().toString(36).slice(2, 8)}`;
  const config = `LMS_HOST: "a.example.org"\nMONGODB_PASSWORD: "${password}"\n`;
  return await world.scenario({ [`instances/${name}/config.yml`]: config }, name);
}

async function succeeds(scenario: Scenario, settings = account): Promise<void> {
  const result = await scenario.run({ settings });
  expect(result.log).not.toContain('::error');
  expect(result.code).toBe(0);
  await expectProvisioned(world, scenario);
}

describe('MongoDB on Atlas', () => {
  it.each([
    ['a service account', account],
    ['an API key', keys],
  ])('gets a user with readWrite on its databases by %s, and a second run writes nothing', async (_, settings) => {
    const scenario = await world.scenario();
    expect(writes(await during(() => succeeds(scenario, settings)))).toEqual(['POST /databaseUsers']);
    expect(atlas.users().get(userOf(scenario))).toEqual(expect.objectContaining({ roles: rolesOf(scenario), scopes }));
    const config = await readConfig(scenario);
    expect(config).toMatchObject({
      MONGODB_HOST: world.settings.LAUNCHPAD_MONGODB_HOST,
      MONGODB_PORT: world.settings.LAUNCHPAD_MONGODB_PORT,
      MONGODB_USE_SSL: 'false',
    });
    expect(writes(await during(() => succeeds(scenario, settings)))).toEqual([]);
    expect(await readConfig(scenario)).toEqual(config);
    expect(await actionCommits(world, scenario)).toHaveLength(1);
  });

  it('sets the password of config.yml where it does not log in, and only then', async () => {
    const scenario = await scenarioWith('the-password-of-config');
    await atlas.addUser(userOf(scenario), 'somebody-changed-it', rolesOf(scenario), scopes);
    expect(writes(await during(() => succeeds(scenario)))).toEqual([`PATCH /databaseUsers/admin/${userOf(scenario)}`]);
    expect((await readConfig(scenario)).MONGODB_PASSWORD).toBe('the-password-of-config');
    expect(writes(await during(() => succeeds(scenario)))).toEqual([]);
  });

  it.each([
    ['may only read', 'read', 2],
    ['has one database', 'readWrite', 1],
  ] as const)('adds what a user lacks that %s, and takes nothing away', async (_, roleName, count) => {
    const scenario = await scenarioWith('password-that-works');
    const own = rolesOf(scenario, roleName).slice(0, count);
    const foreign = { databaseName: 'reports', roleName: 'read' };
    await atlas.addUser(userOf(scenario), 'password-that-works', [...own, foreign], scopes);
    expect(writes(await during(() => succeeds(scenario)))).toEqual([`PATCH /databaseUsers/admin/${userOf(scenario)}`]);
    const roles = atlas.users().get(userOf(scenario))?.roles ?? [];
    expect(roles).toEqual(expect.arrayContaining([...own, foreign, ...rolesOf(scenario)]));
  });

  it('leaves a user that may use every cluster, and adds the cluster to one that is limited to others', async () => {
    const everywhere = await scenarioWith('password-that-works');
    await atlas.addUser(userOf(everywhere), 'password-that-works', rolesOf(everywhere), []);
    expect(writes(await during(() => succeeds(everywhere)))).toEqual([]);
    const limited = await scenarioWith('password-that-works');
    const other = { name: 'OtherCluster', type: 'CLUSTER' as const };
    await atlas.addUser(userOf(limited), 'password-that-works', rolesOf(limited), [other]);
    await succeeds(limited);
    expect(atlas.users().get(userOf(limited))?.scopes).toEqual([other, ...scopes]);
  });

  it.each([{ propagationMs: 800 }, { propagationMs: 500, statusLags: 300 }, { existingErrorCode: 'SOMETHING_ELSE' }])(
    'waits until a change has come about: %j',
    async (behaviour) => {
      Object.assign(atlas.behaviour, behaviour);
      const scenario = await world.scenario();
      await succeeds(scenario);
      expect(writes(await during(() => succeeds(scenario)))).toEqual([]);
    },
  );

  it('takes a user that is there for one, where the answer to its making was lost', async () => {
    const scenario = await world.scenario();
    let isFirst = true;
    atlas.fault = (method, path) => {
      if (!isFirst || method !== 'POST' || !path.endsWith('/databaseUsers')) return undefined;
      isFirst = false;
      return 'drop-after';
    };
    await succeeds(scenario);
  });

  it('waits where the API asks for it (429 with Retry-After), and tries again after 500', async () => {
    const scenario = await world.scenario();
    const error = (status: number, errorCode: string) => ({
      status,
      body: { error: status, errorCode, detail: errorCode },
    });
    const answers = [
      { ...error(429, 'RATE_LIMITED_TOKEN_BUCKET'), headers: { 'retry-after': '1' } },
      error(500, 'UNEXPECTED_ERROR'),
      error(500, 'UNEXPECTED_ERROR'),
    ];
    atlas.fault = (method, path) =>
      method === 'POST' && path.endsWith('/databaseUsers') ? answers.shift() : undefined;
    await succeeds(scenario);
    expect(answers).toEqual([]);
  });

  it.each([
    [
      'a wrong secret',
      { LAUNCHPAD_ATLAS_CLIENT_SECRET: 'mdb_sa_sk_wrong-one' },
      /401 .*atlas-client-id and atlas-client-secret/,
    ],
    [
      'a wrong key',
      { ...keys, LAUNCHPAD_ATLAS_PRIVATE_KEY: 'a-wrong-private-key' },
      /401 .*atlas-public-key and atlas-private-key/,
    ],
    [
      'a wrong project',
      { LAUNCHPAD_ATLAS_PROJECT_ID: 'ffffffffffffffffffffffff' },
      /GROUP_NOT_FOUND.*atlas-project-id \(f{24}\)/,
    ],
    [
      'a wrong cluster',
      { LAUNCHPAD_ATLAS_CLUSTER_NAME: 'NoSuchCluster' },
      /CLUSTER_NOT_FOUND.*atlas-cluster-name \(NoSuchCluster\)/,
    ],
  ])('names %s, and leaves nothing behind', async (_, wrong, message) => {
    const scenario = await world.scenario();
    const result = await scenario.run({ settings: { ...account, ...wrong } });
    expect(result.code).toBe(1);
    expect(/^::error .*/m.exec(result.log)?.[0]).toMatch(message);
    expect(result.log.replaceAll(/^::add-mask::.*$/gm, '')).not.toMatch(/wrong-one|a-wrong-private-key/);
    expect(await actionCommits(world, scenario)).toEqual([]);
    const left = await secretNames(world, scenario.instance);
    expect(left.filter((name) => name.startsWith('launchpad-provision-'))).toEqual([]);
  });

  it.each([
    ['a key without rights', { isAllowed: false }, /USER_UNAUTHORIZED.*Project Database Access Admin/],
    ['the limit of users', { userLimit: 0 }, /MAXIMUM_USERS_EXCEEDED.*at most 100 database users/],
    [
      'a version that is switched off',
      { goneMediaType: 'application/vnd.atlas.2023-01-01+json' },
      /VERSION_GONE.*newer version of the action/,
    ],
  ])('says what to do about %s, and a run after that finishes the job', async (_, behaviour, message) => {
    const scenario = await world.scenario();
    Object.assign(atlas.behaviour, behaviour);
    const result = await scenario.run({ settings: account });
    expect(result.code).toBe(1);
    expect(/^::error .*/m.exec(result.log)?.[0]).toMatch(message);
    Object.assign(atlas.behaviour, usual);
    await succeeds(scenario);
  });

  it('picks up a user that a run made and could not finish with', async () => {
    const scenario = await world.scenario();
    atlas.fault = (method, path) =>
      method === 'GET' && path.endsWith('/status')
        ? { status: 403, body: { error: 403, errorCode: 'USER_UNAUTHORIZED' } }
        : undefined;
    expect((await scenario.run({ settings: account })).code).toBe(1);
    expect(atlas.users().has(userOf(scenario))).toBe(true);
    atlas.fault = undefined;
    expect(writes(await during(() => succeeds(scenario)))).toEqual([]);
    const client = await mongodbAs(await readConfig(scenario));
    await client.close();
  });
});
