import { actionCommits, eventually, expectProvisioned } from './outcome.ts';
import { leaseRef, openWorld } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());
afterEach(() => world.clearFaults());

describe('two runs of one instance', () => {
  it('that start in the same second: both are green, and there is one of everything', async () => {
    const scenario = await world.scenario();
    const results = await Promise.all([scenario.run(), scenario.run()]);
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect(results.some(({ log }) => log.includes('Another run works on this instance'))).toBe(true);
    expect(await actionCommits(world, scenario)).toEqual([`feat: add instance ${scenario.instance}`]);
    await expectProvisioned(world, scenario);
  });
});

describe('a Lease', () => {
  it('of a run that died is outlived', async () => {
    const scenario = await world.scenario();
    await world.cluster.create({
      ...leaseRef(scenario.instance),
      spec: { holderIdentity: 'dead-run', leaseDurationSeconds: 30, renewTime: '2026-01-01T00:00:00.000000Z' },
    });
    const result = await scenario.run();
    expect(result.log).toContain('waiting for run dead-run');
    expect(result.code).toBe(0);
    await expectProvisioned(world, scenario);
  }, 120_000);

  it('that another run holds longer than the time limit is an error that names that run', async () => {
    const scenario = await world.scenario();
    const lease = { ...leaseRef(scenario.instance), spec: { holderIdentity: 'long-run', leaseDurationSeconds: 30 } };
    await world.cluster.create(lease);
    const result = await scenario.run({ inputs: { timeout: '2s' } });
    expect(result.code).toBe(1);
    expect(result.log).toMatch(/^::error .*Run long-run still works on this instance/m);
  });

  it('that another run holds does not keep a run from being cancelled', async () => {
    const scenario = await world.scenario();
    await world.cluster.create({
      ...leaseRef(scenario.instance),
      spec: { holderIdentity: 'long-run', leaseDurationSeconds: 30 },
    });
    const running = await scenario.start();
    await eventually(() => running.log().includes('waiting for run long-run'));
    running.signal('SIGINT');
    const result = await running.done;
    expect(result.code).toBe(1);
    expect(result.log).toMatch(/^::error .*: waiting for run long-run; then the run was cancelled/m);
    expect(JSON.stringify(await world.cluster.read(leaseRef(scenario.instance)))).toContain('long-run');
  });

  it('that is lost to another run stops this one: it pushes nothing and deletes nothing', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    const running = await scenario.start({ settings: { LAUNCHPAD_MONGODB_PORT: '9' } });
    await eventually(() => /mongodb-\S+: Running/.test(running.log()), 30_000);
    await world.cluster.patch(leaseRef(instance), { spec: { holderIdentity: 'another-run' } });
    const result = await running.done;
    expect(result.code).toBe(1);
    expect(result.log).toMatch(/^::error .*lost Lease .*run another-run has it now/m);
    expect(await actionCommits(world, scenario)).toEqual([]);
    const lease = await world.cluster.read(leaseRef(instance));
    expect(JSON.stringify(lease)).toContain('another-run');
    const type = { apiVersion: 'v1', kind: 'Secret', namespace: instance };
    const { items } = await world.cluster.list(type, { labelSelector: 'launchpad-provision/role=temporary' });
    expect(items).toHaveLength(3);
  }, 60_000);

  it('that cannot be renewed stops the run: it pushes nothing, and leaves neither its Secrets nor the Lease', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    // At that of the test before its pods may still have a place.
    const running = await scenario.start({ settings: { LAUNCHPAD_MONGODB_PORT: '19' } });
    await eventually(() => /mongodb-\S+: Running/.test(running.log()), 30_000);
    world.proxy.add({
      method: 'PUT',
      path: new RegExp(`/leases/launchpad-${instance}`),
      fault: { kind: 'drop', when: 'before' },
    });
    const result = await running.done;
    expect(result.code).toBe(1);
    expect(result.log).toMatch(/^::error .*Lease launchpad-\S+ in namespace argocd could not be renewed for 25 s: /m);
    expect(await actionCommits(world, scenario)).toEqual([]);
    const type = { apiVersion: 'v1', kind: 'Secret', namespace: instance };
    const { items } = await world.cluster.list(type, { labelSelector: 'launchpad-provision/role=temporary' });
    expect(items).toEqual([]);
    expect(await world.cluster.read(leaseRef(instance))).toBeUndefined();
  }, 120_000);
});
