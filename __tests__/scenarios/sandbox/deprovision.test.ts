import { GONE } from '../../../sandbox/faults/rules.ts';
import { deprovisioning, expectRemoved, provisioned } from '../deprovisioned.ts';
import { eventually, expectProvisioned } from '../outcome.ts';
import { newName, openWorld } from '../world.ts';

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
    expect(result.log).toMatch(/^::error title=Kubernetes%3A permission denied::.*delete namespaces in the cluster/m);
    expect(result.log).toContain('delete applications.argoproj.io in namespace argocd');
    expect(result.log).toContain('No changes were made');
    await expectProvisioned(world, scenario);
  });
});

const application = (instance: string) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: `${instance}-production`, namespace: 'argocd' },
});

/** Changes that the API server refuses once: method, path, and what the report says of it. */
const REFUSED: readonly [what: string, method: string, path: (instance: string) => RegExp, left: RegExp][] = [
  [
    'the deletion of the Application',
    'DELETE',
    () => /\/applications\//,
    /^Left: Application [\s\S]*files were not removed/m,
  ],
  [
    'a workflow',
    'POST',
    (instance) => new RegExp(`/${instance}/workflows\\?`),
    /^Removed: Application \S+\.\n[\s\S]*files were not removed/m,
  ],
  [
    'the deletion of the namespace',
    'DELETE',
    (instance) => new RegExp(`/namespaces/${instance}$`),
    /^Removed: .*Bucket [\s\S]*^Left: Namespace \S+\.\n[\s\S]*files were not removed/m,
  ],
];

describe('a step that the API server refuses', () => {
  it.each(REFUSED)(
    '%s: the report is true, and a second run finishes',
    async (_, method, path, left) => {
      const scenario = await world.scenario();
      const config = await provisioned(world, scenario);
      world.proxy.add({ method, path: path(scenario.instance), times: 1, fault: { kind: 'answer', status: 403 } });
      const refused = await scenario.run(deprovisioning(scenario));
      expect(refused.code).toBe(1);
      expect(refused.log).toMatch(left);
      expect(refused.log).not.toContain('Temporary Secrets');
      const next = await scenario.run(deprovisioning(scenario));
      expect(next.log).not.toContain('::error');
      expect(next.code).toBe(0);
      await expectRemoved(world, scenario, config);
    },
    120_000,
  );
});

describe('an instance with a reserved name', () => {
  it('is deprovisioned if its namespace has nothing of others, whose objects are named', async () => {
    const scenario = await world.scenario(
      { 'instances/monitoring/config.yml': 'LMS_HOST: lms.example.org\nCMS_HOST: cms.example.org\n' },
      'monitoring',
    );
    const config = await provisioned(world, scenario);
    const metadata = { name: 'prometheus', namespace: 'monitoring' };
    await world.cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
    const refused = await scenario.run(deprovisioning(scenario));
    expect(refused.code).toBe(1);
    expect(refused.log).toMatch(/^::error .*Namespace monitoring .*not the instance's: ConfigMap prometheus\./m);
    expect(refused.log).toContain('No changes were made');
    expect(await world.cluster.read(application('monitoring'))).toBeDefined();
    await world.cluster.delete({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
    const next = await scenario.run(deprovisioning(scenario));
    expect(next.log).not.toContain('::error');
    expect(next.code).toBe(0);
    await expectRemoved(world, scenario, config);
  }, 120_000);
});

it('an instance that its config.yml protects is not deprovisioned', async () => {
  const name = newName();
  const scenario = await world.scenario({ [`instances/${name}/config.yml`]: 'LAUNCHPAD_PROTECTED: true\n' }, name);
  const config = await provisioned(world, scenario);
  const refused = await scenario.run(deprovisioning(scenario));
  expect(refused.code).toBe(1);
  expect(refused.log).toMatch(/^::error .*is protected: \S+ has LAUNCHPAD_PROTECTED: true\./m);
  expect(await world.cluster.read(application(name))).toBeDefined();
  await world.git.commit(scenario.repository, {
    [`instances/${name}/config.yml`]: (
      await world.git.git(scenario.repository, 'show', `main:instances/${name}/config.yml`)
    ).replace(/^LAUNCHPAD_PROTECTED.*\n/m, ''),
  });
  expect((await scenario.run(deprovisioning(scenario))).code).toBe(0);
  await expectRemoved(world, scenario, config);
}, 120_000);

describe('a kubeconfig that may not list namespaces', () => {
  it.each([
    ['MYSQL_DATABASE: "chosen"\nMONGODB_USERNAME: "by-hand"\n', true],
    ['A: "b"\n', false],
  ])('deprovisions, and says what it did not check of the names in %j: %s', async (config, isToldOf) => {
    access?.deny(({ verb, resource }) => verb === 'list' && resource === 'namespaces');
    const name = newName();
    const scenario = await world.scenario({ [`instances/${name}/config.yml`]: config }, name);
    const planned = await scenario.run(deprovisioning(scenario, { inputs: { 'dry-run': 'true' } }));
    const result = await scenario.run(deprovisioning(scenario));
    const warning = /^::warning::Not checked: whether an instance that is only in the cluster.*$/gm;
    for (const { code, log } of [planned, result]) {
      expect(code).toBe(0);
      expect(log.match(warning) ?? []).toEqual(
        isToldOf ? [expect.stringContaining('(MySQL database chosen, MongoDB user by-hand)')] : [],
      );
    }
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
