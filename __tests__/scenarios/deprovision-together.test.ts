import type { StepResult } from '../../sandbox/github-runner.ts';
import { deprovisioning, expectRemoved, filesOf, namespaceRef, provisioned, recordsOf } from './deprovisioned.ts';
import { actionCommits, eventually, expectProvisioned, readApplication, type readConfig } from './outcome.ts';
import { openWorld, type RunOptions, type Scenario } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());
afterEach(() => world.clearFaults());

/** Starts both at once, and waits for both. */
async function settleAll(scenario: Scenario, first: 'provision' | 'deprovision') {
  const options = [{}, deprovisioning(scenario)];
  const inOrder = first === 'provision' ? options : options.toReversed();
  const running = await Promise.all(inOrder.map((one) => scenario.start(one)));
  return await Promise.all(running.map(({ done }) => done));
}

describe('a run that provisions and one that deprovisions, started in the same second', () => {
  it.each(['provision', 'deprovision'] as const)(
    '%s first, of an instance that exists: each is green, and the instance is whole or deleted',
    async (first) => {
      const scenario = await world.scenario();
      const before = await provisioned(world, scenario);
      const results = await settleAll(scenario, first);
      expect(results.map(({ code }) => code)).toEqual([0, 0]);
      await expectWholeOrGone(scenario, before);
    },
    300_000,
  );

  it.each(['provision', 'deprovision'] as const)(
    '%s first, of an instance that is not there yet: the same',
    async (first) => {
      const scenario = await world.scenario();
      const results = await settleAll(scenario, first);
      expect(results.map(({ code }) => code)).toEqual([0, 0]);
      await expectWholeOrGone(scenario, undefined);
    },
    300_000,
  );
});

describe('the one that waited', () => {
  it('and provisions: it creates the instance again after its deletion', async () => {
    const scenario = await world.scenario();
    const before = await provisioned(world, scenario);
    const after = await oneAfterTheOther(scenario, deprovisioning(scenario), {});
    expect(after.log).not.toContain('::error');
    expect(after.code).toBe(0);
    const config = await expectProvisioned(world, scenario);
    expect(config.MYSQL_PASSWORD).not.toBe(before.MYSQL_PASSWORD);
    expect(await actionCommits(world, scenario)).toEqual([
      `feat: add instance ${scenario.instance}`,
      `chore: remove instance ${scenario.instance}`,
      `feat: add instance ${scenario.instance}`,
    ]);
  }, 300_000);

  it('and deprovisions: it deletes all that has been provisioned meanwhile', async () => {
    const scenario = await world.scenario();
    const after = await oneAfterTheOther(scenario, {}, deprovisioning(scenario));
    expect(after.log).not.toContain('::error');
    expect(after.code).toBe(0);
    expect(after.outputs.changed).toBe('true');
    expect(await recordsOf(world, scenario)).toEqual([]);
    expect(after.summary).toMatch(/\| Bucket \| `launchpad-\S+` \| ➖ removed \|/);
  }, 300_000);

  it('and deprovisions too: it finds nothing, and is green', async () => {
    const scenario = await world.scenario();
    const config = await provisioned(world, scenario);
    const results = await Promise.all([scenario.run(deprovisioning(scenario)), scenario.run(deprovisioning(scenario))]);
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect(results.map(({ outputs }) => outputs.changed).sort()).toEqual(['false', 'true']);
    await expectRemoved(world, scenario, config);
  }, 300_000);
});

/** Does one after the other: the second comes to the Lease while the first has it. */
async function oneAfterTheOther(scenario: Scenario, first: RunOptions, second: RunOptions): Promise<StepResult> {
  const { instance } = scenario;
  const isHeld = Promise.withResolvers<void>();
  const isMet = Promise.withResolvers<void>();
  const work = async () => {
    isHeld.resolve();
    await isMet.promise;
  };
  const path = new RegExp(`/${instance}/workflows\\?`);
  world.proxy.add({ method: 'POST', path, times: 1, fault: { kind: 'call', when: 'before', work } });
  const leading = await scenario.start(first);
  await isHeld.promise;
  const following = await scenario.start(second);
  await eventually(() => following.log().includes('Another run works on this instance'));
  isMet.resolve();
  expect((await leading.done).code).toBe(0);
  return await following.done;
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
