import { actionCommits, eventually, expectProvisioned, livingPods, secretNames } from '../outcome.ts';
import { openWorld } from '../world.ts';

const world = await openWorld();
afterAll(() => world.stop());
afterEach(() => {
  world.sandbox?.kubernetes.missingKinds.clear();
  world.sandbox?.kubernetes.access.deny(() => false);
  world.sandbox?.controller.resume();
});

describe('the preflight', () => {
  it('names each kind that the cluster does not serve', async () => {
    const scenario = await world.scenario();
    for (const kind of ['Workflow', 'WorkflowTemplate', 'Application'])
      world.sandbox?.kubernetes.missingKinds.add(kind);
    const result = await scenario.run();
    expect(result.code).toBe(1);
    const [error = ''] = /^::error .*/m.exec(result.log) ?? [];
    expect(error).toContain('does not serve Workflow (argoproj.io/v1alpha1), WorkflowTemplate');
    expect(error).toContain('Install Argo Workflows');
    expect(error).toContain('Install Argo CD');
  });

  it('names each permission that is missing', async () => {
    const scenario = await world.scenario();
    world.sandbox?.kubernetes.access.deny(
      ({ verb, resource }) => resource === 'workflowtaskresults' || (resource === 'secrets' && verb === 'create'),
    );
    const result = await scenario.run();
    expect(result.code).toBe(1);
    const [error = ''] = /^::error .*/m.exec(result.log) ?? [];
    expect(error).toContain(`create secrets in namespace ${scenario.instance}`);
    expect(error).toContain(`create, patch workflowtaskresults.argoproj.io in namespace ${scenario.instance}`);
  });

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

describe('a controller that does not look at the workflows', () => {
  it('is a time-out that says so, and leaves no pod, no temporary Secret and no commit', async () => {
    const scenario = await world.scenario();
    world.sandbox?.controller.pause();
    const result = await scenario.run({ inputs: { timeout: '2s' } });
    expect(result.code).toBe(1);
    expect(result.log).toMatch(/^::error .*did not end within 2 s.*check that the Argo Workflows controller runs/m);
    expect(result.summary).toContain(`## ❌ Instance ${scenario.instance} was not provisioned in time\n`);
    expect(result.log).toContain('Workflows: mysql, mongodb and storage terminated.');
    expect(await livingPods(world, scenario.instance)).toEqual([]);
    const temporary = (await secretNames(world, scenario.instance)).filter((name) =>
      name.startsWith('launchpad-provision-'),
    );
    expect(temporary).toEqual([]);
    expect(await actionCommits(world, scenario)).toEqual([]);
  }, 60_000);
});
