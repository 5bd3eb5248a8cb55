import { actionCommits, expectProvisioned, readConfig } from './outcome.ts';
import { openWorld } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());
afterEach(() => world.clearFaults());

describe('a push that is refused', () => {
  it('because the token may only read: found before anything is changed', async () => {
    const scenario = await world.scenario();
    const result = await scenario.run({ inputs: { 'github-token': 'may-only-read' } });
    expect(result.code).toBe(1);
    expect(result.log).toMatch(/^::error .*may not push to .*contents: write/m);
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: scenario.instance } };
    expect(await world.cluster.read(namespace)).toBeUndefined();
    expect(result.log).toContain('No changes were made');
  });
});

describe('a public repository', () => {
  it('gets no new password, unless that is allowed; what exists runs on', async () => {
    const scenario = await world.scenario();
    const payload = { repository: { full_name: scenario.repository, private: false } };
    const refused = await scenario.run({ payload });
    expect(refused.code).toBe(1);
    expect(refused.log).toMatch(/^::error .* is a public repository/m);
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: scenario.instance } };
    expect(await world.cluster.read(namespace)).toBeUndefined();
    expect(await actionCommits(world, scenario)).toEqual([]);

    expect((await scenario.run({ payload, inputs: { 'dry-run': 'true' } })).code).toBe(0);
    expect((await scenario.run({ payload, inputs: { 'allow-public-repository': 'true' } })).code).toBe(0);
    expect((await scenario.run({ payload })).code).toBe(0);
    await expectProvisioned(world, scenario);
  });
});

describe('somebody else who pushes meanwhile', () => {
  it('another file: both commits are kept', async () => {
    const scenario = await world.scenario();
    let isOnce = true;
    world.git.beforePush = async () => {
      if (isOnce) await world.git.commit(scenario.repository, { 'README.md': 'Changed meanwhile\n' });
      isOnce = false;
    };
    expect((await scenario.run()).code).toBe(0);
    expect(await world.git.log(scenario.repository)).toEqual([
      `feat: add instance ${scenario.instance}`,
      'Change README.md',
      'Change README.md',
    ]);
    await expectProvisioned(world, scenario);
  });

  it('a key that the run uses: nothing is pushed, and a re-run takes the new value', async () => {
    const name = `s-raced-${Date.now().toString(36)}`;
    const file = `instances/${name}/config.yml`;
    const scenario = await world.scenario({ [file]: 'LMS_HOST: "a.example.org"\n' }, name);
    let isOnce = true;
    world.git.beforePush = async () => {
      if (isOnce)
        await world.git.commit(scenario.repository, {
          [file]: `LMS_HOST: "b.example.org"\nSTORAGE_BUCKET_NAME: "launchpad-${name}-moved"\n`,
        });
      isOnce = false;
    };
    const raced = await scenario.run();
    expect(raced.code).toBe(1);
    expect(raced.log).toMatch(
      /^::error .*config.yml changed while provisioning \(keys STORAGE_BUCKET_NAME\): run again/m,
    );
    expect(await actionCommits(world, scenario)).toEqual([]);
    expect((await scenario.run()).code).toBe(0);
    expect((await readConfig(scenario)).STORAGE_BUCKET_NAME).toBe(`launchpad-${name}-moved`);
    await expectProvisioned(world, scenario);
  });
});
