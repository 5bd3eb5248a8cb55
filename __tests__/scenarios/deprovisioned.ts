import { DeleteBucketCommand, HeadBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { StepResult } from '../../sandbox/github-runner.ts';
import { bucketOf, type Config, mongodbAs, mysqlAs, mysqlDatabases, readApplication, readConfig } from './outcome.ts';
import { leaseRef, type RunOptions, type Scenario, type World } from './world.ts';

/** The options of a run that deprovisions the instance. */
export function deprovisioning({ instance }: Scenario, options: RunOptions = {}): RunOptions {
  return { ...options, inputs: { operation: 'deprovision', confirm: instance, ...options.inputs } };
}

export function namespaceRef(name: string) {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

/** Files of the instance at the head of main. */
export async function filesOf(world: World, { instance, repository }: Scenario): Promise<string[]> {
  const listed = await world.git.git(repository, 'ls-tree', '-r', '--name-only', 'main', `instances/${instance}/`);
  return listed.split('\n').filter((line) => line !== '');
}

const setting = (world: World, name: string) => world.settings[`LAUNCHPAD_${name}`] ?? '';

function s3Of(world: World): S3Client {
  return new S3Client({
    endpoint: setting(world, 'STORAGE_ENDPOINT_URL'),
    region: setting(world, 'STORAGE_REGION'),
    forcePathStyle: true,
    credentials: {
      accessKeyId: setting(world, 'STORAGE_ACCESS_KEY_ID'),
      secretAccessKey: setting(world, 'STORAGE_SECRET_ACCESS_KEY'),
    },
  });
}

/** Deletes a bucket that a run leaves. @throws if it does not exist */
export async function deleteBucket(world: World, config: Config): Promise<void> {
  const s3 = s3Of(world);
  await s3.send(new DeleteBucketCommand({ Bucket: bucketOf(config) }));
  s3.destroy();
}

/** Puts something into each database and into the bucket, there in two versions. */
export async function fill(world: World, config: Config): Promise<void> {
  const s3 = s3Of(world);
  const object = { Bucket: bucketOf(config), Key: 'logo.png' };
  for (const Body of ['one version', 'another']) await s3.send(new PutObjectCommand({ ...object, Body }));
  s3.destroy();
  const mongodb = await mongodbAs(config);
  for (const database of [config.MONGODB_DATABASE, config.FORUM_MONGODB_DATABASE]) {
    await mongodb
      .db(database ?? '')
      .collection('contents')
      .insertOne({ a: 1 });
  }
  await mongodb.close();
}

/** The administrator's access to the databases. */
function adminOf(world: World): Config {
  return {
    MYSQL_HOST: setting(world, 'MYSQL_HOST'),
    MYSQL_PORT: setting(world, 'MYSQL_PORT') || '3306',
    MYSQL_USERNAME: setting(world, 'MYSQL_ADMIN_USER'),
    MYSQL_PASSWORD: setting(world, 'MYSQL_ADMIN_PASSWORD'),
    MONGODB_HOST: setting(world, 'MONGODB_HOST'),
    MONGODB_PORT: setting(world, 'MONGODB_PORT') || '27017',
    MONGODB_USERNAME: setting(world, 'MONGODB_ADMIN_USER'),
    MONGODB_PASSWORD: setting(world, 'MONGODB_ADMIN_PASSWORD'),
  };
}

/** What MySQL, MongoDB and the object store have of the instance, in words. */
export async function dataOf(world: World, config: Config): Promise<string[]> {
  const admin = adminOf(world);
  const databases = await mysqlDatabases(admin);
  const mysqlUser = await mysqlAs(config).then(
    async (connection) => {
      await connection.end();
      return true;
    },
    () => false,
  );
  const mongodbUser = await mongodbAs(config).then(
    async (client) => {
      await client.close();
      return true;
    },
    () => false,
  );
  const mongodb = await mongodbAs(admin);
  const collections = await Promise.all(
    [config.MONGODB_DATABASE, config.FORUM_MONGODB_DATABASE].map(async (name = '') => {
      const found = await mongodb.db(name).listCollections().toArray();
      return found.map((collection) => `MongoDB ${name}.${collection.name}`).toSorted();
    }),
  );
  await mongodb.close();
  const s3 = s3Of(world);
  const bucket = await s3.send(new HeadBucketCommand({ Bucket: bucketOf(config) })).then(
    () => true,
    () => false,
  );
  s3.destroy();
  return [
    ...(databases.includes(config.MYSQL_DATABASE ?? '') ? ['MySQL database'] : []),
    ...(mysqlUser ? ['MySQL user'] : []),
    ...collections.flat(),
    ...(mongodbUser ? ['MongoDB user'] : []),
    ...(bucket ? ['Bucket'] : []),
  ];
}

/** What the cluster and the remote have of the instance, in words. */
export async function recordsOf(world: World, scenario: Scenario): Promise<string[]> {
  const { instance } = scenario;
  const there = async (what: string, object: Promise<unknown>) => ((await object) === undefined ? [] : [what]);
  return [
    ...(await there('Application', readApplication(world, instance))),
    ...(await there('Namespace', world.cluster.read(namespaceRef(instance)))),
    ...(await there('Lease', world.cluster.read(leaseRef(instance)))),
    ...(await filesOf(world, scenario)),
  ];
}

/** Everything that a provisioned and filled instance has. */
export const WHOLE = (config: Config) => [
  'MySQL database',
  'MySQL user',
  `MongoDB ${config.MONGODB_DATABASE}.contents`,
  `MongoDB ${config.MONGODB_DATABASE}.launchpad_provision`,
  `MongoDB ${config.FORUM_MONGODB_DATABASE}.contents`,
  `MongoDB ${config.FORUM_MONGODB_DATABASE}.launchpad_provision`,
  'MongoDB user',
  'Bucket',
];

/** Expects that nothing of the instance is left. */
export async function expectRemoved(world: World, scenario: Scenario, config: Config): Promise<void> {
  expect(await dataOf(world, config)).toEqual([]);
  expect(await recordsOf(world, scenario)).toEqual([]);
}

/** Provisions the instance, and fills its databases and its bucket. */
export async function provisioned(world: World, scenario: Scenario, options: RunOptions = {}): Promise<Config> {
  const result = await scenario.run(options);
  expect(result.log).not.toContain('::error');
  expect(result.code).toBe(0);
  const config = await readConfig(scenario);
  await fill(world, config);
  return config;
}

/** Secrets that stand in the run's log, summary or outputs, in any form. */
export function shownSecrets(world: World, { log, summary, outputs }: StepResult, config: Config): string[] {
  const reported = log.replaceAll(/^::add-mask::.*$/gm, '') + summary + JSON.stringify(outputs);
  const secrets = [
    config.MYSQL_PASSWORD,
    config.MONGODB_PASSWORD,
    setting(world, 'MYSQL_ADMIN_PASSWORD'),
    setting(world, 'MONGODB_ADMIN_PASSWORD'),
    setting(world, 'STORAGE_SECRET_ACCESS_KEY'),
  ].map((secret) => secret ?? '');
  expect(secrets).not.toContain('');
  return secrets
    .flatMap((secret) => [secret, Buffer.from(secret).toString('base64')])
    .filter((form) => reported.includes(form));
}
