import { Cluster } from '../../src/cluster/api/client.ts';
import { withLease } from '../../src/operations/with-lease.ts';
import type { ClusterRepository } from '../../src/repository/cluster-repository.ts';
import { type Given, givenCluster, keptProgress } from '../cluster/workflows/given.ts';
import { FakeClock } from '../fake-clock.ts';
import { changeOf, givenRepositories } from '../repository/given.ts';

const LEASE = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'launchpad-school', namespace: 'argocd' },
};
/** What a run leaves that was stopped. */
const SECRET = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name: 'launchpad-provision-mysql-r1',
    namespace: 'school',
    labels: {
      'launchpad-provision/instance': 'school',
      'launchpad-provision/run': 'r1',
      'launchpad-provision/role': 'temporary',
    },
  },
};
const LEASES = /\/leases/;
const REQUEST = { instance: 'school', run: { id: 'r1', url: undefined }, timeoutMs: 60_000 };

const repositories = givenRepositories();
let given: Given;
let clock: FakeClock;
let cluster: Cluster;
let log: ReturnType<typeof keptProgress>;
beforeEach(async () => {
  given = await givenCluster();
  await given.cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } });
  clock = new FakeClock();
  cluster = await Cluster.connect({ source: { kind: 'content', text: given.proxy.kubeconfig } }, { clock });
  log = keptProgress();
});
afterEach(async () => {
  await cluster.close();
  await given.stop();
});

type Work = Parameters<typeof withLease<string, { cluster: Cluster; repository: ClusterRepository } & Rest>>[3];
type Rest = { readonly request: typeof REQUEST; readonly progress: (typeof log)['progress'] };

/** A run with a repository of its own that does this work under its Lease. */
async function runOf(work: Work) {
  const { name, repository } = await repositories.openNew();
  const run = { request: REQUEST, progress: log.progress, cluster, repository };
  return { name, done: withLease(run, cluster, new AbortController().signal, work) };
}

const holder = async () => JSON.stringify((await given.cluster.read(LEASE))?.spec ?? {});
const never = async (signal: AbortSignal) =>
  await new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

/** Lets the time pass, tick by tick of the Lease. */
async function pass(seconds: number, until: AbortSignal): Promise<void> {
  for (let second = 0; second < seconds && !until.aborted; second += 1) {
    clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a run with a Lease', () => {
  it('whose Lease another run takes ends its push, and leaves the clean-up to that run', async () => {
    const lost = Promise.withResolvers<void>();
    repositories.server.beforePush = async () => {
      await given.cluster.patch(LEASE, { spec: { holderIdentity: 'r2' } });
      clock.advance(10_000);
      await lost.promise;
    };
    const { name, done } = await runOf(async (run) => {
      await run.cluster.create(SECRET);
      return (await run.repository.push(changeOf('A: 1\n'))).commit;
    });
    await expect(done).rejects.toMatchObject({ code: 'lease-lost' });
    lost.resolve();
    expect(await repositories.server.log(name)).toEqual(['Change README.md']);
    expect(await given.cluster.read(SECRET)).toBeDefined();
    expect(await holder()).toContain('"r2"');
  });

  it('that cannot renew its Lease ends, deletes what is its own, and gives the Lease back', async () => {
    const { done } = await runOf(async (run, signal) => {
      await run.cluster.create(SECRET);
      given.proxy.add({ method: 'PUT', path: LEASES, fault: { kind: 'answer', status: 403 } });
      void pass(30, signal);
      return await never(signal);
    });
    await expect(done).rejects.toMatchObject({ code: 'lease-not-renewed' });
    expect(await given.cluster.read(SECRET)).toBeUndefined();
    expect(await given.cluster.read(LEASE)).toBeUndefined();
    expect(log.warnings).toEqual([]);
  });

  it('changes nothing after the time of its Lease, though no timer has noticed it', async () => {
    const { name, done } = await runOf(async (run) => {
      clock.stepWall(25_000);
      await expect(run.cluster.create(SECRET)).rejects.toMatchObject({ code: 'lease-not-renewed' });
      return (await run.repository.push(changeOf('A: 1\n'))).commit;
    });
    await expect(done).rejects.toMatchObject({ code: 'lease-not-renewed' });
    expect(given.proxy.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/secrets'))).toEqual(
      [],
    );
    expect(await repositories.server.log(name)).toEqual(['Change README.md']);
  });

  it('that is complete stays so where its Lease cannot be given back: a warning', async () => {
    given.proxy.add({ method: 'DELETE', path: LEASES, fault: { kind: 'answer', status: 403 } });
    const { done } = await runOf(async () => 'complete');
    expect(await done).toBe('complete');
    expect(log.warnings).toEqual([
      expect.stringMatching(/^Lease launchpad-school in namespace argocd could not be deleted/),
    ]);
  });

  it('that fails fails with its own error where its Lease cannot be given back', async () => {
    given.proxy.add({ method: 'DELETE', path: LEASES, fault: { kind: 'answer', status: 403 } });
    const { done } = await runOf(async () => {
      throw new Error('the real one');
    });
    await expect(done).rejects.toThrow('the real one');
    expect(log.warnings).toHaveLength(1);
  });
});
