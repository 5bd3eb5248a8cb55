import { actionCommits, eventually, readApplication, secretNames } from '../outcome.ts';
import { leaseRef, openWorld, type RunOptions, type Scenario } from '../world.ts';

const world = await openWorld();
const argocd = world.sandbox?.argocd;
afterAll(() => world.stop());
beforeEach(() => argocd?.switchOn());
afterEach(() => {
  argocd?.faults.clear();
  argocd?.switchOff();
  world.clearFaults();
});

let count = 0;

/** An instance whose manifests the build workflow has written already. */
async function built(): Promise<Scenario> {
  count += 1;
  const name = `sync-${count}-${process.pid}`;
  return await world.scenario({ [`instances/${name}/env/app.yml`]: 'kind: Deployment\n' }, name);
}

/** Options of a run whose Application follows the scenario's own repository. */
const waiting = ({ repository }: Scenario, inputs: RunOptions['inputs'] = {}): RunOptions => ({
  inputs: { 'repository-url': `${world.git.url}/${repository}.git`, 'wait-for-sync': 'true', ...inputs },
});

const errorOf = (log: string) => (/^::error .*/m.exec(log) ?? [''])[0].replaceAll('%0A', '\n');

const headOf = ({ repository }: Scenario) => world.git.git(repository, 'rev-parse', 'main');

