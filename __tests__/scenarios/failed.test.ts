import {
  actionCommits,
  expectProvisioned,
  readApplication,
  readConfig,
  readWorkflows,
  secretNames,
} from './outcome.ts';
import { openWorld } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());
afterEach(() => {
  world.git.protectedBranch = undefined;
  world.git.beforePush = undefined;
});

describe('a wrong admin password', () => {
  it('is named with service, host and cause, nothing is committed, and the right one then works', async () => {
    const scenario = await world.scenario();
    const wrong = await scenario.run({ settings: { LAUNCHPAD_MYSQL_ADMIN_PASSWORD: 'not-the-password' } });
    expect(wrong.code).toBe(1);
    const { LAUNCHPAD_MYSQL_HOST, LAUNCHPAD_MYSQL_PORT } = world.settings;
    expect(wrong.log).toMatch(
      new RegExp(
        `^::error .*MySQL at ${LAUNCHPAD_MYSQL_HOST}:${LAUNCHPAD_MYSQL_PORT} denies the admin user .* the login.*mysql-admin-password`,
        'm',
      ),
    );
    expect(wrong.summary).toMatch(/^## ❌ .*\n\n\| What failed \| MySQL at .* denies the admin user/);
    expect(wrong.summary).toContain('| **What to do** | Check inputs mysql-admin-user');
    expect(wrong.summary).toMatch(/\| MySQL database \| \S+ \| failed \|\n/);
    expect(wrong.summary).toMatch(/\| Bucket \| \S+ \| created \|\n/);
    expect(wrong.summary).toMatch(/Wait for the workflows .*:crit, /);
    const lastLines = wrong.log.slice(wrong.log.lastIndexOf('::error'));
    expect(lastLines).toMatch(/^Stopped in: Wait for the workflows, after \d+\.\d s\.$/m);
    expect(lastLines).toContain('Workflows: mysql failed; mongodb and storage succeeded.');
    expect(lastLines).toMatch(/^There now: Namespace .*, MongoDB user .*, Bucket .*\.$/m);
    expect(lastLines).toContain('Nothing was committed, and no Application was applied.');
    expect(lastLines).toMatch(
      /^The next run goes on from there: .*Names and passwords that were made up stay the same\.$/m,
    );
    expect(await actionCommits(world, scenario)).toEqual([]);
    expect(await readApplication(world, scenario.instance)).toBeUndefined();
    const left = await secretNames(world, scenario.instance);
    expect(left.filter((name) => name.startsWith('launchpad-provision-'))).toEqual([]);

    const right = await scenario.run();
    expect(right.code).toBe(0);
    const pickedUp = /Picks up where run 4242-1-\w+ stopped.*workflow mysql Failed, .*seed that it stored/;
    expect(right.log).toMatch(pickedUp);
    expect(right.summary).toMatch(pickedUp);
    expect(right.summary).toMatch(/\| Bucket \| \S+ \| unchanged \|\n/);
    await expectProvisioned(world, scenario);
    const workflows = await readWorkflows(world, scenario.instance);
    const buckets = workflows.flatMap(({ spec }) => /"bucket","value":"([^"]+)"/.exec(JSON.stringify(spec))?.[1] ?? []);
    expect(new Set(buckets).size).toBe(1);
  });

  it('of two services is reported for both', async () => {
    const scenario = await world.scenario();
    const settings = { LAUNCHPAD_MYSQL_ADMIN_PASSWORD: 'not-this', LAUNCHPAD_MONGODB_ADMIN_PASSWORD: 'nor-this' };
    const result = await scenario.run({ settings });
    expect(result.code).toBe(1);
    const [error = ''] = /^::error .*/m.exec(result.log) ?? [];
    expect(error).toContain('MySQL at');
    expect(error).toContain('MongoDB at');
  });
});

describe('a push that is refused', () => {
  it('because the branch is protected: says so, and a re-run finishes with the same passwords', async () => {
    const scenario = await world.scenario();
    world.git.protectedBranch = 'main';
    const refused = await scenario.run();
    expect(refused.code).toBe(1);
    expect(refused.log).toMatch(/^::error .*Branch main of .* is protected/m);
    expect(refused.log).toContain('Workflows: mysql, mongodb and storage succeeded.');
    expect(refused.summary).toContain('Nothing was committed, and no Application was applied.');
    world.git.protectedBranch = undefined;
    const next = await scenario.run();
    expect(next.code).toBe(0);
    expect(next.summary).toMatch(/MySQL user \| launchpad-\S+ \| unchanged/);
    expect(next.summary).toMatch(/MongoDB user \| launchpad-\S+ \| unchanged/);
    await expectProvisioned(world, scenario);
  });

  it('because the token may only read: found before anything is touched', async () => {
    const scenario = await world.scenario();
    const result = await scenario.run({ inputs: { 'github-token': 'may-only-read' } });
    expect(result.code).toBe(1);
    expect(result.log).toMatch(/^::error .*may not push to .*contents: write/m);
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: scenario.instance } };
    expect(await world.cluster.read(namespace)).toBeUndefined();
    expect(result.log).toContain('Nothing of the instance was touched');
  });
});

describe('somebody else who pushes meanwhile', () => {
  it('another file: both commits are there', async () => {
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

  it('a key that the run goes by: nothing is pushed, and a re-run takes the new value', async () => {
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
