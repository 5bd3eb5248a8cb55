import { GetBucketCorsCommand } from '@aws-sdk/client-s3';
import { fieldsOf } from '../../src/core/fields.ts';
import { provisioned, shownSecrets } from './deprovisioned.ts';
import { actionCommits, bucketOf, expectProvisioned, readConfig, storageAs } from './outcome.ts';
import { stateOf } from './state.ts';
import { openWorld, type RunOptions, type Scenario } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());
afterEach(() => world.clearFaults());

const PASSWORD = 'Second-Password-2b9f41';

function configuring(config: string, inputs: RunOptions['inputs'] = {}): RunOptions {
  return { inputs: { operation: 'configure', config, ...inputs } };
}

/** Origins that the bucket allows: none where the service, as MinIO, has no rules of a bucket. */
async function corsOf(config: Readonly<Record<string, string>>) {
  const s3 = storageAs(world);
  try {
    const cors = await s3.send(new GetBucketCorsCommand({ Bucket: bucketOf(config) }));
    return (cors.CORSRules ?? []).flatMap(({ AllowedOrigins = [] }) => AllowedOrigins);
  } catch (error) {
    if (fieldsOf(error).name === 'NoSuchCORSConfiguration') return [];
    throw error;
  } finally {
    s3.destroy();
  }
}

const headOf = async ({ repository }: Scenario) => await world.git.git(repository, 'rev-parse', 'main');

describe('configuring an instance', () => {
  it('shows the change in a dry run, then sets the keys, commits once, and provisions what follows from them', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    await provisioned(world, scenario);
    await world.git.commit(scenario.repository, {
      [`instances/${instance}/config.yml`]: `# Ours\n${await scenario.config()}\n# The end\n`,
    });
    const [before, head] = [await scenario.config(), await headOf(scenario)];
    const cors = await corsOf(await readConfig(scenario));
    const host = `learn-${instance}.example.org`;
    const config = `LMS_HOST: ${host}\nMYSQL_PASSWORD: ${PASSWORD}\nSMTP: {port: 587}\n`;

    const planned = await scenario.run(configuring(config, { 'dry-run': 'true' }));
    expect(planned.code).toBe(0);
    for (const text of [planned.log, planned.summary]) {
      expect(text).toContain(`+LMS_HOST: "${host}"`);
      expect(text).toContain('+MYSQL_PASSWORD: ***');
    }
    expect(await headOf(scenario)).toBe(head);

    const result = await scenario.run(configuring(config));
    expect(result.log).not.toContain('::error');
    expect(result.code).toBe(0);
    expect(result.outputs.changed).toBe('true');
    expect(result.summary).toContain(`Instance ${instance}&#58; configured`);
    const after = await scenario.config();
    const kept = (text: string) => text.split('\n').filter((line) => !/^(LMS_HOST|MYSQL_PASSWORD|SMTP):/.test(line));
    expect(kept(after)).toEqual(kept(before));
    expect(after).toContain(`LMS_HOST: "${host}"\n`);
    const values = await expectProvisioned(world, scenario);
    expect(values.MYSQL_PASSWORD).toBe(PASSWORD);
    expect(shownSecrets(world, result, values)).toEqual([]);
    expect(await corsOf(values)).toEqual(cors.length === 0 ? [] : expect.arrayContaining([`https://${host}`]));
    expect(await actionCommits(world, scenario)).toEqual([
      `chore: update instance ${instance}`,
      `feat: add instance ${instance}`,
    ]);

    const again = await scenario.run(configuring(config));
    expect(again.outputs.changed).toBe('false');
    expect(await scenario.config()).toBe(after);
  }, 240_000);

  it('refuses an instance that does not exist, and keys that would leave its data behind, before anything is touched', async () => {
    const scenario = await world.scenario();
    const missing = await scenario.run(configuring('PLATFORM_NAME: School', { template: 'no-such-directory' }));
    expect(missing.code).toBe(1);
    expect(missing.log).toContain(
      `Instance ${scenario.instance} cannot be configured: branch main has no instances/${scenario.instance}/config.yml. Nothing was changed.`,
    );
    expect(Object.keys(await stateOf(world, scenario))).toEqual(['main']);

    await provisioned(world, scenario);
    const state = await stateOf(world, scenario);
    const refused = await scenario.run(configuring('MYSQL_DATABASE: other\nPLATFORM_NAME: School'));
    expect(refused.code).toBe(1);
    expect(refused.log).toContain(`Input config changes what identifies instance ${scenario.instance}:`);
    expect(await stateOf(world, scenario)).toEqual(state);
  }, 120_000);
});
