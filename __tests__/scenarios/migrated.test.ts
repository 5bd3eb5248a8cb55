import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { load } from 'js-yaml';
import type { KubeObject } from '../../src/cluster/objects/objects.ts';
import { fieldsOf } from '../../src/core/fields.ts';
import { operatorConfig } from './operator-config.ts';
import {
  actionCommits,
  bucketOf,
  type Config,
  expectProvisioned,
  mongodbAs,
  mysqlAs,
  readApplication,
  storageAs,
} from './outcome.ts';
import { openWorld, repositoryOf, type Scenario } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());

const setting = (name: string) => world.settings[`LAUNCHPAD_${name}`] ?? '';
const inputs = { 'docker-registry-credentials': Buffer.from('robot:registry-password-3').toString('base64') };

/** The admins' credentials, as those of an instance. */
const ADMIN: Config = {
  MYSQL_HOST: setting('MYSQL_HOST'),
  MYSQL_PORT: setting('MYSQL_PORT'),
  MYSQL_USERNAME: setting('MYSQL_ADMIN_USER'),
  MYSQL_PASSWORD: setting('MYSQL_ADMIN_PASSWORD'),
  MONGODB_HOST: setting('MONGODB_HOST'),
  MONGODB_PORT: setting('MONGODB_PORT'),
  MONGODB_USERNAME: setting('MONGODB_ADMIN_USER'),
  MONGODB_PASSWORD: setting('MONGODB_ADMIN_PASSWORD'),
};

function applicationOf(name: string): KubeObject {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: {
      name: `${name}-production`,
      namespace: 'argocd',
      labels: { 'app.kubernetes.io/name': name, 'app.kubernetes.io/instance': 'production' },
      finalizers: ['resources-finalizer.argocd.argoproj.io'],
    },
    spec: {
      project: 'default',
      source: {
        path: `instances/${name}/env`,
        repoURL: `git@github.com:${repositoryOf(name)}.git`,
        targetRevision: 'main',
      },
      destination: { server: 'https://kubernetes.default.svc', namespace: name },
      syncPolicy: { automated: { enabled: true, prune: true }, syncOptions: ['PruneLast=true'] },
    },
  };
}

/** What launchpad_create_instance leaves in the databases, in storage and in the cluster. */
async function makeAsBefore(name: string, config: Config): Promise<void> {
  const mysql = await mysqlAs(ADMIN);
  await mysql.query(`CREATE DATABASE IF NOT EXISTS \`${config.MYSQL_DATABASE}\` CHARACTER SET utf8mb4`);
  await mysql.query(`CREATE USER IF NOT EXISTS ?@'%' IDENTIFIED BY ?`, [config.MYSQL_USERNAME, config.MYSQL_PASSWORD]);
  await mysql.query(`GRANT ALL PRIVILEGES ON \`${config.MYSQL_DATABASE}\`.* TO ?@'%'`, [config.MYSQL_USERNAME]);
  await mysql.end();

  const mongodb = await mongodbAs(ADMIN);
  const users = mongodb.db('admin');
  const roles = [config.MONGODB_DATABASE, config.FORUM_MONGODB_DATABASE].map((db) => ({ role: 'readWrite', db }));
  await users.command({ createUser: config.MONGODB_USERNAME, pwd: config.MONGODB_PASSWORD, roles: [] });
  await users.command({ grantRolesToUser: config.MONGODB_USERNAME, roles });
  await mongodb.close();

  const s3 = storageAs(world);
  await s3.send(new CreateBucketCommand({ Bucket: bucketOf(config) }));
  s3.destroy();

  await world.cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  await makeAccount(name, 'workflow-executor');
  await makeAccount(name, 'default');
  await world.cluster.create(applicationOf(name));
}

/** A service account that pulls images by Launchpad's Secret; `default` comes with the namespace where that is so. */
async function makeAccount(namespace: string, name: string): Promise<void> {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
  const imagePullSecrets = [{ name: 'launchpad-docker-registry' }];
  await world.cluster.apply({ ...account, imagePullSecrets }, { force: true });
}

async function pullSecretsOf(namespace: string, name: string): Promise<unknown> {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
  const found = await world.cluster.read<KubeObject & { imagePullSecrets?: unknown }>(account);
  return found?.imagePullSecrets;
}

/** An instance of launchpad_create_instance: its files on main, and all that they name. */
async function migrating(name: string): Promise<{ scenario: Scenario; config: string }> {
  const config = `${await operatorConfig(world, name)}\nMONGODB_PASSWORD: '7c1e0ab93d5f4e2286'\n`;
  const entries = Object.entries(fieldsOf(load(config)));
  await makeAsBefore(name, Object.fromEntries(entries.map(([key, value]) => [key, String(value)])));
  const files = {
    [`instances/${name}/config.yml`]: config,
    [`instances/${name}/application.yml`]: JSON.stringify(applicationOf(name)),
  };
  return { scenario: await world.scenario(files, name), config };
}

/** What the table of a dry run's summary says that a run would do to what. */
function rowsOf(summary: string, would: string): string[] {
  const rows = summary.matchAll(new RegExp(`^\\|[^|]* ${would} \\| (.*?) *\\|$`, 'gm'));
  return [...rows].map(([, row = '']) => row.replaceAll(/ +/g, ' '));
}

describe('an instance of launchpad_create_instance', () => {
  it('is taken over: nothing of its files, passwords or old accounts changes, and no commit is made', async () => {
    const name = `s-moved-${Date.now().toString(36)}`;
    const { scenario, config } = await migrating(name);

    const plan = await scenario.run({ inputs: { ...inputs, 'dry-run': 'true' } });
    expect(plan.log).not.toContain('::error');
    expect(plan.code).toBe(0);
    expect(rowsOf(plan.summary, 'change')).toEqual([
      `Application | \`${name}-production\` | (metadata.labels&#91;"launchpad-provision/instance"&#93;)`,
      `Namespace | \`${name}\` | (metadata.labels&#91;"launchpad-provision/instance"&#93;, metadata.annotations)`,
      'ServiceAccount | `default` | (imagePullSecrets)',
    ]);
    expect(rowsOf(plan.summary, 'create')).toContain('Secret | `launchpad-registry` |');
    expect(rowsOf(plan.summary, 'create')).toContain(`MySQL user | \`launchpad-${name}\` | (if missing)`);
    expect(plan.summary).not.toContain('+++ b/');

    const result = await scenario.run({ inputs });
    expect(result.log).not.toContain('::error');
    expect(result.code).toBe(0);
    expect(result.outputs.changed).toBe('false');
    expect(await scenario.config()).toBe(config);
    expect(await actionCommits(world, scenario)).toEqual([]);
    await expectProvisioned(world, scenario);
    for (const user of ['MySQL user', 'MongoDB user']) {
      expect(result.summary).toContain(`| ${user} | \`launchpad-${name}\` | unchanged |`);
    }
    expect(await pullSecretsOf(name, 'workflow-executor')).toEqual([{ name: 'launchpad-docker-registry' }]);
    expect(await pullSecretsOf(name, 'default')).toEqual(
      expect.arrayContaining([{ name: 'launchpad-docker-registry' }, { name: 'launchpad-registry' }]),
    );
    const application = await readApplication(world, name);
    expect(application?.metadata?.labels).toMatchObject({ 'app.kubernetes.io/instance': 'production' });
    expect(application?.spec).toMatchObject({ syncPolicy: { syncOptions: ['PruneLast=true'] } });
  });
});
