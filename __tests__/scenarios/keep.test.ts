import { dataOf, deprovisioning, filesOf, provisioned, recordsOf, WHOLE } from './deprovisioned.ts';
import { bucketOf, type Config, expectProvisioned, readWorkflows } from './outcome.ts';
import { stateOf, states } from './state.ts';
import { openWorld } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());
afterEach(() => world.clearFaults());

const databasesOf = (config: Config) => [
  { kind: 'MySQL database', name: config.MYSQL_DATABASE },
  { kind: 'MySQL user', name: config.MYSQL_USERNAME },
  { kind: 'MongoDB database', name: config.MONGODB_DATABASE },
  { kind: 'MongoDB database', name: config.FORUM_MONGODB_DATABASE },
  { kind: 'MongoDB user', name: config.MONGODB_USERNAME },
];
const bucket = (config: Config) => ({ kind: 'Bucket', name: bucketOf(config) });

describe('taking an instance down without its data', () => {
  it('leaves databases and bucket, tells how to use them again, and that works; then it deletes them', async () => {
    const scenario = await world.scenario();
    const { instance, repository } = scenario;
    const config = await provisioned(world, scenario);
    const files = await filesOf(world, scenario);
    const result = await scenario.run(deprovisioning(scenario, { inputs: { keep: 'bucket, databases' } }));
    expect(result.log).not.toContain('::error');
    expect(result.code).toBe(0);
    expect(await recordsOf(world, scenario)).toEqual([]);
    expect(await dataOf(world, config)).toEqual(WHOLE(config));

    const { resources, restore } = JSON.parse(result.outputs.kept ?? '');
    expect(resources).toEqual([...databasesOf(config), bucket(config)]);
    const commit = await world.git.git(repository, 'rev-parse', 'main');
    expect(result.outputs['commit-sha']).toBe(commit);
    expect(restore).toContain(
      `git checkout ${commit}~1 -- instances/${instance}, commit that, and run operation: provision.`,
    );
    expect(result.log).toContain(restore);
    for (const { kind, name } of resources) expect(result.summary).toContain(`| ${kind} | \`${name}\` | 📌 kept |`);
    expect(JSON.parse(result.outputs.workflows ?? '')).toEqual({});

    const restored = await Promise.all(
      files.map(async (file) => [file, await world.git.git(repository, 'show', `${commit}~1:${file}`)] as const),
    );
    await world.git.commit(repository, Object.fromEntries(restored.map(([file, text]) => [file, `${text}\n`])));
    const again = await scenario.run();
    expect(again.log).not.toContain('::error');
    expect(await expectProvisioned(world, scenario)).toMatchObject(config);
    expect(await dataOf(world, config)).toEqual(expect.arrayContaining(WHOLE(config)));

    const deleted = await scenario.run(deprovisioning(scenario));
    expect(deleted.outputs.kept).toBe('');
    expect(await dataOf(world, config)).toEqual([]);
  }, 300_000);

  it('can leave one of them; a dry run shows which, and a wrong word touches nothing', async () => {
    const scenario = await world.scenario();
    const config = await provisioned(world, scenario);
    const state = await stateOf(world, scenario);
    const wrong = await scenario.run(deprovisioning(scenario, { inputs: { keep: 'database' } }));
    expect(wrong.log).toContain('has "database", which cannot be kept');
    const keep = { inputs: { keep: 'bucket', 'dry-run': 'true' } };
    const planned = await scenario.run(deprovisioning(scenario, keep));
    expect(states(planned)).toMatchObject({
      [`Bucket ${bucketOf(config)}`]: 'keep (kept)',
      [`MySQL database ${config.MYSQL_DATABASE}`]: 'delete (if it exists)',
      'Workflow mysql': 'run',
    });
    expect(states(planned)).not.toHaveProperty('Workflow storage');
    expect(await stateOf(world, scenario)).toEqual(state);

    const result = await scenario.run(deprovisioning(scenario, { inputs: { keep: 'bucket' } }));
    expect(result.code).toBe(0);
    expect(await dataOf(world, config)).toEqual(['Bucket']);
    expect(JSON.parse(result.outputs.kept ?? '').resources).toEqual([bucket(config)]);
    expect(Object.keys(JSON.parse(result.outputs.workflows ?? ''))).toEqual(['mysql', 'mongodb']);
    expect(await readWorkflows(world, scenario.instance)).toEqual([]);
  }, 180_000);
});
