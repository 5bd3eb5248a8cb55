import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { StepResult } from '../../sandbox/github-runner.ts';
import type { KubeObject } from '../../src/cluster/objects/objects.ts';
import { Seed } from '../../src/instance/new/seed.ts';
import { readConfig } from './outcome.ts';
import { stateOf, states, unchangingRun } from './state.ts';
import { openWorld, type RunOptions, type Scenario } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());
afterEach(() => world.clearFaults());

const REGISTRY_PASSWORD = 'registry-password-3';
const credentials = Buffer.from(`robot:${REGISTRY_PASSWORD}`).toString('base64');
const inputs = { 'docker-registry-credentials': credentials };
const dry = { inputs: { ...inputs, 'dry-run': 'true' } };
const plan = (scenario: Scenario, options: RunOptions = dry) => unchangingRun(world, scenario, options);

/** Secrets that stand in the run's log, summary or outputs, in any form. */
function shownOf({ log, summary, outputs }: StepResult, secrets: readonly (string | undefined)[]): string[] {
  const reported = log.replaceAll(/^::add-mask::.*$/gm, '') + summary + JSON.stringify(outputs);
  const known = [
    ...secrets,
    REGISTRY_PASSWORD,
    world.settings.LAUNCHPAD_MYSQL_ADMIN_PASSWORD,
    world.settings.LAUNCHPAD_MONGODB_ADMIN_PASSWORD,
    world.settings.LAUNCHPAD_STORAGE_SECRET_ACCESS_KEY,
  ].map((secret) => secret ?? '');
  expect(known).not.toContain('');
  const forms = known.flatMap((secret) => [secret, Buffer.from(secret).toString('base64')]);
  return [...forms, credentials].filter((form) => reported.includes(form));
}

