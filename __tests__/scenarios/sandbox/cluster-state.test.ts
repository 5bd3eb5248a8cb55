import { eventually, expectProvisioned, secretNames } from '../outcome.ts';
import { openWorld } from '../world.ts';

const world = await openWorld();
afterAll(() => world.stop());
afterEach(() => world.clearFaults());

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

it('waits while other runs work at the database servers, says for which lock, and continues when they have ended', async () => {
  const controller = world.sandbox?.controller;
  if (controller === undefined) throw new Error('This file runs in the sandbox only.');
  controller.faults.isLocked = (mutex) => /^argocd\/Mutex\/launchpad-(mysql|mongodb)-/.test(mutex);
  const scenario = await world.scenario();
  const running = await scenario.start();
  const waiting = (kind: string) =>
    new RegExp(`${kind}-\\S+: Pending, Waiting for argocd/Mutex/launchpad-${kind}-127\\.0\\.0\\.1-\\d+-\\d+ lock`);
  await eventually(() => waiting('mysql').test(running.log()) && waiting('mongodb').test(running.log()));
  await eventually(() => /storage-\S+: Succeeded/.test(running.log()), 30_000);
  controller.faults.isLocked = undefined;
  expect((await running.done).code).toBe(0);
  await expectProvisioned(world, scenario);
});

it("deletes the admin's credentials before it pushes, and what keeps the instance's values after", async () => {
  const scenario = await world.scenario();
  let secrets: readonly string[] = [];
  world.git.beforePush = async () => {
    secrets = await secretNames(world, scenario.instance);
  };
  expect((await scenario.run()).code).toBe(0);
  expect(secrets.toSorted()).toEqual(['launchpad-mongodb-user-password', 'launchpad-seed']);
  expect(await secretNames(world, scenario.instance)).toEqual([]);
});
