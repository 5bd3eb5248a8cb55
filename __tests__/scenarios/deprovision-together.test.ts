import { actionCommits, expectProvisioned, readApplication, type readConfig } from './outcome.ts';
import { deprovisioning, expectRemoved, filesOf, namespaceRef, provisioned, recordsOf } from './removal.ts';
import { openWorld, type Scenario } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());
afterEach(() => world.proxy.clear());

/** Starts both at once, and waits for both. */
async function together(scenario: Scenario, first: 'provision' | 'deprovision') {
  const options = [{}, deprovisioning(scenario)];
  const inOrder = first === 'provision' ? options : options.toReversed();
  const running = await Promise.all(inOrder.map((one) => scenario.start(one)));
  return await Promise.all(running.map(({ done }) => done));
}

describe('a run that provisions and one that takes down, started in the same second', () => {
  it.each(['provision', 'deprovision'] as const)(
    '%s first, of an instance that is there: each is green, and what is there is whole or gone',
    async (first) => {
      const scenario = await world.scenario();
      const before = await provisioned(world, scenario);
      const results = await together(scenario, first);
      expect(results.map(({ code }) => code)).toEqual([0, 0]);
      expect(results.filter(({ log }) => log.includes('Another run works on this instance'))).toHaveLength(1);
      await expectWholeOrGone(scenario, before);
    },
    180_000,
  );

  it.each(['provision', 'deprovision'] as const)(
    '%s first, of an instance that is not there yet: the same',
    async (first) => {
      const scenario = await world.scenario();
      const results = await together(scenario, first);
      expect(results.map(({ code }) => code)).toEqual([0, 0]);
      await expectWholeOrGone(scenario, undefined);
    },
    180_000,
  );
});

describe('the one that waited', () => {
  it('and provisions: it makes the instance afresh when it has been taken down', async () => {
    const scenario = await world.scenario();
    const before = await provisioned(world, scenario);
    const held = await leaseHolder(scenario, 'deprovision');
    const after = await scenario.run();
    expect((await held.done).code).toBe(0);
    expect(after.log).toContain('Another run works on this instance');
    expect(after.log).not.toContain('::error');
    expect(after.code).toBe(0);
    const config = await expectProvisioned(world, scenario);
    expect(config.MYSQL_PASSWORD).not.toBe(before.MYSQL_PASSWORD);
    expect(await actionCommits(world, scenario)).toEqual([
      `feat: add instance ${scenario.instance}`,
      `chore: remove instance ${scenario.instance}`,
      `feat: add instance ${scenario.instance}`,
    ]);
  }, 180_000);

  it('and takes down: it takes down all that has been provisioned meanwhile', async () => {
    const scenario = await world.scenario();
    const held = await leaseHolder(scenario, 'provision');
    const after = await scenario.run(deprovisioning(scenario));
    expect((await held.done).code).toBe(0);
    expect(after.log).toContain('Another run works on this instance');
    expect(after.code).toBe(0);
    expect(after.outputs.changed).toBe('true');
    expect(await recordsOf(world, scenario)).toEqual([]);
    expect(after.summary).toMatch(/\| Bucket \| launchpad-\S+ \| ➖ removed \|/);
  }, 180_000);

  it('and takes down too: it finds nothing, and is green', async () => {
    const scenario = await world.scenario();
    const config = await provisioned(world, scenario);
    const results = await Promise.all([scenario.run(deprovisioning(scenario)), scenario.run(deprovisioning(scenario))]);
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect(results.map(({ outputs }) => outputs.changed).sort()).toEqual(['false', 'true']);
    await expectRemoved(world, scenario, config);
  }, 180_000);
});

/** Starts a run, and gives it back as soon as it has the Lease. */
async function leaseHolder(scenario: Scenario, operation: 'provision' | 'deprovision') {
  const isHeld = Promise.withResolvers<void>();
  world.proxy.add({
    method: 'POST',
    path: /\/leases\?/,
    times: 1,
    fault: { kind: 'call', when: 'after', work: () => isHeld.resolve() },
  });
  const run = await scenario.start(operation === 'provision' ? {} : deprovisioning(scenario));
  await isHeld.promise;
  return run;
}

/** Nothing is half made: either all of the instance is there, and works, or nothing of it. */
async function expectWholeOrGone(
  scenario: Scenario,
  before: Awaited<ReturnType<typeof readConfig>> | undefined,
): Promise<void> {
  if ((await filesOf(world, scenario)).length > 0) {
    await expectProvisioned(world, scenario);
    const namespace = await world.cluster.read(namespaceRef(scenario.instance));
    expect(namespace?.metadata?.deletionTimestamp).toBeUndefined();
    const application = await readApplication(world, scenario.instance);
    expect(application?.metadata?.deletionTimestamp).toBeUndefined();
    return;
  }
  expect(await recordsOf(world, scenario)).toEqual([]);
  if (before !== undefined) await expectRemoved(world, scenario, before);
}
