import { dataOf, deleteBucket, expectRemoved, fill, recordsOf, WHOLE } from './deprovisioned.ts';
import { readConfig } from './outcome.ts';
import { type Github, startGithubFor } from './pull-requests.ts';
import { openWorld, type Scenario } from './world.ts';

const world = await openWorld();
const github: Github = await startGithubFor(world);
afterAll(async () => {
  await github.stop();
  await world.stop();
});

const CONFIG = (name: string) => `instances/${name}/config.yml`;
const DOWN = { operation: 'deprovision' };

async function configAt(scenario: Scenario, branch: string) {
  const { repository, instance } = scenario;
  const config = async () => (await world.git.read(repository, CONFIG(instance), branch))?.toString('utf8') ?? '';
  return await readConfig({ ...scenario, config });
}

/** Branch and states of each deployment of the instance. */
function deploymentStates({ repository, instance }: Scenario): [string, string[]][] {
  return github.api.deployments
    .filter((one) => one.repository === repository && one.environment === `launchpad/${instance}` && one.isTransient)
    .map(({ ref, statuses }) => [ref, statuses.map(({ state }) => state)]);
}

describe('a pull request that is closed without having been merged', () => {
  it('has its previews deprovisioned, though its branch is deleted, and says so in its comment', async () => {
    const scenario = await world.scenario({ [CONFIG('live')]: 'A: "b"\n' });
    const pullRequest = await github.open(scenario, {
      [CONFIG(scenario.instance)]: 'A: "b"\n',
      [CONFIG('live')]: 'A: "c"\n',
    });
    const inputs = { instance: scenario.instance, deployment: 'true' };
    const opened = await pullRequest.run({ action: 'opened', inputs });
    expect(opened.log).not.toContain('::error');
    expect(deploymentStates(scenario)).toEqual([['add-schools', ['in_progress', 'success']]]);
    const config = await configAt(scenario, 'add-schools');
    await fill(world, config);
    expect(await dataOf(world, config)).toEqual(WHOLE(config));
    await pullRequest.refresh();
    await world.git.git(scenario.repository, 'branch', '-D', 'add-schools');
    const refs = await world.git.git(scenario.repository, 'for-each-ref');

    const planned = await pullRequest.run({ action: 'closed', inputs: { ...DOWN, 'dry-run': 'true' } });
    expect(planned.log).not.toContain('::error');
    expect(await dataOf(world, config)).toEqual(WHOLE(config));

    const closed = await pullRequest.run({ action: 'closed', inputs: { ...DOWN, deployment: 'true' } });
    expect(closed.log).not.toContain('::error');
    expect(closed.code).toBe(0);
    expect(deploymentStates(scenario)).toEqual([['add-schools', ['in_progress', 'success', 'inactive']]]);
    await expectRemoved(world, scenario, config);
    expect(closed.log).toContain('Instance live: main has it. It is left as it is.');
    expect(await world.git.git(scenario.repository, 'for-each-ref')).toBe(refs);
    const comment = pullRequest.comments().at(-1)?.body;
    expect(comment).toMatch(new RegExp(`^\\| \`${scenario.instance}\` \\| 🗑️ deprovisioned with all its data`, 'm'));

    const again = await pullRequest.run({ action: 'closed', inputs: DOWN });
    expect(again.code).toBe(0);
    expect(pullRequest.comments().at(-1)?.body).toContain('nothing to delete');
  }, 240_000);

  it("keeps bucket and passwords when a force-push drops the run's commit, and is deprovisioned with the first bucket", async () => {
    const scenario = await world.scenario();
    const { instance, repository } = scenario;
    const pullRequest = await github.open(scenario, { [CONFIG(instance)]: 'A: "b"\n' });
    const authors = await pullRequest.head();
    expect((await pullRequest.run({ action: 'opened' })).code).toBe(0);
    const config = await configAt(scenario, 'add-schools');
    await fill(world, config);
    await world.git.git(repository, 'update-ref', 'refs/heads/add-schools', authors);
    await pullRequest.commit({ [CONFIG(instance)]: 'A: "c"\n' });
    const again = await pullRequest.run({ action: 'synchronize' });
    expect(again.log).not.toContain('::error');
    expect(again.log).toMatch(
      new RegExp(
        `^The branch has lost what a run added .* with their passwords: .*, bucket ${config.STORAGE_BUCKET_NAME}\\.$`,
        'm',
      ),
    );
    expect(again.log).not.toContain('new passwords are set');
    expect(await configAt(scenario, 'add-schools')).toEqual({ ...config, A: 'c' });
    expect(await dataOf(world, config)).toEqual(WHOLE(config));

    await world.git.git(repository, 'update-ref', 'refs/heads/add-schools', authors);
    const closed = await pullRequest.run({ action: 'closed', inputs: DOWN });
    expect(closed.log).not.toContain('::error');
    expect(closed.log).toContain(`Instance ${instance}: deprovisioned with all its data`);
    await expectRemoved(world, scenario, config);
  }, 240_000);

  it('is not reported as deleted with all its data if its bucket cannot be named', async () => {
    const scenario = await world.scenario();
    const { instance, repository } = scenario;
    const pullRequest = await github.open(scenario, { [CONFIG(instance)]: 'A: "b"\n' });
    const authors = await pullRequest.head();
    expect((await pullRequest.run({ action: 'opened' })).code).toBe(0);
    const config = await configAt(scenario, 'add-schools');
    await world.git.git(repository, 'update-ref', 'refs/heads/add-schools', authors);
    const metadata = { name: 'launchpad-seed', namespace: instance };
    await world.cluster.delete({ apiVersion: 'v1', kind: 'Secret', metadata });
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: instance } };
    await world.cluster.patch(namespace, { metadata: { annotations: { 'launchpad-provision/names': null } } });

    const closed = await pullRequest.run({ action: 'closed', inputs: DOWN });
    expect(closed.code).toBe(0);
    const headline = `Instance ${instance}: deprovisioned, bucket not removed: check by hand`;
    expect(closed.log).toContain(`::warning::${headline}`);
    expect(closed.summary).toContain('## ⚠️ ');
    const comment = pullRequest.comments().at(-1)?.body;
    for (const text of [closed.log, closed.summary, comment]) {
      expect(text).toContain('check by hand');
      expect(text).not.toContain('with all its data');
    }
    await deleteBucket(world, config);
  }, 240_000);

  it('deprovisions nothing that another branch put into the cluster under the same name', async () => {
    const scenario = await world.scenario();
    expect((await scenario.run()).code).toBe(0);
    const config = await readConfig(scenario);
    await fill(world, config);
    const elsewhere = await world.scenario({}, scenario.instance);
    const pullRequest = await github.open(elsewhere, { [CONFIG(scenario.instance)]: await scenario.config() });
    const closed = await pullRequest.run({ action: 'closed', inputs: DOWN });
    expect(closed.code).toBe(1);
    expect(closed.log).toMatch(/^::error .*its Application follows main of .*A pull request must not change it/m);
    expect(await dataOf(world, config)).toEqual(WHOLE(config));
    expect(await recordsOf(world, scenario)).toContain('Application');
  }, 240_000);
});
