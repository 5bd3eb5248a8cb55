import { type Arm, afterPush, afterRequest, beforePush, killedRun, spare } from './deaths.ts';
import { dataOf, deprovisioning, expectRemoved, namespaceRef, provisioned } from './deprovisioned.ts';
import { eventually, expectProvisioned, readApplication, secretNames } from './outcome.ts';
import { openWorld } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());
afterEach(async () => {
  spare(world);
  await world.deletions.resume();
});

/** Where a run dies, by the steps of a run. */
const DEATHS: Readonly<Record<string, Arm>> = {
  'when it has the Lease': afterRequest(world, 'POST', () => /\/leases\?/),
  'when the Application is being deleted': afterRequest(world, 'DELETE', () => /\/applications\//),
  'when a program is stored': afterRequest(
    world,
    'POST',
    (instance) => new RegExp(`/namespaces/${instance}/configmaps\\?`),
  ),
  'when the first workflow is submitted': afterRequest(
    world,
    'POST',
    (instance) => new RegExp(`/${instance}/workflows\\?`),
  ),
  'while it waits for the workflows': afterRequest(
    world,
    'GET',
    (instance) => new RegExp(`/${instance}/workflows\\?.*watch=true`),
  ),
  'when the temporary Secrets are being deleted': afterRequest(
    world,
    'DELETE',
    (instance) => new RegExp(`/${instance}/secrets/launchpad-provision-`),
  ),
  'when the namespace is being deleted': afterRequest(
    world,
    'DELETE',
    (instance) => new RegExp(`/namespaces/${instance}$`),
  ),
  'before the push': beforePush(world),
  'after the push, before it hears of it': afterPush(world),
};

describe('a run that takes an instance down and is killed', () => {
  it.each(Object.keys(DEATHS))(
    '%s: the next one finishes',
    async (when) => {
      const scenario = await world.scenario();
      const config = await provisioned(world, scenario);
      await killedRun(world, scenario, DEATHS[when] ?? beforePush(world), deprovisioning(scenario));
      const next = await scenario.run(deprovisioning(scenario));
      expect(next.log).not.toContain('::error');
      expect(next.code).toBe(0);
      await expectRemoved(world, scenario, config);
      expect(await secretNames(world, scenario.instance)).toEqual([]);
    },
    300_000,
  );

  it.each(['when the Application is being deleted', 'when the namespace is being deleted'])(
    '%s: a run that provisions makes the instance whole again',
    async (when) => {
      const scenario = await world.scenario();
      const config = await provisioned(world, scenario);
      await killedRun(world, scenario, DEATHS[when] ?? beforePush(world), deprovisioning(scenario));
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
      afterRequest(world, 'DELETE', () => /\/applications\//),
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
  it('while its workflows run: the one that takes the instance down ends them first', async () => {
    const scenario = await world.scenario();
    const config = await provisioned(world, scenario);
    const watching = (instance: string) => new RegExp(`/${instance}/workflows\\?.*watch=true`);
    await killedRun(world, scenario, afterRequest(world, 'GET', watching));
    const next = await scenario.run(deprovisioning(scenario));
    expect(next.log).not.toContain('::error');
    expect(next.code).toBe(0);
    await expectRemoved(world, scenario, config);
  }, 300_000);
});
