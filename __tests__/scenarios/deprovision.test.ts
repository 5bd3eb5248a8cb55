import { existsSync } from 'node:fs';
import path from 'node:path';
import type { KubeObject } from '../../src/cluster/objects/objects.ts';
import {
  dataOf,
  deprovisioning,
  expectRemoved,
  filesOf,
  namespaceRef,
  provisioned,
  recordsOf,
  shownSecrets,
  WHOLE,
} from './deprovisioned.ts';
import {
  bucketOf,
  type Config,
  eventually,
  expectProvisioned,
  readApplication,
  readWorkflows,
  secretNames,
} from './outcome.ts';
import { openWorld, type Scenario } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());
afterEach(async () => {
  world.clearFaults();
  await world.deletions.resume();
});

const workload = (instance: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'lms-settings',
    namespace: instance,
    annotations: { 'argocd.argoproj.io/tracking-id': `${instance}-production:/ConfigMap:${instance}/lms-settings` },
  },
});

describe('taking an instance down', () => {
  it('removes all that it has, everywhere, and nothing of its neighbour; again: nothing is left to be done', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    const neighbour = await world.scenario();
    const config = await provisioned(world, scenario);
    const others = await provisioned(world, neighbour);
    await world.git.commit(scenario.repository, { [`instances/${instance}/env/apps/lms.yml`]: 'kind: Deployment\n' });
    expect(await dataOf(world, config)).toEqual(WHOLE(config));
    await world.cluster.create(workload(instance));
    const seen: (string | undefined)[] = [];
    world.proxy.add({
      method: 'POST',
      path: new RegExp(`/${instance}/workflows\\?`),
      fault: {
        kind: 'call',
        when: 'before',
        work: async () => {
          const left = [await readApplication(world, instance), await world.cluster.read(workload(instance))];
          seen.push(...left.map((object) => object?.metadata?.name));
        },
      },
    });
    const checkout = await scenario.checkout();
    const old = await scenario.checkout();
    const first = world.proxy.requests.length;
    const result = await scenario.run(deprovisioning(scenario, { checkout }));
    expect(result.log).not.toContain('::error');
    expect(result.code).toBe(0);
    expect(seen).toEqual(Array(6).fill(undefined));

    await expectRemoved(world, scenario, config);
    expect(existsSync(path.join(checkout.directory, 'instances', instance))).toBe(false);
    expect(existsSync(path.join(checkout.directory, 'README.md'))).toBe(true);
    expect((await world.git.log(scenario.repository))[0]).toBe(`chore: remove instance ${instance}`);
    expect(await dataOf(world, others)).toEqual(WHOLE(others));
    expect(await recordsOf(world, neighbour)).toHaveLength(4);
    await expectProvisioned(world, neighbour);

    const secrets = world.proxy.requests
      .slice(first)
      .filter(({ method, path: place }) => method === 'POST' && place.endsWith('/secrets'))
      .map(({ body }) => body);
    expect(secrets.length).toBeGreaterThanOrEqual(3);
    for (const password of [config.MYSQL_PASSWORD, config.MONGODB_PASSWORD])
      expect(secrets.join()).not.toContain(password);
    expect(shownSecrets(world, result, config)).toEqual([]);
    expect(result.outputs).toMatchObject({ instance, changed: 'true', bucket: bucketOf(config) });
    expect(Object.keys(JSON.parse(result.outputs.workflows ?? ''))).toEqual(['mysql', 'mongodb', 'storage']);
    expect(result.summary).toContain('&#58; deprovisioned with all its data');
    for (const [kind, name] of [
      ['Application', `${instance}-production`],
      ['MySQL database', config.MYSQL_DATABASE],
      ['MySQL user', config.MYSQL_USERNAME],
      ['MongoDB database', config.MONGODB_DATABASE],
      ['MongoDB user', config.MONGODB_USERNAME],
      ['Bucket', bucketOf(config)],
      ['Namespace', instance],
    ])
      expect(result.summary).toContain(`| ${kind} | \`${name}\` | ➖ removed |`);

    const head = await world.git.git(scenario.repository, 'rev-parse', 'main');
    // Nothing is to be made any more, so that what only a new instance needs may be missing.
    const inputs = { 'cluster-domain': '' };
    const again = await scenario.run(deprovisioning(scenario, { checkout: old, inputs }));
    expect(again.code).toBe(0);
    expect(existsSync(path.join(old.directory, 'instances', instance))).toBe(false);
    expect(again.outputs.changed).toBe('false');
    expect(again.log).toContain(`Instance ${instance} not found: no directory`);
    expect(again.summary).toContain('not found, nothing to delete');
    expect(await world.git.git(scenario.repository, 'rev-parse', 'main')).toBe(head);
    await expectRemoved(world, scenario, config);
  }, 300_000);
});

