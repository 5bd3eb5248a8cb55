import { GONE } from '../../../sandbox/faults/rules.ts';
import { deprovisioning, expectRemoved, provisioned } from '../deprovisioned.ts';
import { eventually, expectProvisioned } from '../outcome.ts';
import { openWorld } from '../world.ts';

const world = await openWorld();
const access = world.sandbox?.kubernetes.access;
afterAll(() => world.stop());
afterEach(async () => {
  world.clearFaults();
  await world.deletions.resume();
});

describe('a kubeconfig that may delete neither namespaces nor Applications', () => {
  it('provisions, and is refused before any change where it is to deprovision', async () => {
    access?.deny(({ verb, resource }) => verb === 'delete' && ['namespaces', 'applications'].includes(resource));
    const scenario = await world.scenario();
    await provisioned(world, scenario);
    const result = await scenario.run(deprovisioning(scenario));
    expect(result.code).toBe(1);
    expect(result.log).toMatch(/^::error title=Deprovisioning failed::.*delete namespaces in the cluster/m);
    expect(result.log).toContain('delete applications.argoproj.io in namespace argocd');
    expect(result.log).toContain('Nothing of the instance was touched');
    await expectProvisioned(world, scenario);
  });
});

describe('the wait for Argo CD', () => {
  it.each(['dropped', 'too old'] as const)('continues where its watch is %s', async (what) => {
    const scenario = await world.scenario();
    const config = await provisioned(world, scenario);
    world.deletions.pause();
    if (what === 'too old') {
      world.proxy.add({ path: /\/applications\?.*watch=true/, times: 1, fault: GONE });
    }
    const running = await scenario.start(deprovisioning(scenario));
    await eventually(() => running.log().includes('Waiting until Argo CD has deleted'));
    world.proxy.dropWatches();
    await world.deletions.resume();
    const result = await running.done;
    expect(result.log).not.toContain('::error');
    expect(result.code).toBe(0);
    await expectRemoved(world, scenario, config);
  });
});
