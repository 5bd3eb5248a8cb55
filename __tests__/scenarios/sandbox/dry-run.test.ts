import { openWorld, type Scenario } from '../world.ts';

const world = await openWorld();
afterAll(() => world.stop());
afterEach(() => world.clearFaults());

const dry = { inputs: { 'dry-run': 'true' } };

/** An instance whose namespace is there, ours and empty, as a run leaves it that was killed early. */
async function begun(): Promise<Scenario> {
  const scenario = await world.scenario();
  const labels = { 'launchpad-provision/instance': scenario.instance };
  await world.cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: scenario.instance, labels } });
  return scenario;
}

describe('a dry run', () => {
  it('names what it may not read, though a run does without', async () => {
    const scenario = await world.scenario();
    world.sandbox?.kubernetes.access.deny(
      ({ verb, resource }) => verb === 'get' && ['roles', 'workflowtemplates'].includes(resource),
    );
    const result = await scenario.run(dry);
    expect(result.code).toBe(1);
    const [error = ''] = /^::error .*/m.exec(result.log) ?? [];
    expect(error).toContain(`get roles.rbac.authorization.k8s.io in namespace ${scenario.instance}`);
    expect(error).toContain(`get workflowtemplates.argoproj.io in namespace ${scenario.instance}`);
  });

  it('does not ask about RoleBindings whose Roles are not there: a real API server finds no Role', async () => {
    const scenario = await begun();
    const fault = { kind: 'answer', status: 404, reason: 'NotFound' } as const;
    world.proxy.add({ method: 'PATCH', path: /rolebindings/, fault });
    const result = await scenario.run(dry);
    expect(result.log).not.toContain('::error');
    expect(result.code).toBe(0);
    expect(result.log).toMatch(/~ Namespace +s-/);
    expect(result.log).toMatch(/\+ Role +launchpad-provision-password\b/);
    expect(result.log).toMatch(/\+ RoleBinding +launchpad-provision-password\b/);
  });

  it('fails where the API server refuses what a run would apply', async () => {
    const scenario = await begun();
    const fault = { kind: 'answer', status: 403, reason: 'Forbidden' } as const;
    world.proxy.add({ method: 'PATCH', path: /workflows\/mysql-.*dryRun=All/, fault });
    const result = await scenario.run(dry);
    expect(result.code).toBe(1);
    expect(result.log).toMatch(/^::error .*refused PATCH \S+\/workflows\/mysql-\S+ 403/m);
  });

  it.each(['1-school', 'x'.repeat(63), 'monitoring'])(
    'plans an instance that exists by a name that a new one may not have: %s',
    async (name) => {
      const scenario = await world.scenario({ [`instances/${name}/config.yml`]: 'PLATFORM_NAME: "A"\n' }, name);
      const planned = await scenario.run(dry);
      expect(planned.log).not.toContain('::error');
      expect(planned.code).toBe(0);
      expect(planned.summary).toContain(name);
      expect(planned.log).toMatch(/^\+MYSQL_DATABASE: /m);

      const added = await world.scenario({}, name);
      const refused = await added.run(dry);
      expect(refused.code).toBe(1);
      expect(refused.log).toMatch(/^::error .*Input instance: .*Choose a name of 1 to 40 lower-case letters/m);
    },
  );
});
