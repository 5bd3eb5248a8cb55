import {
  actionCommits,
  eventually,
  expectProvisioned,
  livingPods,
  readApplication,
  readWorkflows,
  secretNames,
} from './outcome.ts';
import { leaseRef, newName, openWorld, type Scenario } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());
afterEach(() => world.clearFaults());

const names = (count: number) => Array.from({ length: count }, newName);
const MINUTE_MS = 60_000;

/** The row of an instance in the summary's table. */
const rowOf = (summary: string, { instance }: Scenario) =>
  summary.split('\n').find((line) => line.startsWith(`| \`${instance}\` | `)) ?? '';

/** What every instance of a repository has on the remote: a commit each. */
const subjectsOf = (scenarios: readonly Scenario[]) =>
  scenarios.map(({ instance }) => `feat: add instance ${instance}`);

describe('several instances in one run', () => {
  it('of which one has a broken config.yml: the others are provisioned, each with a commit, and the step is red', async () => {
    const [broken = '', ...others] = names(4);
    const file = `instances/${broken}/config.yml`;
    const scenarios = await world.several([broken, ...others], { [file]: 'MYSQL_DATABASE: [\n' });
    const [bad, ...good] = scenarios;
    if (bad === undefined) throw new Error('no scenario');
    const before = world.proxy.requests.length;
    const { code, log, outputs, summary } = await bad.run({ inputs: { parallelism: '3' } });

    expect(code).toBe(1);
    for (const scenario of good) await expectProvisioned(world, scenario);
    expect((await actionCommits(world, bad)).toSorted()).toEqual(subjectsOf(good).toSorted());
    expect(await readApplication(world, broken)).toBeUndefined();

    expect(log.match(/^::error /gm)).toHaveLength(1);
    expect(log).toMatch(new RegExp(`^::error title=${broken}%3A .*config\\.yml`, 'm'));
    for (const { instance } of good) {
      expect(log).toMatch(new RegExp(`^::group::Log of instance ${instance}\n(?:(?!::).*\n)*::endgroup::`, 'm'));
      expect(log).toMatch(new RegExp(`^${instance}: .*✓.* Wait for the workflows: [\\w ,]+, \\d+\\.\\d s$`, 'm'));
      expect(log).toMatch(new RegExp(`✓.* instance ${instance}: provisioned, \\d+\\.\\d s$`, 'm'));
    }
    expect(log).toMatch(
      /^4 instances: 1 failed, 3 provisioned\ninstance +outcome +seconds +commit +bucket +what failed$/m,
    );

    const results = JSON.parse(outputs.results ?? '');
    expect(results[broken]).toMatchObject({ outcome: 'failed', error: { code: 'config-invalid' } });
    const buckets = JSON.parse(outputs.bucket ?? '');
    expect(Object.keys(buckets)).toEqual(good.map(({ instance }) => instance));
    for (const scenario of good) {
      const { instance } = scenario;
      const told = results[instance];
      expect(told).toMatchObject({ outcome: 'provisioned', namespace: instance, changed: true });
      expect(await world.git.git(scenario.repository, 'log', '-1', '--format=%s', told['commit-sha'])).toBe(
        `feat: add instance ${instance}`,
      );
      expect(await scenario.config()).toContain(`S3_STORAGE_BUCKET: "${buckets[instance]}"`);
      expect(rowOf(summary, scenario)).toMatch(
        new RegExp(`\\| ✅ provisioned \\| .* \\| \`${buckets[instance]}\` \\| \`${instance}-production\` \\|`),
      );
      expect(log).toMatch(new RegExp(`^.*✓ Instance ${instance}: provisioned.*\n(?:  .*\n)+Next steps:\n  1\\. `, 'm'));
    }
    expect(summary).toMatch(/^## ❌ 4 instances: 1 failed, 3 provisioned$/m);
    expect(rowOf(summary, bad)).toMatch(/\| ❌ failed \| .*config\.yml/);
    expect(summary).toContain(`### ❌ ${broken} was not provisioned\n\n| What failed |`);
    // What the user may do is asked for once, not for each.
    const reviews = world.proxy.requests.slice(before).filter(({ path }) => /selfsubject\w+reviews$/.test(path));
    expect(new Set(reviews.map(({ body }) => body)).size).toBe(reviews.length);

    const again = await bad.run();
    expect(again.code).toBe(1);
    expect(JSON.parse(again.outputs.changed ?? '')).toEqual(
      Object.fromEntries(good.map(({ instance }) => [instance, false])),
    );
    expect(await actionCommits(world, bad)).toHaveLength(3);
  }, 120_000);

  it('as a dry run: a plan for each, and nothing is touched', async () => {
    const scenarios = await world.several(names(2));
    const [first] = scenarios;
    const { code, outputs, summary } = (await first?.run({ inputs: { 'dry-run': 'true' } })) ?? {};
    expect(code).toBe(0);
    expect(summary).toMatch(/^## ✅ 2 instances: 2 planned$/m);
    for (const { instance } of scenarios) {
      expect(JSON.parse(outputs?.results ?? '')[instance]).toMatchObject({ outcome: 'planned', changed: true });
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: instance } };
      expect(await world.cluster.read(namespace)).toBeUndefined();
    }
  });

  it('that are given the same database are refused before anything is touched', async () => {
    const [first] = await world.several(names(2));
    const before = world.proxy.requests.length;
    const { code, log } = (await first?.run({ inputs: { config: 'MYSQL_DATABASE: openedx' } })) ?? {};
    expect(code).toBe(1);
    expect(log).toMatch(/^::error .*Input config sets MYSQL_DATABASE for 2 instances/m);
    expect(world.proxy.requests).toHaveLength(before);
  });
});

