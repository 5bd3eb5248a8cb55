import { S3Client } from '@aws-sdk/client-s3';
import { load } from 'js-yaml';
import { MongoClient } from 'mongodb';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import type { KubeObject } from '../../src/cluster/objects/objects.ts';
import type { Scenario, World } from './world.ts';

/** config.yml of an instance, as Tutor would read it. */
export type Config = Readonly<Record<string, string>>;

export async function readConfig(scenario: Scenario): Promise<Config> {
  const value: unknown = load(await scenario.config());
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]));
}

/** The bucket's name, in whichever family of keys config.yml has it. */
export function bucketOf(config: Config): string {
  return config.S3_STORAGE_BUCKET ?? config.STORAGE_BUCKET_NAME ?? '';
}

/** The state of a bucket in a summary. Real clusters of the tests have MinIO, which has no CORS rules of a bucket. */
export function bucketState(world: World, state: string): string {
  return world.sandbox === undefined ? `${state}, without CORS rules` : state;
}

export async function mysqlAs(config: Config): Promise<Connection> {
  return await createConnection({
    host: config.MYSQL_HOST ?? '',
    port: Number(config.MYSQL_PORT),
    user: config.MYSQL_USERNAME ?? '',
    password: config.MYSQL_PASSWORD ?? '',
  });
}

/** Databases that the instance's MySQL user sees, those that every user sees left out. */
export async function mysqlDatabases(config: Config): Promise<string[]> {
  const connection = await mysqlAs(config);
  try {
    const [rows] = await connection.query<RowDataPacket[]>('SHOW DATABASES');
    const names = rows.map((row) => String(row.Database));
    return names.filter((name) => !['information_schema', 'performance_schema'].includes(name)).sort();
  } finally {
    await connection.end();
  }
}

export async function mongodbAs(config: Config): Promise<MongoClient> {
  const client = new MongoClient(`mongodb://${config.MONGODB_HOST}:${config.MONGODB_PORT}/`, {
    auth: { username: config.MONGODB_USERNAME ?? '', password: config.MONGODB_PASSWORD ?? '' },
    authSource: config.MONGODB_AUTH_SOURCE ?? 'admin',
    directConnection: true,
    serverSelectionTimeoutMS: 5000,
  });
  return await client.connect();
}

/** Whether the instance's MongoDB user may write to each of these databases. */
async function mongodbWrites(config: Config, databases: readonly string[]): Promise<boolean[]> {
  const client = await mongodbAs(config);
  try {
    const results: boolean[] = [];
    for (const database of databases) {
      const insert = client.db(database).collection('scenario').insertOne({ at: 1 });
      results.push(await insert.then(() => true).catch(() => false));
    }
    return results;
  } finally {
    await client.close();
  }
}

/** A client of this world's storage with the access key of the settings, to be destroyed once it is done. */
export function storageAs({ settings }: World): S3Client {
  return new S3Client({
    endpoint: settings.LAUNCHPAD_STORAGE_ENDPOINT_URL ?? '',
    region: settings.LAUNCHPAD_STORAGE_REGION ?? '',
    forcePathStyle: true,
    credentials: {
      accessKeyId: settings.LAUNCHPAD_STORAGE_ACCESS_KEY_ID ?? '',
      secretAccessKey: settings.LAUNCHPAD_STORAGE_SECRET_ACCESS_KEY ?? '',
    },
  });
}

/** Everything that must be there after a run that succeeded, and nothing else of ours. */
export async function expectProvisioned(world: World, scenario: Scenario): Promise<Config> {
  const config = await readConfig(scenario);
  const { instance } = scenario;
  expect(await mysqlDatabases(config)).toEqual([config.MYSQL_DATABASE]);
  const own = [config.MONGODB_DATABASE ?? '', config.FORUM_MONGODB_DATABASE ?? ''];
  expect(await mongodbWrites(config, [...own, 'somebody-elses'])).toEqual([true, true, false]);
  const { LAUNCHPAD_STORAGE_ENDPOINT_URL: endpoint } = world.settings;
  expect((await fetch(`${endpoint}/${bucketOf(config)}`)).status).toBe(403);
  expect(await secretNames(world, instance)).toEqual([]);
  const application = await readApplication(world, instance);
  expect(application?.spec).toMatchObject({
    source: { path: `instances/${instance}/env`, targetRevision: 'main' },
    destination: { namespace: instance },
  });
  expect(await world.git.read(scenario.repository, `instances/${instance}/application.yml`)).toBeDefined();
  return config;
}

/** Names of the Secrets of ours in the instance's namespace: the registry's apart. */
export async function secretNames(world: World, instance: string): Promise<string[]> {
  const { items } = await world.cluster.list({ apiVersion: 'v1', kind: 'Secret', namespace: instance });
  return items.map(({ metadata }) => metadata?.name ?? '').filter((name) => name !== 'launchpad-registry');
}

export async function readApplication(world: World, instance: string): Promise<KubeObject | undefined> {
  return await world.cluster.read({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: `${instance}-production`, namespace: 'argocd' },
  });
}

export async function readWorkflows(world: World, instance: string): Promise<KubeObject[]> {
  const type = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', namespace: instance };
  return (await world.cluster.list(type)).items;
}

/** Pods of the instance that have not ended. */
export async function livingPods(world: World, instance: string): Promise<string[]> {
  const type = { apiVersion: 'v1', kind: 'Pod', namespace: instance };
  const { items } = await world.cluster.list<KubeObject & { status?: { phase?: string } }>(type);
  return items
    .filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed')
    .map(({ metadata }) => metadata?.name ?? '');
}

/** Subjects of the commits on main that the action made. */
export async function actionCommits(world: World, scenario: Scenario): Promise<string[]> {
  const subjects = await world.git.log(scenario.repository);
  return subjects.filter((subject) => /^(feat|chore):/.test(subject));
}

/** Waits until something is so, looking again and again. */
export async function eventually(what: () => Promise<boolean> | boolean, limitMs = 60_000): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await what())) {
    if (Date.now() > deadline) throw new Error('It did not come about in time.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
