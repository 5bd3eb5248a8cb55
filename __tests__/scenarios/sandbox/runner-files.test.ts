import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, expectProvisioned, livingPods, secretNames } from '../outcome.ts';
import { openWorld } from '../world.ts';

const world = await openWorld();
let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'runner-files-'));
});
afterAll(async () => {
  await world.stop();
  await rm(directory, { recursive: true });
});
afterEach(() => world.clearFaults());

/** Every write to it fails with ENOSPC (https://man7.org/linux/man-pages/man4/full.4.html). */
const FULL = '/dev/full';
/** A port where nothing listens, so that the MongoDB workflow keeps trying. */
const NOBODY = { LAUNCHPAD_MONGODB_PORT: '9' };

const errorsOf = (log: string) => log.match(/^::error .*/gm) ?? [];

describe('a runner that cannot write its files', () => {
  it.each([
    ['the state', { GITHUB_STATE: FULL }, 'Cannot write /dev/full (GITHUB_STATE): no space is left on its disk.'],
    ['temporary files', { TMPDIR: '/nowhere' }, 'Cannot write /nowhere (TMPDIR): '],
  ])('ends in one clear error before the run touches anything: %s', async (_, settings, message) => {
    const scenario = await world.scenario();
    const first = world.proxy.requests.length;
    const result = await scenario.run({ settings });
    expect(result.code).toBe(1);
    expect(errorsOf(result.log)).toEqual([expect.stringContaining(message)]);
    expect(result.log).toContain('then run again.');
    expect(result.log).toContain('No changes were made');
    const writing = world.proxy.requests
      .slice(first)
      .filter(({ method, path: place }) => method !== 'GET' && !/selfsubject\w+reviews$/.test(place));
    expect(writing).toEqual([]);
  });

  it('fails the step, and reports the instance as it is: the outputs', async () => {
    const scenario = await world.scenario();
    const result = await scenario.run({ settings: { GITHUB_OUTPUT: FULL } });
    expect(result.code).toBe(1);
    expect(errorsOf(result.log)).toEqual([
      expect.stringContaining('Cannot write /dev/full (GITHUB_OUTPUT): no space is left on its disk.'),
    ]);
    expect(result.summary).toContain(`Instance ${scenario.instance}&#58; provisioned`);
    expect(result.log).not.toContain('No changes were made');
    await expectProvisioned(world, scenario);
  });

  it('stops a run that is under way, which cleans up and says what there is: the state', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    const state = join(directory, instance);
    await writeFile(state, '');
    const work = async () => {
      await rm(state);
      await mkdir(state);
    };
    const path = new RegExp(`/${instance}/workflows\\?`);
    world.proxy.add({ method: 'POST', path, times: 1, fault: { kind: 'call', when: 'before', work } });
    const result = await scenario.run({ settings: { ...NOBODY, GITHUB_STATE: state } });
    expect(result.code).toBe(1);
    expect(errorsOf(result.log)).toEqual([expect.stringContaining(`Cannot write ${state} (GITHUB_STATE): `)]);
    expect(result.log).toMatch(/^Created so far: Namespace /m);
    expect(result.log).toContain('Nothing was committed, and no Application was applied.');
    expect(await livingPods(world, instance)).toEqual([]);
    const secrets = await secretNames(world, instance);
    expect(secrets.filter((name) => name.startsWith('launchpad-provision-'))).toEqual([]);
  });
});

describe('a token that expires during the run', () => {
  it('is one annotation for main, its clean-up and the post step', async () => {
    const scenario = await world.scenario();
    const running = await scenario.start({ settings: NOBODY });
    await eventually(() => /mongodb-\S+: Running/.test(running.log()), 30_000);
    world.proxy.add({ path: /./, fault: { kind: 'answer', status: 401, reason: 'Unauthorized' } });
    world.proxy.dropWatches();
    const { code, log } = await running.done;
    expect(code).toBe(1);
    expect(errorsOf(log)).toEqual([expect.stringContaining('401')]);
    expect(log.match(/^::warning.*/gm)).toBeNull();
    expect(log.match(/^The clean-up of \S+ did not end: .*401/gm)).toHaveLength(2);
  }, 120_000);
});

describe('a run that is killed', () => {
  it('is reported by the post step, though its clean-up fails', async () => {
    const scenario = await world.scenario();
    const running = await scenario.start({ settings: NOBODY });
    await eventually(() => /mongodb-\S+: Running/.test(running.log()), 30_000);
    world.proxy.add({ path: /./, fault: { kind: 'answer', status: 401 } });
    running.signal('SIGKILL');
    const result = await running.done;
    expect(result.summary).toContain('The job was stopped');
    // One for the end of the job, and one for the API server.
    expect(errorsOf(result.log)).toEqual([expect.stringMatching(/^::error title=Cancelled::/)]);
    expect(result.log.match(/^::warning.*/gm)).toEqual([
      expect.stringMatching(/The clean-up of \S+ did not end: .*401/),
    ]);
    expect(result.log).toMatch(/^Workflows: .*in a state that could not be read/m);
    expect(result.log).toContain('Temporary Secrets of the workflows are left in the namespace');
    expect(result.log).toMatch(/^Stopped in: Wait for the workflows/m);
    world.clearFaults();
    await scenario.expireLease();
    expect((await scenario.run()).code).toBe(0);
    await expectProvisioned(world, scenario);
  }, 120_000);
});
