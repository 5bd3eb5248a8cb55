import { type Arm, afterRequest, commonMoments, killedRun } from './deaths.ts';
import { actionCommits, expectProvisioned, secretNames } from './outcome.ts';
import { openWorld } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());
afterEach(() => world.clearFaults());

/** Where a run dies, by the steps of a run: one of each, and some in the middle of one. */
const DEATHS: Readonly<Record<string, Arm>> = {
  ...commonMoments(world),
  'when the namespace is created': afterRequest(world, 'PATCH', (instance) => `/namespaces/${instance}\\?`),
  'when the programs are stored': afterRequest(world, 'POST', (instance) => `/namespaces/${instance}/configmaps\\?`),
  'when the password Secret is deleted': afterRequest(
    world,
    'DELETE',
    (instance) => `/${instance}/secrets\\?.*run%3D[\\w-]+$`,
  ),
  'when the seed is deleted': afterRequest(world, 'DELETE', (instance) => `/${instance}/secrets/launchpad-seed`),
  'when the Application is applied': afterRequest(world, 'PATCH', () => '/applications/'),
};

describe('a run that is killed', () => {
  it.each(Object.entries(DEATHS))(
    '%s: the next one ends with one of everything, and credentials that log in',
    async (_, arm) => {
      const scenario = await world.scenario();
      await killedRun(world, scenario, arm);
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
