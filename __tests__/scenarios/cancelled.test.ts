import { actionCommits, eventually, expectProvisioned, livingPods, readWorkflows, secretNames } from './outcome.ts';
import { openWorld } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());

/** A port where nothing listens, so that the MongoDB workflow keeps trying. */
const NOBODY = { LAUNCHPAD_MONGODB_PORT: '9' };
const MINUTE_MS = 60_000;

describe('a run that is cancelled while its workflows run', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'by %s: shuts them down at once, and leaves no pod and no Secret',
    async (signal) => {
      const scenario = await world.scenario();
      const { instance } = scenario;
      const running = await scenario.start({ settings: NOBODY });
      await eventually(() => /mongodb-\S+: Running/.test(running.log()), 30_000);
      running.signal(signal);
      const asked = Date.now();
      await eventually(async () => {
        const workflows = await readWorkflows(world, instance);
        return workflows.some(({ spec }) => JSON.stringify(spec).includes('"shutdown":"Terminate"'));
      }, 5_000);
      expect(Date.now() - asked).toBeLessThan(5_000);
      const result = await running.done;
      expect(result.code).toBe(1);
      expect(result.log).toContain('The run was cancelled');
      expect(result.log).toMatch(/^Workflows: .*mongodb.* terminated/m);
      expect(result.summary).toContain('the run was cancelled');
      expect(result.summary).toMatch(/\| MongoDB user \| \S+ \| not finished \|/);
      expect(result.summary.match(/^## /gm)).toHaveLength(1);
      await eventually(async () => (await livingPods(world, instance)).length === 0, MINUTE_MS);
      await eventually(async () => {
        const names = await secretNames(world, instance);
        return !names.some((name) => name.startsWith('launchpad-provision-'));
      }, MINUTE_MS);
      expect(await actionCommits(world, scenario)).toEqual([]);

      const next = await scenario.run();
      expect(next.code).toBe(0);
      await expectProvisioned(world, scenario);
    },
  );

  it.each([
    ['SIGINT', 'then the run was cancelled'],
    ['SIGKILL', 'then the job was stopped'],
  ] as const)('by %s: says what held it up before that, which was reported within 15 s', async (signal, words) => {
    const scenario = await world.scenario();
    const running = await scenario.start({ settings: { LAUNCHPAD_MYSQL_PORT: '9' } });
    await eventually(() => /mysql-\S+: Running/.test(running.log()), 30_000);
    const began = Date.now();
    const sentence = 'MySQL at \\S+: the connection is refused';
    const early = new RegExp(`^::warning::mysql-\\S+: ${sentence}\\. .*What to do: Check input mysql-host`, 'm');
    await eventually(() => early.test(running.log()), 30_000);
    expect(Date.now() - began).toBeLessThan(15_000);
    running.signal(signal);
    const { log, summary } = await running.done;
    expect(log).toMatch(new RegExp(`^::error title=Cancelled::.*${sentence}; ${words}`, 'm'));
    expect(summary.replaceAll('&#58;', ':')).toMatch(new RegExp(`\\| What failed \\| .*${sentence}; ${words}`));
    expect(summary).toMatch(/What to do\*\* \| Check input mysql&#45;host|What to do\*\* \| Check input mysql-host/);
  });

  it('and whose main is killed before it has cleaned up: the post step does it', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    const running = await scenario.start({ settings: NOBODY });
    await eventually(() => /mongodb-\S+: Running/.test(running.log()), 30_000);
    running.signal('SIGKILL');
    const result = await running.done;
    expect(result.log).toContain(`Clean up after the run for ${instance}`);
    expect(result.summary).toContain('The job was stopped');
    expect(result.summary).toMatch(/Stopped in&#58; Wait for the workflows\.\n/);
    expect(result.summary).toMatch(/\| mongodb \| \S+ \| terminated \|/);
    await eventually(async () => (await livingPods(world, instance)).length === 0, MINUTE_MS);
    const temporary = (await secretNames(world, instance)).filter((name) => name.startsWith('launchpad-provision-'));
    expect(temporary).toEqual([]);
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: `launchpad-${instance}`, namespace: 'argocd' },
    };
    expect(await world.cluster.read(lease)).toBeUndefined();
  });
});
