import { actionCommits, expectProvisioned } from '../outcome.ts';
import { openWorld } from '../world.ts';

const world = await openWorld();
const { digitalocean, settings } = world.vendors;
afterAll(() => world.stop());
afterEach(() => world.clearFaults());

it.each(['SIGTERM', 'SIGKILL'] as const)(
  'a pod that a dying node ends (%s) as the API makes the password: red, and the next run ends with one that logs in',
  async (signal) => {
    const scenario = await world.scenario();
    digitalocean.fault = (method, path) => {
      if (method !== 'POST' || !path.endsWith('/users')) return undefined;
      digitalocean.fault = undefined;
      world.sandbox?.controller.signalPods('mongodb-', signal);
      return signal === 'SIGKILL' ? 'drop-after' : undefined;
    };
    const killed = await scenario.run({ settings: settings.mongodbDigitalocean });
    expect(killed.code).toBe(1);
    expect(killed.log).toMatch(/^::error .*MongoDB/m);
    expect(await actionCommits(world, scenario)).toEqual([]);
    expect((await scenario.run({ settings: settings.mongodbDigitalocean })).code).toBe(0);
    await expectProvisioned(world, scenario);
  },
);
