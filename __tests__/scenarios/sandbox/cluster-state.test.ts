import { eventually, expectProvisioned } from '../outcome.ts';
import { openWorld } from '../world.ts';

const world = await openWorld();
afterAll(() => world.stop());

describe('the preflight', () => {
  it('waits for a namespace that is being deleted', async () => {
    const scenario = await world.scenario();
    const ref = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: scenario.instance } };
    await world.cluster.create(ref);
    await world.cluster.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'held', namespace: scenario.instance, finalizers: ['example.org/hold'] },
    });
    await world.cluster.delete(ref);
    const running = await scenario.start();
    const held = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'held', namespace: scenario.instance } };
    await eventually(() => running.log().includes('is being deleted: waiting'));
    await world.cluster.patch(held, { metadata: { finalizers: null } });
    const result = await running.done;
    expect(result.code).toBe(0);
    await expectProvisioned(world, scenario);
  });
});
