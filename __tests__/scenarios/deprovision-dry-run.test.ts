import { stripVTControlCharacters } from 'node:util';
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
      [`File instances/${instance}/config.yml`]: 'delete',
      [`File instances/${instance}/application.yml`]: 'delete',
      [`File instances/${instance}/env/lms.yml`]: 'delete',
      [`Application ${instance}-production`]: 'delete',
      'Workflow mysql': 'run',
      'Workflow mongodb': 'run',
      'Workflow storage': 'run',
      [`MySQL database ${config.MYSQL_DATABASE}`]: 'delete (if it exists)',
      [`MySQL user ${config.MYSQL_USERNAME}`]: 'delete (if it exists)',
      [`MongoDB database ${config.MONGODB_DATABASE}`]: 'delete (if it exists)',
      [`MongoDB database ${config.FORUM_MONGODB_DATABASE}`]: 'delete (if it exists)',
      [`MongoDB user ${config.MONGODB_USERNAME}`]: 'delete (if it exists)',
      [`Bucket ${bucketOf(config)}`]: 'delete (if it exists)',
      [`Namespace ${instance}`]: 'delete',
    });
    const log = stripVTControlCharacters(result.log);
    for (const file of ['config.yml', 'application.yml', 'env/lms.yml']) {
      expect(result.summary).toContain(`- ➖ \`instances/${instance}/${file}\`\n`);
      expect(log).toMatch(new RegExp(`^- File +instances/${instance}/${file}$`, 'm'));
    }
    expect(result.outputs).toMatchObject({ changed: 'true', 'commit-sha': '', bucket: bucketOf(config) });
    expect(shownSecrets(world, result, config)).toEqual([]);

    expect((await scenario.run(deprovisioning(scenario))).code).toBe(0);
    await expectRemoved(world, scenario, config);
    const again = await unchangingRun(world, scenario, deprovisioning(scenario, dry));
    expect(again.outputs.changed).toBe('false');
    expect(states(again)).toEqual({
      [`Application ${instance}-production`]: 'keep (already absent)',
      [`Namespace ${instance}`]: 'keep (already absent)',
    });
  }, 300_000);

  it('is refused where the run would be', async () => {
    const scenario = await world.scenario();
    const result = await scenario.run({ inputs: { operation: 'deprovision', 'dry-run': 'true' } });
    expect(result.code).toBe(1);
    expect(result.log).toContain(`set confirm: ${scenario.instance}`);
  });
});
