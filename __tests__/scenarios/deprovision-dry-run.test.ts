import { dataOf, deprovisioning, expectRemoved, provisioned, shownSecrets, WHOLE } from './deprovisioned.ts';
import { bucketOf, readApplication } from './outcome.ts';
import { states, unchangingRun } from './state.ts';
import { openWorld } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());

const dry = { inputs: { 'dry-run': 'true' } };

describe('a dry run of taking an instance down', () => {
  it('shows all that would go, and changes nothing; after the run there is nothing to be shown', async () => {
    const scenario = await world.scenario();
    const { instance, repository } = scenario;
    const config = await provisioned(world, scenario);
    await world.git.commit(repository, { [`instances/${instance}/env/lms.yml`]: 'kind: Deployment\n' });
    const result = await unchangingRun(world, scenario, deprovisioning(scenario, dry));
    expect(await dataOf(world, config)).toEqual(WHOLE(config));
    expect((await readApplication(world, instance))?.metadata?.deletionTimestamp).toBeUndefined();
    expect(states(result)).toEqual({
      [`Application ${instance}-production`]: 'delete',
      'Workflow mysql': 'start',
      'Workflow mongodb': 'start',
      'Workflow storage': 'start',
      [`MySQL database ${config.MYSQL_DATABASE}`]: 'remove',
      [`MySQL user ${config.MYSQL_USERNAME}`]: 'remove',
      [`MongoDB database ${config.MONGODB_DATABASE}`]: 'remove',
      [`MongoDB database ${config.FORUM_MONGODB_DATABASE}`]: 'remove',
      [`MongoDB user ${config.MONGODB_USERNAME}`]: 'remove',
      [`Bucket ${bucketOf(config)}`]: 'remove',
      [`Namespace ${instance}`]: 'delete',
    });
    for (const file of ['config.yml', 'application.yml', 'env/lms.yml']) {
      expect(result.summary).toContain(`- ➖ instances/${instance}/${file}\n`);
      expect(result.log).toMatch(new RegExp(`^delete  File +instances/${instance}/${file}$`, 'm'));
    }
    expect(result.outputs).toMatchObject({ changed: 'true', 'commit-sha': '', bucket: bucketOf(config) });
    expect(shownSecrets(world, result, config)).toEqual([]);

    expect((await scenario.run(deprovisioning(scenario))).code).toBe(0);
    await expectRemoved(world, scenario, config);
    const again = await unchangingRun(world, scenario, deprovisioning(scenario, dry));
    expect(again.outputs.changed).toBe('false');
    expect(states(again)).toEqual({
      [`Application ${instance}-production`]: 'absent',
      [`Namespace ${instance}`]: 'absent',
    });
  }, 300_000);

  it('is refused where the run would be', async () => {
    const scenario = await world.scenario();
    const result = await scenario.run({ inputs: { operation: 'deprovision', 'dry-run': 'true' } });
    expect(result.code).toBe(1);
    expect(result.log).toContain(`set confirm: ${scenario.instance}`);
  });
});
