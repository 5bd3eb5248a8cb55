import { Cluster } from '../../../src/cluster/api/client.ts';
import { createPasswordSecret, listSecrets } from '../../../src/cluster/namespace/secrets.ts';
import type { KubeObject } from '../../../src/cluster/objects/objects.ts';
import { POD_TYPE, WORKFLOW_LABEL, WORKFLOW_TYPE } from '../../../src/cluster/objects/workflow-objects.ts';
import {
  awaitEnd,
  cleanUpRun,
  deleteSecretsOf,
  endPreviousRuns,
  terminateWorkflows,
} from '../../../src/cluster/workflows/cleanup.ts';
import { KINDS } from '../../../src/core/kinds.ts';
import { FakeClock } from '../../fake-clock.ts';
import { argoWrites, finish, type Given, givenCluster, keptProgress, submissionOf, submit } from './given.ts';

let given: Given;
let clock: FakeClock;
beforeEach(async () => {
  given = await givenCluster();
  clock = new FakeClock({ isAutomatic: true });
});
afterEach(async () => await given.stop());

const submitRun = async (run: string) => await submit(given.cluster, submissionOf(run));

/** Names of the Secrets that exist. */
async function temporary(): Promise<string[]> {
  const { items } = await given.cluster.list({ apiVersion: 'v1', kind: 'Secret', namespace: 'school' });
  return items.map(({ metadata }) => metadata?.name ?? '').toSorted();
}

async function shutdowns(): Promise<string[]> {
  const { items } = await given.cluster.list({ ...WORKFLOW_TYPE, namespace: 'school' });
  return items
    .filter(({ spec }) => JSON.stringify(spec).includes('"shutdown":"Terminate"'))
    .map(({ metadata }) => metadata?.name ?? '')
    .toSorted();
}

async function createPod(workflow: string, phase: string): Promise<void> {
  const metadata = { name: workflow, namespace: 'school', labels: { [WORKFLOW_LABEL]: workflow } };
  await given.cluster.create({ ...POD_TYPE, metadata, status: { phase } });
}

describe('terminating workflows', () => {
  it('terminates the unfinished ones of the run', async () => {
    await submitRun('r1');
    await submitRun('r2');
    await finish(given.cluster, 'mysql-provision-r1', 'Succeeded');
    const names = await terminateWorkflows(given.cluster, 'school', { only: 'r1' });
    expect(names.toSorted()).toEqual(['mongodb-provision-r1', 'storage-provision-r1']);
    expect(await shutdowns()).toEqual(['mongodb-provision-r1', 'storage-provision-r1']);
  });

  it('terminates those of all other runs', async () => {
    await submitRun('r1');
    await submitRun('r2');
    await terminateWorkflows(given.cluster, 'school', { except: 'r2' });
    expect(await shutdowns()).toEqual(['mongodb-provision-r1', 'mysql-provision-r1', 'storage-provision-r1']);
  });
});

describe('waiting for the end of workflows', () => {
  it('waits for the pods, too', async () => {
    await submitRun('r1');
    await argoWrites(given.cluster, 'mysql-provision-r1', { phase: 'Running' });
    await createPod('mysql-provision-r1', 'Running');
    await finish(given.cluster, 'mysql-provision-r1', 'Failed');
    expect(await awaitEnd(given.cluster, 'school', ['mysql-provision-r1'], { limitMs: 2_000, clock })).toEqual([
      'mysql-provision-r1',
    ]);
    const pod = { ...POD_TYPE, metadata: { name: 'mysql-provision-r1', namespace: 'school' } };
    await given.cluster.patch(pod, { status: { phase: 'Failed' } });
    expect(await awaitEnd(given.cluster, 'school', ['mysql-provision-r1'], { limitMs: 2_000, clock })).toEqual([]);
  });

  it('does not wait for a Workflow that no controller has processed after 12 s', async () => {
    await submitRun('r1');
    expect(await awaitEnd(given.cluster, 'school', ['mysql-provision-r1'], { limitMs: 60_000, clock })).toEqual([]);
    expect(clock.monotonicMs()).toBeGreaterThan(12_000);
    expect(clock.monotonicMs()).toBeLessThan(14_000);
  });

  it('ends with the reason of its signal', async () => {
    await submitRun('r1');
    const signal = AbortSignal.abort(new Error('cancelled'));
    const wait = awaitEnd(given.cluster, 'school', ['mysql-provision-r1'], { limitMs: 60_000, signal, clock });
    await expect(wait).rejects.toThrow('cancelled');
  });
});

it.each([
  ['at once', false],
  ['one after the other, without the permission to delete them at once', true],
])('deletes the Secrets of the run, and no other, %s', async (_, isDenied) => {
  given.server.access.deny(({ verb }) => isDenied && verb === 'deletecollection');
  await submitRun('r1');
  await submitRun('r2');
  expect(await createPasswordSecret(given.cluster, 'school', 'r1')).toBe(true);
  const metadata = { name: 'launchpad-seed', namespace: 'school' };
  await given.cluster.create({ apiVersion: 'v1', kind: 'Secret', metadata });
  await deleteSecretsOf(given.cluster, 'school', 'r1', false);
  const ofR2 = ['mongodb', 'mysql', 'storage'].map((kind) => `launchpad-provision-${kind}-r2`);
  expect(await temporary()).toEqual([...ofR2, 'launchpad-seed'].toSorted());
  // One that an earlier run has left is this run's as well.
  expect(await createPasswordSecret(given.cluster, 'school', 'r0')).toBe(true);
  expect(await createPasswordSecret(given.cluster, 'school', 'r2')).toBe(false);
  await deleteSecretsOf(given.cluster, 'school', 'r2', true);
  expect(await temporary()).toEqual(['launchpad-seed']);
});