/** A generated password has 32 characters, and all kinds of them. */
const GENERATED = /"(?=[^"]*[A-Z])(?=[^"]*[a-z])(?=[^"]*[0-9])(?=[^"]*[-_])[\w-]{32}"/;

describe('a dry run', () => {
  it('for an instance that has only a name shows all that a run would create, and creates none of it', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    const checkout = await scenario.checkout();
    const result = await plan(scenario, { ...dry, checkout });
    expect(Object.keys(await stateOf(world, scenario))).toEqual(['main']);
    const { stdout } = await promisify(execFile)('git', ['-C', checkout.directory, 'status', '--porcelain']);
    expect(stdout).toBe('');
    expect(result.outputs).toMatchObject({ instance, changed: 'true', 'commit-sha': '', workflows: '{}' });
    expect(states(result)).toMatchObject({
      [`Namespace ${instance}`]: 'create',
      'ServiceAccount launchpad-provision-mongodb': 'create',
      'RoleBinding launchpad-provision-password': 'create',
      'Secret launchpad-registry': 'create',
      'WorkflowTemplate launchpad-provision-mysql': 'create',
      'Workflow mysql': 'run',
      [`Application ${instance}-production`]: 'create',
      [`MySQL database launchpad-${instance}-openedx`]: 'create (if missing)',
      [`Bucket launchpad-${instance}-*`]: 'create (if missing)',
    });
    for (const text of [result.log, result.summary]) {
      expect(text).toContain(`+++ b/instances/${instance}/config.yml\n`);
      expect(text).toContain(`+MYSQL_USERNAME: "launchpad-${instance}"\n+MYSQL_PASSWORD: ***\n`);
      expect(text).toContain(`+S3_STORAGE_BUCKET: "launchpad-${instance}-*"\n`);
      expect(text).toContain(`+++ b/instances/${instance}/application.yml\n`);
      expect(text.replaceAll(/^::add-mask::.*$/gm, '')).not.toMatch(GENERATED);
    }
    expect(shownOf(result, [])).toEqual([]);
  });

  it('foresees what the run then does, and finds nothing to change after it', async () => {
    const scenario = await world.scenario();
    const { instance, repository } = scenario;
    expect((await scenario.run({ inputs })).code).toBe(0);
    const provisioned = await readConfig(scenario);
    const again = await plan(scenario);
    expect(again.outputs.changed).toBe('false');
    expect(new Set(Object.values(states(again)))).toEqual(new Set(['keep', 'run', 'create (if missing)']));
    expect(again.summary).toContain('No file changes.');
    expect(shownOf(again, [provisioned.MYSQL_PASSWORD, provisioned.MONGODB_PASSWORD])).toEqual([]);

    const text = (await scenario.config()).replace(/^MONGODB_HOST: .*\n/m, '');
    const secrets = ['url-password-5', 'nested-password-6', 'line-one-of-a-key', 'comment-password-7'];
    const more = [
      '# MYSQL_PASSWORD: comment-password-7',
      `CACHE_URL: "redis://me:url-password-5@cache.example.org"`,
      'PLUGIN: {smtp_password: nested-password-6, url: "smtp://u:nested-password-6@mail.example.org"}',
      'JWT_RSA_PRIVATE_KEY: |',
      '  line-one-of-a-key',
      `DATABASE_URL: "mysql://launchpad:${provisioned.MYSQL_PASSWORD}@db.example.org"`,
    ];
    await world.git.commit(repository, { [`instances/${instance}/config.yml`]: `${text}${more.join('\n')}\n` });
    const password = 'launchpad-provision-password';
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role' };
    await world.cluster.patch({ ...role, metadata: { name: password, namespace: instance } }, { rules: [] });
    const template = { apiVersion: 'argoproj.io/v1alpha1', kind: 'WorkflowTemplate' };
    await world.cluster.delete({
      ...template,
      metadata: { name: 'launchpad-provision-storage', namespace: instance },
    });
    const changed = await plan(scenario);
    expect(changed.outputs.changed).toBe('true');
    expect(states(changed)).toMatchObject({
      [`Role ${password}`]: 'change (rules)',
      'Role launchpad-provision-executor': 'keep',
      'WorkflowTemplate launchpad-provision-storage': 'create',
      'WorkflowTemplate launchpad-provision-mysql': 'keep',
    });
    expect(changed.summary).toContain(` JWT_RSA_PRIVATE_KEY: ***\n ***\n DATABASE_URL: "mysql://launchpad:***@db`);
    expect(changed.summary).toContain(`\n+MONGODB_HOST: "${provisioned.MONGODB_HOST}"\n`);
    expect(shownOf(changed, [...secrets, provisioned.MYSQL_PASSWORD, provisioned.MONGODB_PASSWORD])).toEqual([]);

    expect((await scenario.run({ inputs })).outputs.changed).toBe('true');
    expect((await readConfig(scenario)).MONGODB_HOST).toBe(provisioned.MONGODB_HOST);
    expect((await plan(scenario)).outputs.changed).toBe('false');
  }, 180_000);

  it('goes by the seed that a failed run left, and shows none of its passwords', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    world.git.protectedBranch = 'main';
    expect((await scenario.run({ inputs })).code).toBe(1);
    world.git.protectedBranch = undefined;
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'launchpad-seed', namespace: instance } };
    const stored = await world.cluster.read<KubeObject & { data?: { seed?: string } }>(secret);
    const seed = Seed.from(Buffer.from(stored?.data?.seed ?? '', 'base64'));
    const result = await plan(scenario);
    expect(result.summary).toContain(`+S3_STORAGE_BUCKET: "launchpad-${instance}-${seed.bucketSuffix()}"\n`);
    expect(shownOf(result, [seed.password('MYSQL_PASSWORD'), seed.password('MONGODB_PASSWORD')])).toEqual([]);
  }, 120_000);

  it("asks no vendor's API, and names the keys that only it knows", async () => {
    const scenario = await world.scenario();
    const asked = world.vendors.digitalocean.requests.length;
    const result = await plan(scenario, { ...dry, settings: world.vendors.settings.mongodbDigitalocean });
    expect(world.vendors.digitalocean.requests).toHaveLength(asked);
    expect(result.log).toContain('API: MONGODB_HOST, MONGODB_PORT, MONGODB_USE_SSL');
    expect(result.summary).toContain('+MONGODB_PASSWORD: ***\n');
    expect(result.summary).not.toContain('+MONGODB_HOST');
  });

  it('fails as a run does where the preflight fails', async () => {
    const scenario = await world.scenario();
    const result = await scenario.run({ inputs: { 'dry-run': 'true', 'github-token': 'may-only-read' } });
    expect(result.code).toBe(1);
    expect(result.log).toMatch(/^::error .*may not push to .*contents: write/m);
    expect(result.summary).toContain('may not push to');
    expect(result.outputs).toEqual({});
  });
});
