import { deleteApplications, waitForApplicationDeletion } from '../../../src/cluster/argocd/application-deletion.ts';
import type { ApplicationObject } from '../../../src/cluster/argocd/application-status.ts';
import { deleteNamespace } from '../../../src/cluster/namespace/namespace-deletion.ts';
import { REMIND_MS } from '../../../src/core/reminder.ts';
import { FakeClock } from '../../fake-clock.ts';
import { type Given, givenCluster } from '../workflows/given.ts';

const WAIT_MS = 60_000;
const NAME = 'school-production';
const REF = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: NAME, namespace: 'argocd' },
};
const HELD = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'data', namespace: 'school' } };

let given: Given;
let clock: FakeClock;
let lines: string[];
beforeEach(async () => {
  clock = new FakeClock();
  lines = [];
  given = await givenCluster(clock);
  await given.cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } });
});
afterEach(async () => await given.stop());

const options = () => ({
  waitMs: WAIT_MS,
  signal: new AbortController().signal,
  onLine: (line: string) => lines.push(line),
});

/** An Application with an object that it is to delete, and that a finalizer holds. */
async function application(): Promise<ApplicationObject> {
  await given.cluster.create({ ...HELD, metadata: { ...HELD.metadata, finalizers: ['example.org/hold'] } });
  return await given.cluster.create({
    ...REF,
    metadata: { ...REF.metadata, labels: { 'launchpad-provision/instance': 'school' } },
    spec: { destination: { namespace: 'school' } },
    status: { resources: [{ group: '', kind: 'ConfigMap', namespace: 'school', name: 'data' }] },
  });
}

/** What the Application's annotation asks of Argo CD. */
async function refresh(): Promise<string | undefined> {
  return (await given.cluster.read(REF))?.metadata?.annotations?.['argocd.argoproj.io/refresh'];
}

describe('an Application whose deletion stands still', () => {
  it('is refreshed, and the log names what holds it; it goes when Argo CD has looked again', async () => {
    const created = await application();
    await given.cluster.delete(HELD);
    const standing = clock.slept(REMIND_MS);
    const deletion = deleteApplications(given.cluster, 'school', [created], options());
    await standing;
    expect(await refresh()).toBeUndefined();
    const again = clock.slept(REMIND_MS);
    clock.advance(REMIND_MS);
    await again;
    expect(await refresh()).toBe('normal');
    expect(lines.at(-1)).toContain('ConfigMap data (finalizers example.org/hold)');
    expect(lines.at(-1)).toContain('Asked Argo CD to look at it again');
    await given.cluster.patch(REF, { metadata: { finalizers: null } });
    // The watch was opened while the time passed: it may have to be opened again.
    const passing = setInterval(() => clock.advance(1_000), 20);
    expect(await deletion.finally(() => clearInterval(passing))).toEqual([
      { kind: 'Application', name: NAME, state: 'deleted' },
    ]);
  });

  it('is an error after the time limit that names the objects, and a second run finishes', async () => {
    const created = await application();
    await given.cluster.delete(HELD);
    const waiting = clock.slept(WAIT_MS);
    const deletion = deleteApplications(given.cluster, 'school', [created], options());
    await waiting;
    clock.advance(WAIT_MS);
    await expect(deletion).rejects.toMatchObject({
      code: 'application-terminating',
      message: expect.stringContaining('ConfigMap data (finalizers example.org/hold)'),
      remedy: expect.stringContaining('controllers that own the finalizers of these objects'),
    });
    await given.cluster.patch(REF, { metadata: { finalizers: null } });
    expect(await deleteApplications(given.cluster, 'school', [created], options())).toHaveLength(1);
  });

  it('is told without the objects where they cannot be listed', async () => {
    const created = await application();
    await given.cluster.delete(HELD);
    given.server.access.deny(({ verb, resource }) => verb === 'list' && resource === 'configmaps');
    const waiting = clock.slept(WAIT_MS);
    const deletion = deleteApplications(given.cluster, 'school', [created], options());
    await waiting;
    clock.advance(WAIT_MS);
    await expect(deletion).rejects.toMatchObject({
      message: expect.stringMatching(/after 60 s\. Application \S+: [^;]*finalizer[^;]*\.$/),
      remedy: expect.stringContaining('the log of its application controller'),
    });
  });

  it('is refreshed, too, where a run that provisions waits for it', async () => {
    await application();
    await given.cluster.patch(REF, { metadata: { finalizers: ['example.org/argocd'] } });
    await given.cluster.delete(REF);
    const looked = clock.slept(1_000);
    const wait = waitForApplicationDeletion(given.cluster, NAME, options());
    await looked;
    const again = clock.slept(1_000);
    clock.advance(REMIND_MS);
    await again;
    expect(await refresh()).toBe('normal');
    await given.cluster.patch(REF, { metadata: { finalizers: null } });
    clock.advance(1_000);
    await wait;
  });
});

describe('a namespace whose deletion stands still', () => {
  it('is an error that names the objects and their finalizers', async () => {
    await application();
    const namespace = await given.cluster.read({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'school' } });
    const looked = clock.slept(1_000);
    const deletion = deleteNamespace(given.cluster, 'school', namespace?.metadata?.uid ?? '', options());
    await looked;
    // The sandbox's namespace controller writes the condition meanwhile.
    await conditionWritten();
    clock.advance(WAIT_MS + 1_000);
    await expect(deletion).rejects.toMatchObject({
      code: 'namespace-terminating',
      message: expect.stringContaining(
        'Objects that are still being deleted: ConfigMap data (finalizers example.org/hold).',
      ),
    });
  });
});

async function conditionWritten(): Promise<void> {
  for (;;) {
    const namespace = await given.cluster.read({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'school' } });
    if (JSON.stringify(namespace?.status).includes('resource instances')) return;
  }
}