describe('several instances whose run does not come to its end', () => {
  /** Whether the workflows of all of them run. */
  const allRun = async (scenarios: readonly Scenario[]) => {
    const workflows = await Promise.all(scenarios.map(({ instance }) => readWorkflows(world, instance)));
    return workflows.every((list) =>
      list.some((one) => JSON.stringify(one.status ?? {}).includes('"phase":"Running"')),
    );
  };
  /** Nothing of the runs is left that could go on. */
  const expectEnded = async (scenarios: readonly Scenario[]) => {
    for (const { instance } of scenarios) {
      await eventually(async () => (await livingPods(world, instance)).length === 0, MINUTE_MS);
      const temporary = (await secretNames(world, instance)).filter((name) => name.startsWith('launchpad-provision-'));
      expect(temporary).toEqual([]);
      expect(await world.cluster.read(leaseRef(instance))).toBeUndefined();
    }
  };
  /** A port where nobody listens, so that the MongoDB workflows go on trying. */
  const NOBODY = { LAUNCHPAD_MONGODB_PORT: '9' };

  it('because main is killed: the post step ends all of them and tells of each, and the next run finishes', async () => {
    const scenarios = await world.several(names(3));
    const [first] = scenarios;
    if (first === undefined) throw new Error('no scenario');
    const running = await first.start({ settings: NOBODY });
    await eventually(() => allRun(scenarios), 30_000);
    running.signal('SIGKILL');
    const { log, summary } = await running.done;
    expect(summary).toMatch(/^## ❌ 3 instances: 3 cancelled$/m);
    expect(log.match(/^::error .*The job was stopped/gm)).toHaveLength(1);
    for (const scenario of scenarios) {
      const { instance } = scenario;
      expect(log).toMatch(new RegExp(`^::group::Clean-up of instance ${instance}\n`, 'm'));
      expect(log).toMatch(new RegExp(`^${instance}: .*✓.* Clean up after the run for ${instance}, `, 'm'));
      expect(rowOf(summary, scenario)).toMatch(/❌ cancelled .*The job was stopped/);
      expect(summary).toContain(`### ❌ ${instance} was not provisioned: the run was cancelled`);
    }
    expect(summary).toMatch(/\| mongodb \| \S+ \| terminated \|/);
    const titles = [...summary.matchAll(/^### ❌ (\S+) /gm)].map(([, instance]) => instance);
    expect(titles).toEqual(scenarios.map(({ instance }) => instance));
    await expectEnded(scenarios);

    expect((await first.run()).code).toBe(0);
    for (const scenario of scenarios) await expectProvisioned(world, scenario);
    expect((await actionCommits(world, first)).toSorted()).toEqual(subjectsOf(scenarios).toSorted());
  }, 180_000);

  it('because main is killed when one is done: the post step tells of that one as it ended', async () => {
    const scenarios = await world.several(names(2));
    const [first, second] = scenarios;
    if (first === undefined || second === undefined) throw new Error('no scenario');
    const running = await first.start({ inputs: { parallelism: '1' } });
    await eventually(() => running.log().includes(`${second.instance}: `) && running.log().includes(': provisioned, '));
    await eventually(async () => (await readWorkflows(world, second.instance)).length > 0);
    running.signal('SIGKILL');
    const { summary } = await running.done;
    expect(summary).toMatch(/^## ❌ 2 instances: 1 cancelled, 1 provisioned$/m);
    expect(rowOf(summary, first)).toMatch(
      /\| ✅ provisioned \| .* \| `launchpad-\S+` \| \S+-production\S* \| \S*[0-9a-f]{7}\S* \|/,
    );
    expect(summary).not.toContain(`### ❌ ${first.instance}`);
    expect(summary).toContain(`### ❌ ${second.instance}`);
    await expectEnded([second]);
  }, 120_000);

  it('because the machine dies: the next run finishes all of them', async () => {
    const scenarios = await world.several(names(3));
    const [first] = scenarios;
    if (first === undefined) throw new Error('no scenario');
    const running = await first.start();
    let pushes = 0;
    world.git.beforePush = async () => {
      pushes += 1;
      if (pushes === 2) running.die();
    };
    await running.done;
    world.git.beforePush = undefined;
    for (const scenario of scenarios) await scenario.expireLease();
    expect((await first.run()).code).toBe(0);
    for (const scenario of scenarios) await expectProvisioned(world, scenario);
    expect((await actionCommits(world, first)).toSorted()).toEqual(subjectsOf(scenarios).toSorted());
  }, 180_000);

  it('because it is cancelled: those under way end in the time that GitHub gives, and the others are not begun', async () => {
    const scenarios = await world.several(names(4));
    const [first] = scenarios;
    if (first === undefined) throw new Error('no scenario');
    const running = await first.start({ settings: NOBODY, inputs: { parallelism: '3' } });
    await eventually(() => allRun(scenarios.slice(0, 3)), 30_000);
    running.cancel();
    const { code, log, summary, outputs } = await running.done;
    // A main step that takes longer than GitHub gives, 10 s, is killed and has no exit code.
    expect(code).toBe(1);
    expect(summary).toMatch(/^## ❌ 4 instances: 4 cancelled$/m);
    expect(summary.match(/^## /gm)).toHaveLength(1);
    const last = scenarios.at(-1)?.instance ?? '';
    expect(JSON.parse(outputs.results ?? '')[last]).toMatchObject({
      outcome: 'cancelled',
      error: { code: 'cancelled' },
    });
    expect(log).not.toContain(`Log of instance ${last}`);
    expect(await readWorkflows(world, last)).toEqual([]);
    await expectEnded(scenarios);
    expect(await actionCommits(world, first)).toEqual([]);
  }, 120_000);
});
