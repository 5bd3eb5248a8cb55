import { actionCommits, expectProvisioned, secretNames } from './outcome.ts';
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

/** Where a run dies, by the steps of a run: one of each, and some in the middle of one. */
const DEATHS: Readonly<Record<string, Arm>> = {
  'when it has the Lease': afterRequest('POST', () => /\/leases\?/),
  'when the namespace is made': afterRequest('PATCH', (instance) => new RegExp(`/namespaces/${instance}\\?`)),
  'when the seed is stored': afterRequest('POST', (instance) => new RegExp(`/namespaces/${instance}/secrets\\?`)),
  'when a program is stored': afterRequest('POST', (instance) => new RegExp(`/namespaces/${instance}/configmaps\\?`)),
  'when the first workflow is submitted': afterRequest('POST', (instance) => new RegExp(`/${instance}/workflows\\?`)),
  'while it waits': afterRequest('GET', (instance) => new RegExp(`/${instance}/workflows\\?.*watch=true`)),
  'when the temporary Secrets are being deleted': afterRequest(
    'DELETE',
    (instance) => new RegExp(`/${instance}/secrets/launchpad-provision-`),
  ),
  'before the push': (_, die) => {
    world.git.beforePush = async () => die();
  },
  'after the push, before it hears of it': (_, die) => {
    world.git.afterPush = async () => {
      die();
      return false;
    };
  },
  'when the password Secret is deleted': afterRequest(
    'DELETE',
    (instance) => new RegExp(`/${instance}/secrets/launchpad-mongodb-user-password`),
  ),
  'when the seed is deleted': afterRequest('DELETE', (instance) => new RegExp(`/${instance}/secrets/launchpad-seed`)),
  'when the Application is applied': afterRequest('PATCH', () => /\/applications\//),
};

describe('a run that is killed', () => {
  it.each(Object.keys(DEATHS))(
    '%s: the next one ends with one of everything, and credentials that log in',
    async (when) => {
      const scenario = await world.scenario();
      let isDead = false;
      const killed = await scenario.start();
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

      const next = await scenario.run();
      expect(next.log).not.toContain('::error');
      expect(next.code).toBe(0);
      await expectProvisioned(world, scenario);
      expect(await actionCommits(world, scenario)).toEqual([`feat: add instance ${scenario.instance}`]);
      expect(await secretNames(world, scenario.instance)).toEqual([]);
    },
  );
});

describe('a job that is re-run at its old commit', () => {
  it('works from the newest commit, and pushes nothing where that has the instance already', async () => {
    const scenario = await world.scenario();
    const old = await scenario.checkout();
    const again = await scenario.checkout();
    expect((await scenario.run({ checkout: old })).code).toBe(0);
    const config = await scenario.config();
    const rerun = await scenario.run({ checkout: again });
    expect(rerun.code).toBe(0);
    expect(rerun.outputs.changed).toBe('false');
    expect(await scenario.config()).toBe(config);
  });
});
