import { expectProvisioned, secretNames } from './outcome.ts';
import { dataOf, deprovisioning, expectRemoved, namespaceRef, provisioned } from './removal.ts';
import { openWorld, type Scenario } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());
afterEach(() => {
  world.proxy.clear();
  world.git.beforePush = undefined;
  world.git.afterPush = undefined;
});

type Arm = (scenario: Scenario, die: () => void) => void;

/** Kills the run when the API server has done what that request asks, before the run hears of it. */
const afterRequest =
  (method: string, path: (instance: string) => RegExp): Arm =>
  ({ instance }, die) => {
    world.proxy.add({ method, path: path(instance), times: 1, fault: { kind: 'call', when: 'after', work: die } });
  };

/** Where a run dies, by the steps of a run. */
const DEATHS: Readonly<Record<string, Arm>> = {
  'when it has the Lease': afterRequest('POST', () => /\/leases\?/),
  'when the Application is being deleted': afterRequest('DELETE', () => /\/applications\//),
  'when a program is stored': afterRequest('POST', (instance) => new RegExp(`/namespaces/${instance}/configmaps\\?`)),
  'when the first workflow is submitted': afterRequest('POST', (instance) => new RegExp(`/${instance}/workflows\\?`)),
  'while it waits for the workflows': afterRequest(
    'GET',
    (instance) => new RegExp(`/${instance}/workflows\\?.*watch=true`),
  ),
  'when the temporary Secrets are being deleted': afterRequest(
    'DELETE',
    (instance) => new RegExp(`/${instance}/secrets/launchpad-provision-`),
  ),
  'when the namespace is being deleted': afterRequest('DELETE', (instance) => new RegExp(`/namespaces/${instance}$`)),
  'before the push': (_, die) => {
    world.git.beforePush = async () => die();
  },
  'after the push, before it hears of it': (_, die) => {
    world.git.afterPush = async () => {
      die();
      return false;
    };
  },
};

/** Starts a run that takes the instance down, and kills it. */
async function killedRun(scenario: Scenario, when: string): Promise<void> {
  let isDead = false;
  const killed = await scenario.start(deprovisioning(scenario));
  DEATHS[when]?.(scenario, () => {
    isDead = true;
    killed.die();
  });
  await killed.done;
  expect(isDead).toBe(true);
  world.proxy.clear();
  world.git.beforePush = undefined;
  world.git.afterPush = undefined;
  await scenario.expireLease();
}

describe('a run that takes an instance down and is killed', () => {
  it.each(Object.keys(DEATHS))(
    '%s: the next one finishes',
    async (when) => {
      const scenario = await world.scenario();
      const config = await provisioned(world, scenario);
      await killedRun(scenario, when);
      const next = await scenario.run(deprovisioning(scenario));
      expect(next.log).not.toContain('::error');
      expect(next.code).toBe(0);
      await expectRemoved(world, scenario, config);
      expect(await secretNames(world, scenario.instance)).toEqual([]);
    },
    120_000,
  );

  it.each(['when the Application is being deleted', 'when the namespace is being deleted'])(
    '%s: a run that provisions makes the instance whole again',
    async (when) => {
      const scenario = await world.scenario();
      const config = await provisioned(world, scenario);
      await killedRun(scenario, when);
      const next = await scenario.run();
      expect(next.log).not.toContain('::error');
      expect(next.code).toBe(0);
      expect(await dataOf(world, config)).toEqual(expect.arrayContaining(['MySQL user', 'MongoDB user', 'Bucket']));
      const namespace = await world.cluster.read(namespaceRef(scenario.instance));
      expect(namespace?.metadata?.deletionTimestamp).toBeUndefined();
      await expectProvisioned(world, scenario);
    },
    120_000,
  );
});

describe('a run that provisions and is killed', () => {
  it('while its workflows run: the one that takes the instance down ends them first', async () => {
    const scenario = await world.scenario();
    const config = await provisioned(world, scenario);
    const { instance } = scenario;
    let isDead = false;
    const killed = await scenario.start();
    world.proxy.add({
      method: 'GET',
      path: new RegExp(`/${instance}/workflows\\?.*watch=true`),
      times: 1,
      fault: {
        kind: 'call',
        when: 'after',
        work: () => {
          isDead = true;
          killed.die();
        },
      },
    });
    await killed.done;
    expect(isDead).toBe(true);
    world.proxy.clear();
    await scenario.expireLease();
    const next = await scenario.run(deprovisioning(scenario));
    expect(next.log).not.toContain('::error');
    expect(next.code).toBe(0);
    await expectRemoved(world, scenario, config);
  }, 120_000);
});
