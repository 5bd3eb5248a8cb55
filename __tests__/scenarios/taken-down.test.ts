import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { HeadBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { KubeObject } from '../../src/cluster/objects.ts';
import { readPodReport } from '../../src/cluster/pod-report.ts';
import { type Config, eventually, mongodbAs, mysqlAs, readConfig, readWorkflows, storageAs } from './outcome.ts';
import { openWorld, type Scenario } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());

type Workflow = KubeObject & {
  spec?: {
    workflowTemplateRef?: { name?: string };
    arguments?: { parameters?: readonly { name: string; value: string }[] };
  };
  status?: { phase?: string; finishedAt?: string; message?: string };
};

const PROGRAMS = path.join(import.meta.dirname, '..', '..', 'build', 'provisioners');

const setting = (name: string) => world.settings[`LAUNCHPAD_${name}`] ?? '';

/** What the pod of each kind of work needs to take an instance down; passwords of the instance are not among it. */
const CREDENTIALS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  mysql: {
    MYSQL_ADMIN_USER: setting('MYSQL_ADMIN_USER'),
    MYSQL_ADMIN_PASSWORD: setting('MYSQL_ADMIN_PASSWORD'),
  },
  mongodb: {
    MONGODB_ADMIN_USER: setting('MONGODB_ADMIN_USER'),
    MONGODB_ADMIN_PASSWORD: setting('MONGODB_ADMIN_PASSWORD'),
  },
  storage: {
    STORAGE_ACCESS_KEY_ID: setting('STORAGE_ACCESS_KEY_ID'),
    STORAGE_SECRET_ACCESS_KEY: setting('STORAGE_SECRET_ACCESS_KEY'),
  },
};

/**
 * Submits a Workflow as the one that provisioned, but for its entrypoint and for Secret and ConfigMap, which went with
 * that run, and waits for its end.
 */
async function runAgain(provisioned: Workflow, entrypoint: string, number: number): Promise<Workflow> {
  const { namespace = '', name: earlier = '' } = provisioned.metadata ?? {};
  const { workflowTemplateRef, arguments: given } = provisioned.spec ?? {};
  const kind = workflowTemplateRef?.name?.replace('launchpad-provision-', '') ?? '';
  const name = `${earlier}-${number}`;
  const metadata = { name, namespace };
  const program = await readFile(path.join(PROGRAMS, `${kind}.js`), 'utf8');
  await world.cluster.create({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: CREDENTIALS[kind] });
  await world.cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { [`${kind}.js`]: program } });
  const parameters = (given?.parameters ?? []).map((parameter) =>
    ['secret-name', 'configmap-name'].includes(parameter.name) ? { ...parameter, value: name } : parameter,
  );
  const spec = { workflowTemplateRef, entrypoint, arguments: { parameters }, activeDeadlineSeconds: 300 };
  const object = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', metadata, spec };
  await world.cluster.create(object);
  let workflow: Workflow | undefined;
  await eventually(async () => {
    workflow = await world.cluster.read<Workflow>(object);
    return (workflow?.status?.finishedAt ?? '') !== '';
  }, 120_000);
  return workflow ?? {};
}

/** Takes the instance down by the three workflows at once. */
async function takeDown(scenario: Scenario, number: number): Promise<Readonly<Record<string, string>>> {
  const workflows: Workflow[] = await readWorkflows(world, scenario.instance);
  const provisioned = workflows.filter(({ spec }) => spec !== undefined && !('entrypoint' in spec));
  expect(provisioned).toHaveLength(3);
  const ended = await Promise.all(provisioned.map((one) => runAgain(one, 'deprovision', number)));
  const reports = await Promise.all(
    ended.map(({ metadata }) => readPodReport(world.cluster, scenario.instance, metadata?.name ?? '')),
  );
  expect(reports.flatMap(({ error }) => error ?? [])).toEqual([]);
  expect(ended.map(({ status }) => status?.phase)).toEqual(['Succeeded', 'Succeeded', 'Succeeded']);
  return Object.fromEntries(
    reports.flatMap(({ resources }) => resources).map(({ kind, name, state }) => [`${kind} ${name}`, state]),
  );
}

const resourcesOf = (config: Config, state: string) => ({
  [`MySQL database ${config.MYSQL_DATABASE}`]: state,
  [`MySQL user ${config.MYSQL_USERNAME}`]: state,
  [`MongoDB database ${config.MONGODB_DATABASE}`]: state,
  [`MongoDB database ${config.FORUM_MONGODB_DATABASE}`]: state,
  [`MongoDB user ${config.MONGODB_USERNAME}`]: state,
  [`Bucket ${config.STORAGE_BUCKET_NAME}`]: state,
});

describe('the entrypoint deprovision of the WorkflowTemplates', () => {
  it('takes down what provisioning made, with the same arguments, and finds it gone when run again', async () => {
    const scenario = await world.scenario();
    expect((await scenario.run()).code).toBe(0);
    const config = await readConfig(scenario);
    const bucket = { Bucket: config.STORAGE_BUCKET_NAME ?? '' };
    const s3 = storageAs(world);
    for (const Body of ['one version', 'another'])
      await s3.send(new PutObjectCommand({ ...bucket, Key: 'logo.png', Body }));
    const mongodb = await mongodbAs(config);
    for (const database of [config.MONGODB_DATABASE, config.FORUM_MONGODB_DATABASE])
      await mongodb
        .db(database ?? '')
        .collection('contents')
        .insertOne({ a: 1 });
    await mongodb.close();

    expect(await takeDown(scenario, 1)).toEqual(resourcesOf(config, 'deleted'));
    await expect(mysqlAs(config)).rejects.toMatchObject({ errno: 1045 });
    await expect(mongodbAs(config)).rejects.toMatchObject({ code: 18 });
    await expect(s3.send(new HeadBucketCommand(bucket))).rejects.toMatchObject({ name: 'NotFound' });
    s3.destroy();
    expect(await takeDown(scenario, 2)).toEqual(resourcesOf(config, 'absent'));
  }, 300_000);

  it('is the only one besides provision: another name ends the Workflow', async () => {
    const scenario = await world.scenario();
    expect((await scenario.run()).code).toBe(0);
    const [provisioned] = await readWorkflows(world, scenario.instance);
    const { status } = await runAgain(provisioned ?? {}, 'remove', 1);
    expect(status?.phase).toMatch(/^(Failed|Error)$/);
    expect(status?.message).toContain('remove');
    await (await mysqlAs(await readConfig(scenario))).end();
  }, 300_000);
});
