import { requestsDuring, writesIn } from '../provisioners/managed-mongodb.ts';
import { actionCommits, expectProvisioned, readConfig, secretNames } from './outcome.ts';
import { openWorld, type Scenario } from './world.ts';

const world = await openWorld();
const { digitalocean } = world.vendors;
const settings = world.vendors.settings.mongodbDigitalocean;
const usual = { ...digitalocean.behaviour };
afterAll(() => world.stop());
afterEach(() => {
  Object.assign(digitalocean.behaviour, usual);
});

async function succeeds(scenario: Scenario, given = settings): Promise<string[]> {
  const requests = await requestsDuring(digitalocean, async () => {
    const result = await scenario.run({ settings: given });
    expect(result.log).not.toContain('::error');
    expect(result.code).toBe(0);
  });
  await expectProvisioned(world, scenario);
  return writesIn(requests);
}

describe('MongoDB on DigitalOcean', () => {
  it('is provisioned by the API, config.yml gets what the API told, and a second run writes nothing', async () => {
    const scenario = await world.scenario();
    expect(await succeeds(scenario)).toEqual(['POST /dbs', 'POST /dbs', 'POST /users']);
    const config = await readConfig(scenario);
    expect(config).toMatchObject({
      MONGODB_HOST: world.settings.LAUNCHPAD_MONGODB_HOST,
      MONGODB_PORT: world.settings.LAUNCHPAD_MONGODB_PORT,
      MONGODB_USE_SSL: 'false',
    });
    expect(config.MONGODB_PASSWORD?.length).toBeGreaterThan(8);
    expect(await succeeds(scenario)).toEqual([]);
    expect(await readConfig(scenario)).toEqual(config);
    expect(await actionCommits(world, scenario)).toHaveLength(1);
  });

  it('is refused by a token that does not show passwords: nothing is committed, and the next run finishes the job', async () => {
    const scenario = await world.scenario();
    digitalocean.behaviour.hidesCredentials = true;
    const hidden = await scenario.run({ settings });
    expect(hidden.code).toBe(1);
    expect(hidden.log).toMatch(/^::error .*does not show it.*database:view_credentials/m);
    expect(await actionCommits(world, scenario)).toEqual([]);
    const left = await secretNames(world, scenario.instance);
    expect(left.filter((name) => name.startsWith('launchpad-provision-'))).toEqual([]);
    digitalocean.behaviour.hidesCredentials = false;
    await succeeds(scenario);
  });
});

describe('MySQL on DigitalOcean', () => {
  const mysql = world.vendors.settings.mysqlDigitalocean;

  it('is the direct way, with host and administrator from the API, and no user made by it', async () => {
    const scenario = await world.scenario();
    expect(await succeeds(scenario, mysql)).toEqual([]);
    expect(await readConfig(scenario)).toMatchObject({
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