/** Enough for the workflows, and little enough to wait for: a real cluster takes its time. */
const SHORT = world.sandbox === undefined ? '60s' : '15s';

type WorkflowWithArguments = KubeObject & {
  spec?: { arguments?: { parameters?: readonly { name: string; value: string }[] } };
};

/** What the workflows of the namespace were told, by the keys of config.yml. */
async function configOfWorkflows({ instance }: Scenario): Promise<Config> {
  const workflows: WorkflowWithArguments[] = await readWorkflows(world, instance);
  const given = workflows.flatMap(({ spec }) =>
    (spec?.arguments?.parameters ?? []).map(({ name, value }) => [name, value] as const),
  );
  const texts = new Map(given);
  return {
    MYSQL_DATABASE: `launchpad-${instance}-openedx`,
    MYSQL_USERNAME: `launchpad-${instance}`,
    MONGODB_DATABASE: texts.get('database') ?? '',
    FORUM_MONGODB_DATABASE: texts.get('forum-database') ?? '',
    MONGODB_USERNAME: `launchpad-${instance}`,
    STORAGE_BUCKET_NAME: texts.get('bucket') ?? '',
    MYSQL_HOST: world.settings.LAUNCHPAD_MYSQL_HOST ?? '',
    MYSQL_PORT: world.settings.LAUNCHPAD_MYSQL_PORT ?? '3306',
    MONGODB_HOST: world.settings.LAUNCHPAD_MONGODB_HOST ?? '',
    MONGODB_PORT: world.settings.LAUNCHPAD_MONGODB_PORT ?? '27017',
  };
}

const wrongPassword = { settings: { LAUNCHPAD_MYSQL_ADMIN_PASSWORD: 'not-the-password' } };
const seedRef = (instance: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'launchpad-seed', namespace: instance },
});

describe('an instance that never got its commit', () => {
  /** Provisions all but MySQL. */
  async function halfMade(): Promise<{ scenario: Scenario; config: Config }> {
    const scenario = await world.scenario();
    expect((await scenario.run(wrongPassword)).code).toBe(1);
    const config = await configOfWorkflows(scenario);
    expect(bucketOf(config)).toMatch(/^launchpad-/);
    expect(await dataOf(world, config)).toContain('Bucket');
    return { scenario, config };
  }

  it('is deprovisioned by the names that the stored seed makes', async () => {
    const { scenario, config } = await halfMade();
    const result = await scenario.run(deprovisioning(scenario));
    expect(result.log).not.toContain('::error');
    expect(result.code).toBe(0);
    expect(result.outputs).toMatchObject({ changed: 'true', bucket: bucketOf(config) });
    await expectRemoved(world, scenario, config);
    expect(await world.git.log(scenario.repository)).toHaveLength(1);
  }, 300_000);

  it('is so too where its namespace goes: the seed is read before, and stored in the one that is made for the workflows', async () => {
    const { scenario, config } = await halfMade();
    const { instance } = scenario;
    await world.cluster.patch(seedRef(instance), { metadata: { finalizers: ['example.org/hold'] } });
    await world.cluster.delete(namespaceRef(instance));
    const running = await scenario.start(deprovisioning(scenario));
    await eventually(() => running.log().includes(`Namespace ${instance} is being deleted: waiting`));
    await world.cluster.patch(seedRef(instance), { metadata: { finalizers: null } });
    const result = await running.done;
    expect(result.log).not.toContain('::error');
    expect(result.code).toBe(0);
    const stored = world.proxy.requests.filter(
      ({ method, body }) => method === 'POST' && body.includes('launchpad-seed') && body.includes(instance),
    );
    expect(stored).toHaveLength(2);
    expect(JSON.parse(stored[0]?.body ?? '').data).toEqual(JSON.parse(stored[1]?.body ?? '').data);
    await expectRemoved(world, scenario, config);
  }, 300_000);
});

describe('a namespace', () => {
  it('that is deleted while the databases exist is created again for the workflows, and deleted again', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    const config = await provisioned(world, scenario);
    await world.cluster.delete(namespaceRef(instance));
    await eventually(async () => (await world.cluster.read(namespaceRef(instance))) === undefined, 120_000);
    const result = await scenario.run(deprovisioning(scenario));
    expect(result.log).not.toContain('::error');
    expect(result.code).toBe(0);
    expect(result.summary).toContain(`| Namespace | \`${instance}\` | already absent |`);
    expect(result.summary).toContain(`| Bucket | \`${bucketOf(config)}\` | ➖ removed |`);
    await expectRemoved(world, scenario, config);
  }, 300_000);

  it('of ours without file and seed is deleted, and the log names the bucket that may be left', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    const labels = { 'launchpad-provision/instance': instance };
    await world.cluster.create({ ...namespaceRef(instance), metadata: { name: instance, labels } });
    const result = await scenario.run(deprovisioning(scenario));
    expect(result.code).toBe(0);
    expect(result.log).toMatch(
      new RegExp(`^::warning::Instance ${instance}: deprovisioned, bucket not removed: check by hand$`, 'm'),
    );
    expect(result.summary).toContain('| **not removed: check by hand** |');
    expect(result.log).toContain(`bucket launchpad-${instance}-* in`);
    expect(await recordsOf(world, scenario)).toEqual([]);
    expect(await world.git.log(scenario.repository)).toHaveLength(1);
  }, 300_000);
});