describe('a run that waits for Argo CD', () => {
  it('ends when the Application is synced at its commit and healthy, and tells each change on the way', async () => {
    const scenario = await built();
    // It sees each step of Argo CD only if it looks before the first.
    argocd?.switchOff();
    const running = await scenario.start(waiting(scenario));
    await eventually(() => running.log().includes('waiting for Argo CD to look at it'), 60_000);
    argocd?.switchOn();
    const result = await running.done;
    expect(result.log).not.toContain('::error');
    expect(result.code).toBe(0);
    expect(result.outputs).toMatchObject({ 'sync-status': 'Synced', 'health-status': 'Healthy' });
    const commit = (await headOf(scenario)).slice(0, 7);
    const application = `${scenario.instance}-production`;
    const told = result.log.split('\n').filter((line) => line.startsWith(`${application}: `));
    expect(told.at(0)).toBe(`${application}: waiting for Argo CD to look at it`);
    expect(told).toContainEqual(expect.stringContaining(`OutOfSync at ${commit}, Missing, sync Running`));
    expect(told.at(-1)).toBe(`${application}: Synced at ${commit}, Healthy`);
    expect(told.filter((line, index) => line === told[index - 1])).toEqual([]);
    const { annotations } = (await readApplication(world, scenario.instance))?.metadata ?? {};
    expect(annotations).not.toHaveProperty(['argocd.argoproj.io/refresh']);
  });

  it('ends also when Argo CD is at a commit after its own already', async () => {
    const scenario = await built();
    const { instance, repository } = scenario;
    world.git.afterPush = async () => {
      world.git.afterPush = undefined;
      await world.git.commit(repository, { [`instances/${instance}/env/app.yml`]: 'kind: StatefulSet\n' });
      return true;
    };
    const result = await scenario.run(waiting(scenario));
    expect(result.code).toBe(0);
    const head = await headOf(scenario);
    expect(result.outputs['commit-sha']).not.toBe(head);
    expect(result.log).toContain(`${instance}-production: Synced at ${head.slice(0, 7)}, Healthy`);
  });

  it('is done at once where all was synced before, and at the newest commit where it pushed nothing', async () => {
    const scenario = await built();
    expect((await scenario.run(waiting(scenario))).code).toBe(0);
    const again = await scenario.run(waiting(scenario));
    expect(again.code).toBe(0);
    expect(again.outputs).toMatchObject({ changed: 'false', 'sync-status': 'Synced', 'health-status': 'Healthy' });
  });

  it('has given its Lease back, so that another run of the instance need not wait for it', async () => {
    const scenario = await built();
    argocd?.switchOff();
    const running = await scenario.start(waiting(scenario));
    await eventually(() => running.log().includes('waiting for Argo CD to look at it'));
    expect(await world.cluster.read(leaseRef(scenario.instance))).toBeUndefined();
    expect(await secretNames(world, scenario.instance)).toEqual([]);
    argocd?.switchOn();
    expect((await running.done).code).toBe(0);
  });

  it('continues when its watch is dropped', async () => {
    const scenario = await built();
    argocd?.switchOff();
    const running = await scenario.start(waiting(scenario));
    const isWatching = () =>
      world.proxy.requests.some(({ path, query }) => /\/applications$/.test(path) && query.includes('watch=true'));
    await eventually(() => running.log().includes('waiting for Argo CD to look at it') && isWatching());
    world.proxy.dropWatches();
    argocd?.switchOn();
    expect((await running.done).code).toBe(0);
  });

  it('fails at its time-out with the resource that is not healthy, and with the pods that wait', async () => {
    const scenario = await built();
    const { instance } = scenario;
    argocd?.faults.set(`${instance}-production`, {
      kind: 'degraded',
      resource: { kind: 'Deployment', name: 'lms' },
      message: 'Deployment "lms" exceeded its progress deadline',
    });
    const running = await scenario.start(waiting(scenario, { timeout: '15s' }));
    await eventually(() => /Synced at \w+, Degraded/.test(running.log()));
    await world.cluster.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'lms-7d9f', namespace: instance },
      status: {
        phase: 'Pending',
        containerStatuses: [
          { name: 'lms', state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "x"' } } },
        ],
      },
    });
    const result = await running.done;
    expect(result.code).toBe(1);
    const error = errorOf(result.log);
    expect(error).toContain(
      `Application ${instance}-production (namespace argocd) was not Synced and Healthy within 15 s`,
    );
    expect(error).toContain('Deployment lms is Degraded (Deployment "lms" exceeded its progress deadline)');
    expect(error).toContain('Pod lms-7d9f: container lms: ImagePullBackOff, Back-off pulling image "x"');
    expect(error).toContain(`What to do: Look at what is not healthy (kubectl get pods -n ${instance})`);
    expect(error).toContain('The instance itself is provisioned');
    expect(error).toMatch(/title=Argo CD%3A (sync failed|not synced in time)::/);
    expect(result.summary).toContain(`## ❌ Instance ${instance} is provisioned, but Argo CD has not synced it\n`);
    expect(await actionCommits(world, scenario)).toHaveLength(1);
  }, 60_000);

  it('fails at once when Argo CD gives up syncing its commit, with what was refused', async () => {
    const scenario = await built();
    const { instance } = scenario;
    argocd?.faults.set(`${instance}-production`, {
      kind: 'sync-failed',
      resource: { kind: 'Ingress', name: 'web' },
      message: 'admission webhook "validate.nginx" denied the request',
    });
    const result = await scenario.run(waiting(scenario));
    expect(result.code).toBe(1);
    const error = errorOf(result.log);
    expect(error).toContain(`Argo CD could not sync Application ${instance}-production (namespace argocd)`);
    expect(error).toContain('reason: admission webhook "validate.nginx" denied the request\n  - Ingress web\n');
    expect(error).toContain('What to do: Correct the manifests or the cluster.');
  });

  it('fails at its time-out, and says that no Argo CD controller looked at the Application', async () => {
    const scenario = await built();
    argocd?.switchOff();
    const result = await scenario.run(waiting(scenario, { timeout: '15s' }));
    expect(result.code).toBe(1);
    expect(errorOf(result.log)).toContain(
      `No Argo CD controller looked at Application ${scenario.instance}-production (namespace argocd) within 15 s.`,
    );
    expect(errorOf(result.log)).toContain("Check that Argo CD's application controller runs");
  }, 60_000);

  it('ends at once and green where the build workflow has not written the manifests yet, and says so', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    argocd?.switchOff();
    const result = await scenario.run(waiting(scenario));
    expect(result.code).toBe(0);
    expect(result.log).toMatch(
      new RegExp(
        `^::warning::instances/${instance}/env does not exist at main .*the build workflow has to write it`,
        'm',
      ),
    );
    expect(result.outputs).toMatchObject({ 'sync-status': 'NotBuilt', 'health-status': '' });
    expect(await readApplication(world, instance)).toBeDefined();
  });

  it('asks beforehand for the permission to watch Applications', async () => {
    const scenario = await built();
    world.sandbox?.kubernetes.access.deny(({ verb, resource }) => verb === 'watch' && resource === 'applications');
    const result = await scenario.run(waiting(scenario));
    const unasked = await scenario.run();
    world.sandbox?.kubernetes.access.deny(() => false);
    expect(errorOf(result.log)).toContain('watch applications.argoproj.io in namespace argocd');
    expect(unasked.code).toBe(0);
  });
});

it('a run that does not wait for Argo CD neither watches the Application nor asks for a look', async () => {
  const scenario = await built();
  argocd?.switchOff();
  const before = world.proxy.requests.length;
  const result = await scenario.run(waiting(scenario, { 'wait-for-sync': 'false' }));
  expect(result.code).toBe(0);
  expect(result.outputs).toMatchObject({ 'sync-status': '', 'health-status': '' });
  const watched = world.proxy.requests.slice(before).filter(({ path }) => path.endsWith('/applications'));
  expect(watched.filter(({ query }) => query.includes('watch=true'))).toEqual([]);
  const { annotations } = (await readApplication(world, scenario.instance))?.metadata ?? {};
  expect(annotations).not.toHaveProperty(['argocd.argoproj.io/refresh']);
});
