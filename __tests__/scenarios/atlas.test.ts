import { requestsDuring, writesIn } from '../provisioners/managed-mongodb.ts';
import { actionCommits, expectProvisioned, readConfig, secretNames } from './outcome.ts';
import { newName, openWorld, type Scenario } from './world.ts';

const world = await openWorld();
const { atlas } = world.vendors;
const account = world.vendors.settings.mongodbAtlas;
/** The older way: an API key and HTTP digests. */
const keys = { ...account, LAUNCHPAD_ATLAS_CLIENT_ID: '', LAUNCHPAD_ATLAS_CLIENT_SECRET: '' };
afterAll(() => world.stop());
afterEach(() => world.clearFaults());

async function succeeds(scenario: Scenario, settings = account): Promise<string[]> {
  const requests = await requestsDuring(atlas, async () => {
    const result = await scenario.run({ settings });
    expect(result.log).not.toContain('::error');
    expect(result.code).toBe(0);
  });
  await expectProvisioned(world, scenario);
  return writesIn(requests);
}

describe('MongoDB on Atlas', () => {
  it.each([
    ['a service account', account],
    ['an API key', keys],
  ])(
    'is provisioned by %s, config.yml gets what the API told, and a second run writes nothing',
    async (_, settings) => {
      const scenario = await world.scenario();
      expect(await succeeds(scenario, settings)).toEqual(['POST /databaseUsers']);
      const config = await readConfig(scenario);
      expect(config).toMatchObject({
        MONGODB_HOST: world.settings.LAUNCHPAD_MONGODB_HOST,
        MONGODB_PORT: world.settings.LAUNCHPAD_MONGODB_PORT,
        MONGODB_USE_SSL: 'false',
      });
      expect(await succeeds(scenario, settings)).toEqual([]);
      expect(await readConfig(scenario)).toEqual(config);
      expect(await actionCommits(world, scenario)).toHaveLength(1);
    },
  );

  it('of several instances shares one access token, which is revoked at the end', async () => {
    const scenarios = await world.several([newName(), newName(), newName()], {});
    const [first] = scenarios;
    if (first === undefined) throw new Error('no scenario');
    const requests = await requestsDuring(atlas, async () => {
      const result = await first.run({ settings: account, inputs: { parallelism: '3' } });
      expect(result.log).not.toContain('::error');
      expect(result.code).toBe(0);
    });
    for (const scenario of scenarios) await expectProvisioned(world, scenario);
    const oauth = requests.filter(({ path }) => path.startsWith('/api/oauth/'));
    expect(oauth.map(({ path, status }) => `${path} ${status}`)).toEqual([
      '/api/oauth/token 200',
      '/api/oauth/revoke 200',
    ]);
    expect(atlas.tokens()).toBe(0);
  }, 120_000);

  it('whose user Atlas will delete is a warning of a run that succeeds', async () => {
    const scenario = await world.scenario();
    const usual = { ...atlas.behaviour };
    await succeeds(scenario);
    atlas.behaviour.deletedAt = '2027-01-01T00:00:00Z';
    const { code, log } = await scenario.run({ settings: account });
    Object.assign(atlas.behaviour, usual);
    expect(code).toBe(0);
    expect(log).toMatch(/^::warning.*MongoDB: Atlas will delete user .*2027-01-01T00:00:00Z \(deleteAfterDate\)/m);
  });

  it('by an ID without the form of one is an error before anything is touched', async () => {
    const scenario = await world.scenario();
    const result = await scenario.run({ settings: { ...account, LAUNCHPAD_ATLAS_PROJECT_ID: 'My project' } });
    expect(result.code).toBe(1);
    expect(result.log).toMatch(/^::error .*"My project".*is not the ID of a project: give 24 digits/m);
    expect(await secretNames(world, scenario.instance)).toEqual([]);
  });

  it('is refused by a wrong key: the log names it and not its secret, and nothing is left behind', async () => {
    const scenario = await world.scenario();
    const result = await scenario.run({ settings: { ...keys, LAUNCHPAD_ATLAS_PRIVATE_KEY: 'a-wrong-private-key' } });
    expect(result.code).toBe(1);
    expect(result.log).toMatch(/^::error .*401 .*atlas-public-key and atlas-private-key/m);
    expect(result.log.replaceAll(/^::add-mask::.*$/gm, '')).not.toContain('a-wrong-private-key');
    expect(await actionCommits(world, scenario)).toEqual([]);
    const left = await secretNames(world, scenario.instance);
    expect(left.filter((name) => name.startsWith('launchpad-provision-'))).toEqual([]);
  });

  it('is picked up where a run made the user and could not finish', async () => {
    const scenario = await world.scenario();
    atlas.fault = (method, path) =>
      method === 'GET' && path.endsWith('/status')
        ? { status: 403, body: { error: 403, errorCode: 'USER_UNAUTHORIZED' } }
        : undefined;
    expect((await scenario.run({ settings: account })).code).toBe(1);
    expect(atlas.users().has(`launchpad-${scenario.instance}`)).toBe(true);
    atlas.fault = undefined;
    expect(await succeeds(scenario)).toEqual([]);
  });
});