describe('a part that fails', () => {
  it('leaves namespace and files, so that a run with the right password finishes', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    const config = await provisioned(world, scenario);
    const failed = await scenario.run(deprovisioning(scenario, wrongPassword));
    expect(failed.code).toBe(1);
    expect(failed.log).toMatch(/^::error title=MySQL/m);
    expect(failed.log).toMatch(/^Not known whether removed or left: MySQL database .*, MySQL user /m);
    expect(failed.log).toMatch(/^Left: Namespace /m);
    expect(failed.log).toContain("The instance's files were not removed from the cluster repository.");
    expect(failed.summary).toContain(`Instance ${instance} was not deprovisioned`);
    expect(failed.summary).toContain(`| MySQL database | \`${config.MYSQL_DATABASE}\` | **not known** |`);
    expect(failed.summary).toContain(`| Bucket | \`${bucketOf(config)}\` | ➖ removed |`);
    expect(shownSecrets(world, failed, config)).toEqual([]);
    expect(await dataOf(world, config)).toEqual(['MySQL database', 'MySQL user']);
    expect(await recordsOf(world, scenario)).toEqual(['Namespace', ...(await filesOf(world, scenario))]);
    expect(await filesOf(world, scenario)).toHaveLength(2);
    expect((await secretNames(world, instance)).filter((name) => name.startsWith('launchpad-provision-'))).toEqual([]);

    const next = await scenario.run(deprovisioning(scenario));
    expect(next.code).toBe(0);
    expect(next.summary).toContain(`| Bucket | \`${bucketOf(config)}\` | already absent |`);
    await expectRemoved(world, scenario, config);
  }, 300_000);

  it('Argo CD, which does not end: its words and the finalizers are in the error, and a later run finishes', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    const config = await provisioned(world, scenario);
    world.deletions.pause();
    const running = await scenario.start(deprovisioning(scenario, { inputs: { timeout: '4s' } }));
    await eventually(() => running.log().includes('Waiting until Argo CD has deleted'));
    const application = await readApplication(world, instance);
    const conditions = [{ type: 'DeletionError', message: 'cluster is unreachable' }];
    await world.cluster.patch(
      {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Application',
        metadata: { name: `${instance}-production`, namespace: 'argocd' },
      },
      { status: { conditions } },
    );
    expect(application?.metadata?.deletionTimestamp).toBeDefined();
    const result = await running.done;
    expect(result.code).toBe(1);
    expect(result.log).toMatch(
      /^::error title=Argo CD%3A Application not deleted::Argo CD has not deleted Application \S+ after 4 s\. .*finalizers resources-finalizer\.argocd\.argoproj\.io; Argo CD says DeletionError: cluster is unreachable\./m,
    );
    expect(await dataOf(world, config)).toEqual(WHOLE(config));

    await world.deletions.resume();
    expect((await scenario.run(deprovisioning(scenario))).code).toBe(0);
    await expectRemoved(world, scenario, config);
  }, 300_000);

  it('the namespace, which something holds: that is named, the files stay, and a later run finishes', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    const config = await provisioned(world, scenario);
    const held = { ...workload(instance), metadata: { name: 'held', namespace: instance } };
    await world.cluster.create({ ...held, metadata: { ...held.metadata, finalizers: ['example.org/hold'] } });
    const result = await scenario.run(deprovisioning(scenario, { inputs: { timeout: SHORT } }));
    expect(result.code).toBe(1);
    expect(result.log).toMatch(
      /^::error .*Namespace \S+ is still being deleted after .*configmaps\. has .*example\.org\/hold in 1 resource instances/m,
    );
    expect(await dataOf(world, config)).toEqual([]);
    expect(await filesOf(world, scenario)).toHaveLength(2);

    await world.cluster.patch(held, { metadata: { finalizers: null } });
    expect((await scenario.run(deprovisioning(scenario))).code).toBe(0);
    await expectRemoved(world, scenario, config);
  }, 300_000);
});