describe('ending previous runs', () => {
  it('deletes their temporary objects once their workflows have ended', async () => {
    await submitRun('r1');
    const lines: string[] = [];
    const onLine = (line: string) => lines.push(line);
    await endPreviousRuns(given.cluster, 'school', 'r2', { limitMs: 60_000, clock, onLine });
    expect(await temporary()).toEqual([]);
    expect(lines).toHaveLength(1);
  });

  it('fails and keeps the Secrets while a pod is still running', async () => {
    await submitRun('r1');
    await createPod('mysql-provision-r1', 'Running');
    const before = await temporary();
    await expect(
      endPreviousRuns(given.cluster, 'school', 'r2', { limitMs: 60_000, clock, onLine: () => undefined }),
    ).rejects.toMatchObject({ code: 'workflows-running', message: expect.stringContaining('mysql-provision-r1') });
    expect(await temporary()).toEqual(before);
  });

  describe('where the Secrets of the instance are known', () => {
    const end = async (secrets: readonly KubeObject[]) => {
      const first = given.proxy.requests.length;
      const options = { limitMs: 60_000, clock, onLine: () => undefined, secrets };
      await endPreviousRuns(given.cluster, 'school', 'r2', options);
      return given.proxy.requests.slice(first).filter(({ method }) => method === 'DELETE').length;
    };

    it('deletes nothing where none is temporary, or only this run has some', async () => {
      await createPasswordSecret(given.cluster, 'school', 'r2');
      expect(await end(await listSecrets(given.cluster, 'school'))).toBe(0);
      await submitRun('r2');
      expect(await end(await listSecrets(given.cluster, 'school'))).toBe(0);
      expect(await temporary()).toHaveLength(4);
    });

    it('deletes what a run whose workflows have ended has left', async () => {
      await submitRun('r1');
      for (const kind of KINDS) await finish(given.cluster, `${kind}-provision-r1`, 'Succeeded');
      await end(await listSecrets(given.cluster, 'school'));
      expect(await temporary()).toEqual([]);
    });

    it('deletes what a run created between the list and its end', async () => {
      const secrets = await listSecrets(given.cluster, 'school');
      await submitRun('r1');
      await end(secrets);
      expect(await temporary()).toEqual([]);
    });
  });
});

describe('the clean-up of a run', () => {
  const RUN = { instance: 'school', run: { id: 'r1' } };

  it('terminates the workflows and deletes the temporary objects', async () => {
    await submitRun('r1');
    const { infos, warnings, progress } = keptProgress();
    await cleanUpRun(given.cluster, RUN, progress, { clock });
    expect(infos).toEqual([expect.stringMatching(/^Terminating .*mysql-provision-r1/)]);
    expect(warnings).toEqual([]);
    expect(await temporary()).toEqual([]);
    expect(await shutdowns()).toHaveLength(3);
  });

  it('names the workflows that are still running, and keeps their Secrets', async () => {
    await submitRun('r1');
    await createPod('mysql-provision-r1', 'Running');
    const before = await temporary();
    const { warnings, progress } = keptProgress();
    await cleanUpRun(given.cluster, RUN, progress, { clock });
    expect(warnings).toEqual([expect.stringContaining('mysql-provision-r1. Their Secrets')]);
    expect(clock.monotonicMs()).toBeGreaterThan(60_000);
    expect(await temporary()).toEqual(before);
  });

  it('warns and does not throw when the API server refuses', async () => {
    await submitRun('r1');
    given.proxy.add({ path: /workflows/, fault: { kind: 'answer', status: 403 } });
    const { warnings, progress } = keptProgress();
    await cleanUpRun(given.cluster, RUN, progress, { clock });
    expect(warnings).toEqual([expect.stringContaining('clean-up of school')]);
  });

  it('begins again while the API server gives no answer, for longer than one request does', async () => {
    await submitRun('r1');
    const automatic = new FakeClock({ isAutomatic: true });
    const source = { kind: 'content', text: given.proxy.kubeconfig } as const;
    const cluster = await Cluster.connect({ source }, { clock: automatic });
    given.proxy.add({ path: /./, fault: { kind: 'drop', when: 'before' } });
    const { warnings, progress } = keptProgress();
    const done = cleanUpRun(cluster, RUN, progress, { clock: automatic });
    while (automatic.monotonicMs() < 90_000) await new Promise((resolve) => setImmediate(resolve));
    given.proxy.clear();
    await done;
    expect(warnings).toEqual([]);
    expect(await temporary()).toEqual([]);
    await cluster.close();
  });

  it('does nothing when the run left nothing', async () => {
    const { infos, warnings, progress } = keptProgress();
    await cleanUpRun(given.cluster, RUN, progress, { clock });
    expect([infos, warnings]).toEqual([[], []]);
  });
});
