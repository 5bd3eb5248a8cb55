import { GONE } from '../../sandbox/faults/rules.ts';
import { eventually, expectProvisioned, readWorkflows } from './outcome.ts';
import { openWorld } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());
afterEach(() => world.clearFaults());

describe('an API server that has a bad day', () => {
  it('answers 503 and 429 now and then: the run continues', async () => {
    const scenario = await world.scenario();
    world.proxy.add({ path: /\/workflowtemplates\//, times: 2, fault: { kind: 'answer', status: 503 } });
    world.proxy.add({ path: /\/configmaps\?/, times: 1, fault: { kind: 'answer', status: 429, retryAfter: 1 } });
    world.proxy.add({ method: 'GET', path: /\/workflows\?/, times: 1, fault: { kind: 'drop', when: 'before' } });
    const result = await scenario.run();
    expect(result.code).toBe(0);
    expect(result.log).toContain('503');
    await expectProvisioned(world, scenario);
  });

  it('loses the answer to the creation of a workflow: there is one of each kind all the same', async () => {
    const scenario = await world.scenario();
    world.proxy.add({
      method: 'POST',
      path: new RegExp(`/${scenario.instance}/workflows\\?`),
      times: 2,
      fault: { kind: 'drop', when: 'after' },
    });
    expect((await scenario.run()).code).toBe(0);
    expect(await readWorkflows(world, scenario.instance)).toHaveLength(3);
    await expectProvisioned(world, scenario);
  });

  it('drops the watch, and then does not know its resourceVersion any more (410): the wait continues', async () => {
    const scenario = await world.scenario();
    const watch = /\/workflows\?.*watch=true/;
    world.proxy.add({ path: watch, times: 1, fault: GONE });
    const running = await scenario.start();
    await eventually(() => world.proxy.requests.some(({ path, query }) => watch.test(path + query)), 30_000);
    world.proxy.dropWatches();
    const result = await running.done;
    expect(result.code).toBe(0);
    await expectProvisioned(world, scenario);
  });
});