describe('what is somebody else’s', () => {
  const refused = async (scenario: Scenario, message: RegExp) => {
    const first = world.proxy.requests.length;
    const result = await scenario.run(deprovisioning(scenario));
    expect(result.code).toBe(1);
    expect(result.log).toMatch(message);
    expect(result.log).toContain('No changes were made');
    const writing = world.proxy.requests
      .slice(first)
      .filter(({ method, path: place }) => method !== 'GET' && !/selfsubject\w+reviews$/.test(place));
    expect(writing).toEqual([]);
  };

  it('a namespace that is not the action’s and is not recorded: refused, and nothing is touched', async () => {
    const scenario = await world.scenario();
    await world.cluster.create(namespaceRef(scenario.instance));
    await refused(
      scenario,
      /^::error title=Kubernetes%3A namespace not usable::Namespace \S+ exists, was not created/m,
    );
  });

  it('an Application of the same name that deploys something else: refused, and nothing is touched', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    const config = await provisioned(world, scenario);
    const ref = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: `${instance}-production`, namespace: 'argocd' },
    };
    const labels = { 'launchpad-provision/instance': null };
    await world.cluster.patch(ref, { metadata: { labels }, spec: { source: { path: 'somewhere/else' } } });
    await refused(
      scenario,
      /^::error .*Application \S+ in namespace argocd is not that of instance .*spec\.source\.path is/m,
    );
    expect(await dataOf(world, config)).toEqual(WHOLE(config));
  }, 300_000);

  it('a database that another instance has: refused, and nothing is touched', async () => {
    const name = `s-greedy-${Date.now().toString(36)}`;
    const scenario = await world.scenario(
      {
        [`instances/${name}/config.yml`]: 'MYSQL_DATABASE: "launchpad-other-openedx"\n',
        'instances/other/config.yml': 'MYSQL_DATABASE: "launchpad-other-openedx"\n',
      },
      name,
    );
    await refused(scenario, /^::error .*the MySQL database launchpad-other-openedx belongs to instance other/m);
  });
});

describe('a confirmation', () => {
  it.each([
    ['is not set', {}],
    ['names another instance', { confirm: 'another' }],
  ])('that %s: the run is refused before anything, and says what to set', async (_, inputs) => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    const first = world.proxy.requests.length;
    const result = await scenario.run({ inputs: { operation: 'deprovision', ...inputs } });
    expect(result.code).toBe(1);
    expect(result.log).toMatch(new RegExp(`^::error title=.*::.*set confirm: ${instance}`, 'm'));
    expect(world.proxy.requests.length).toBe(first);
  });
});

describe('an instance of an older action', () => {
  it('whose namespace and Application carry no label, and the latter no finalizer, is deprovisioned with its workloads', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    const config = await provisioned(world, scenario);
    const labels = { 'launchpad-provision/instance': null };
    await world.cluster.patch(namespaceRef(instance), { metadata: { labels } });
    await world.cluster.patch(
      {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Application',
        metadata: { name: `${instance}-production`, namespace: 'argocd' },
      },
      { metadata: { labels, finalizers: null } },
    );
    await world.cluster.create(workload(instance));
    let left: unknown = 'not looked';
    world.proxy.add({
      method: 'POST',
      path: new RegExp(`/${instance}/workflows\\?`),
      times: 1,
      fault: {
        kind: 'call',
        when: 'before',
        work: async () => {
          left = await world.cluster.read(workload(instance));
        },
      },
    });
    const result = await scenario.run(deprovisioning(scenario));
    expect(result.log).not.toContain('::error');
    expect(result.code).toBe(0);
    expect(left).toBeUndefined();
    await expectRemoved(world, scenario, config);
  }, 300_000);
});

describe('config.yml that changes meanwhile', () => {
  it('in a key that the run uses: nothing is removed from the repository, and a re-run deletes what it names now', async () => {
    const scenario = await world.scenario();
    const { instance, repository } = scenario;
    const file = `instances/${instance}/config.yml`;
    const config = await provisioned(world, scenario);
    const moved = `launchpad-${instance}-moved`;
    let isOnce = true;
    world.git.beforePush = async () => {
      if (isOnce)
        await world.git.commit(repository, {
          [file]: (await scenario.config()).replace(bucketOf(config), moved),
        });
      isOnce = false;
    };
    const raced = await scenario.run(deprovisioning(scenario));
    expect(raced.code).toBe(1);
    expect(raced.log).toMatch(
      /^::error .*config.yml changed while deprovisioning \(keys S3_STORAGE_BUCKET\): run again/m,
    );
    expect(await filesOf(world, scenario)).toHaveLength(2);
    const next = await scenario.run(deprovisioning(scenario));
    expect(next.code).toBe(0);
    expect(next.outputs.bucket).toBe(moved);
    await expectRemoved(world, scenario, config);
  }, 300_000);
});
