import { type Arm, afterRequest, commonMoments, killedRun } from './deaths.ts';
import { dataOf, deprovisioning, expectRemoved, namespaceRef, provisioned } from './deprovisioned.ts';
import { eventually, expectProvisioned, readApplication, secretNames } from './outcome.ts';
import { openWorld } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());
afterEach(async () => {
  world.clearFaults();
  await world.deletions.resume();
});

const DELETIONS: Readonly<Record<string, Arm>> = {
  'when the Application is being deleted': afterRequest(world, 'DELETE', () => '/applications/'),
  'when the namespace is being deleted': afterRequest(world, 'DELETE', (instance) => `/namespaces/${instance}$`),
};

/** Where a run dies, by the steps of a run. */
const DEATHS: Readonly<Record<string, Arm>> = { ...commonMoments(world), ...DELETIONS };

describe('a run that deprovisions an instance and is killed', () => {
  it.each(Object.entries(DEATHS))(
    '%s: the next one finishes',
    async (_, arm) => {
      const scenario = await world.scenario();
      const config = await provisioned(world, scenario);
      await killedRun(world, scenario, arm, deprovisioning(scenario));
      const next = await scenario.run(deprovisioning(scenario));
      expect(next.log).not.toContain('::error');
      expect(next.code).toBe(0);
      await expectRemoved(world, scenario, config);
      expect(await secretNames(world, scenario.instance)).toEqual([]);
    },
    300_000,
  );

  it.each(Object.entries(DELETIONS))(
    '%s: a run that provisions makes the instance whole again',
    async (_, arm) => {
      const scenario = await world.scenario();
      const config = await provisioned(world, scenario);
      await killedRun(world, scenario, arm, deprovisioning(scenario));
      const next = await scenario.run();
      expect(next.log).not.toContain('::error');
      expect(next.code).toBe(0);
      expect(await dataOf(world, config)).toEqual(expect.arrayContaining(['MySQL user', 'MongoDB user', 'Bucket']));
      const namespace = await world.cluster.read(namespaceRef(scenario.instance));
      expect(namespace?.metadata?.deletionTimestamp).toBeUndefined();
      await expectProvisioned(world, scenario);
    },
    300_000,
  );
});

describe('a run that provisions', () => {
  it('waits for an Application that an earlier run had deleted, as nothing that is applied to it would last', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    await provisioned(world, scenario);
    world.deletions.pause();
    await killedRun(
      world,
      scenario,
      afterRequest(world, 'DELETE', () => '/applications/'),
      deprovisioning(scenario),
    );
    const running = await scenario.start();
    await eventually(() => running.log().includes(`Application ${instance}-production is being deleted: waiting`));
    await world.deletions.resume();
    const result = await running.done;
    expect(result.log).not.toContain('::error');
    expect(result.code).toBe(0);
    await expectProvisioned(world, scenario);
    expect((await readApplication(world, instance))?.metadata?.deletionTimestamp).toBeUndefined();
  }, 300_000);
});

describe('a run that provisions and is killed', () => {
  it('while its workflows run: the one that deprovisions the instance ends them first', async () => {
    const scenario = await world.scenario();
    const config = await provisioned(world, scenario);
    const watching = () => '/workflows\\?.*watch=true';
    await killedRun(world, scenario, afterRequest(world, 'GET', watching));
    const next = await scenario.run(deprovisioning(scenario));
    expect(next.log).not.toContain('::error');
    expect(next.code).toBe(0);
    await expectRemoved(world, scenario, config);
  }, 300_000);
});
