import { POD_TYPE, WORKFLOW_LABEL, WORKFLOW_TYPE } from '../../../src/cluster/objects/workflow-objects.ts';
import { WorkflowFailed } from '../../../src/cluster/workflows/diagnosis.ts';
import { readPodLog } from '../../../src/cluster/workflows/pod-report.ts';
import { stepWatches } from '../../../src/cluster/workflows/step-watches.ts';
import { awaitSuccess } from '../../../src/cluster/workflows/success.ts';
import { collectResults } from '../../../src/cluster/workflows/workflow-records.ts';
import type { Kind } from '../../../src/core/kinds.ts';
import { FakeClock } from '../../fake-clock.ts';
import { eventually } from '../../scenarios/outcome.ts';
import { finish, type Given, givenCluster, keptProgress, submissionOf, submit } from './given.ts';

let given: Given;
beforeEach(async () => {
  given = await givenCluster();
});
afterEach(async () => await given.stop());

const NO_TEMPLATE = 'workflowtemplates.argoproj.io "launchpad-provision-mysql" not found';

/** Submits the Workflows, and waits until all have succeeded. */
async function start(kinds: readonly Kind[]) {
  const clock = new FakeClock();
  const submission = submissionOf('r1', kinds);
  const submitted = await submit(given.cluster, submission);
  const kept = keptProgress();
  const { signal } = new AbortController();
  const { progress } = kept;
  const watches = stepWatches(given.cluster, 'launchpad-provision/run=r1');
  const options = { instance: 'school', run: 'r1', watches, timeoutMs: 600_000, signal, progress, clock };
  const done = awaitSuccess(given.cluster, submission, submitted, options);
  done.catch(() => undefined);
  return { clock, done, ...kept };
}

async function existing(): Promise<string[]> {
  const { items } = await given.cluster.list({ ...WORKFLOW_TYPE, namespace: 'school' });
  return items.map(({ metadata }) => metadata?.name ?? '').toSorted();
}

describe('waiting for success', () => {
  it('gives the outcome of each workflow, with the address that a vendor gave it', async () => {
    const { done } = await start(['mysql', 'storage']);
    const server = { useSsl: true, authMechanism: 'SCRAM-SHA-256' };
    const value = JSON.stringify({ host: 'db.example.org', port: 25060, useSsl: true, server });
    const parameters = [{ name: 'connection', value }];
    const node = { id: 'mysql-provision-r1', type: 'Pod', phase: 'Succeeded', outputs: { exitCode: '0', parameters } };
    await finish(given.cluster, 'mysql-provision-r1', 'Succeeded', { nodes: { 'mysql-provision-r1': node } });
    await finish(given.cluster, 'storage-provision-r1', 'Succeeded');
    const connection = { host: 'db.example.org', port: 25060, replicaSet: undefined, useSsl: true };
    expect(await done).toMatchObject([
      { kind: 'mysql', name: 'mysql-provision-r1', phase: 'Succeeded', connection, server },
      { kind: 'storage', name: 'storage-provision-r1', phase: 'Succeeded', connection: undefined },
    ]);
  });

  it.each(['', '{', '[]', '{"host":"db"}', '{"server":1}'])('ignores the connection %j', async (value) => {
    const { done } = await start(['mysql']);
    const outputs = { parameters: [{ name: 'connection', value }] };
    const nodes = { 'mysql-provision-r1': { id: 'mysql-provision-r1', type: 'Pod', outputs } };
    await finish(given.cluster, 'mysql-provision-r1', 'Succeeded', { nodes });
    expect((await done)[0]).toMatchObject({ connection: undefined, server: undefined });
  });

  it("fails with the provisioner's own error, after the others have ended", async () => {
    const { done, infos } = await start(['mysql', 'storage']);
    const metadata = {
      name: 'mysql-provision-r1',
      namespace: 'school',
      labels: { [WORKFLOW_LABEL]: 'mysql-provision-r1' },
    };
    await given.cluster.create({ ...POD_TYPE, metadata, status: { phase: 'Failed' } });
    const error = { launchpad: 'error', code: 'mysql-access-denied', message: 'MySQL denies the login.' };
    given.server.logs.set('school/mysql-provision-r1', JSON.stringify(error));
    await finish(given.cluster, 'mysql-provision-r1', 'Failed', { message: 'exit code 1' });
    await eventually(() => infos.some((line) => line.startsWith('MySQL: login denied')));
    await finish(given.cluster, 'storage-provision-r1', 'Succeeded');
    await expect(done).rejects.toMatchObject({ code: 'mysql-access-denied', message: 'MySQL denies the login.' });
  });

  describe('where the API server reaches no kubelet', () => {
    /** A pod whose program wrote that as its termination message. */
    async function ended(exitCode: number, reason: string, report: object): Promise<void> {
      const metadata = {
        name: 'mysql-provision-r1',
        namespace: 'school',
        labels: { [WORKFLOW_LABEL]: 'mysql-provision-r1' },
      };
      const terminated = { exitCode, reason, message: `${JSON.stringify(report)}\n` };
      const status = { phase: 'Failed', containerStatuses: [{ name: 'main', state: { terminated } }] };
      await given.cluster.create({ ...POD_TYPE, metadata, status });
    }
    const logRequests = () => given.proxy.requests.filter(({ path }) => path.endsWith('/log'));

    it.each([500, 502, 503, 403])(
      "tells the provisioner's error all the same, and asks for the log once (%i)",
      async (status) => {
        const { done, infos } = await start(['mysql']);
        given.proxy.add({ path: /\/log/, fault: { kind: 'answer', status } });
        const before = logRequests().length;
        await ended(1, 'Error', {
          launchpad: 'error',
          code: 'mysql-access-denied',
          message: 'MySQL denies the login.',
        });
        await finish(given.cluster, 'mysql-provision-r1', 'Failed', { message: 'main: Error (exit code 1)' });
        await expect(done).rejects.toMatchObject({ code: 'mysql-access-denied', message: 'MySQL denies the login.' });
        expect(logRequests().length - before).toBe(1);
        expect(infos.filter((line) => line.startsWith('  log not read: '))).toEqual([
          expect.stringContaining(String(status)),
        ]);
      },
    );

    it('a kubelet that is silent is waited for a moment only', async () => {
      given.proxy.add({ path: /\/log/, fault: { kind: 'delay', ms: 500 } });
      await ended(0, 'Completed', {});
      await expect(readPodLog(given.cluster, 'school', 'mysql-provision-r1', 50)).rejects.toThrow(
        'No answer within 0.05 s.',
      );
    });

    it('knows what became of the resources without a log', async () => {
      const { done, progress } = await start(['mysql']);
      const resource = { kind: 'MySQL database', name: 'school', state: 'created' };
      await ended(0, 'Completed', { launchpad: 'result', resources: [resource] });
      await finish(given.cluster, 'mysql-provision-r1', 'Succeeded');
      await done;
      const before = logRequests().length;
      expect(await collectResults(given.cluster, { instance: 'school', run: { id: 'r1' } }, progress)).toEqual([
        resource,
      ]);
      expect(logRequests().length).toBe(before);
    });
  });

  it('collects the failures of several workflows', async () => {
    const { done } = await start(['mysql', 'storage']);
    await finish(given.cluster, 'mysql-provision-r1', 'Failed', { message: 'a' });
    await finish(given.cluster, 'storage-provision-r1', 'Error', { message: 'b' });
    const error = await done.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AggregateError);
    const errors = [expect.any(WorkflowFailed), expect.any(WorkflowFailed)];
    expect(error).toMatchObject({ message: '2 of 2 workflows failed.', errors });
  });

  it('submits a workflow again whose template Argo did not know yet, and only that one', async () => {
    const { done, infos, progress } = await start(['mysql', 'storage']);
    await finish(given.cluster, 'mysql-provision-r1', 'Error', { message: NO_TEMPLATE });
    await finish(given.cluster, 'storage-provision-r1', 'Succeeded');
    await eventually(() => infos.some((line) => line.includes('submitting again (mysql)')));
    await eventually(async () => (await existing()).includes('mysql-provision-r1-2'));
    expect(await existing()).toEqual(['mysql-provision-r1', 'mysql-provision-r1-2', 'storage-provision-r1']);
    await finish(given.cluster, 'mysql-provision-r1-2', 'Succeeded');
    expect((await done).map(({ name }) => name).toSorted()).toEqual(['mysql-provision-r1-2', 'storage-provision-r1']);
    expect(progress.recorded.workflows.some(({ name }) => name === 'mysql-provision-r1-2')).toBe(true);
  });

  it('fails when the template is still missing at the third attempt', async () => {
    const { done } = await start(['mysql']);
    for (const name of ['mysql-provision-r1', 'mysql-provision-r1-2', 'mysql-provision-r1-3']) {
      await eventually(async () => (await existing()).includes(name));
      await finish(given.cluster, name, 'Error', { message: NO_TEMPLATE });
    }
    await expect(done).rejects.toMatchObject({ code: 'template-missing' });
    expect(await existing()).toHaveLength(3);
  });

  it('terminates those that have not ended after the time limit', async () => {
    const { done, clock, infos } = await start(['mysql', 'storage']);
    await finish(given.cluster, 'storage-provision-r1', 'Succeeded');
    await eventually(() => infos.some((line) => line.startsWith('storage-provision-r1: Succeeded')));
    clock.advance(600_000);
    await expect(done).rejects.toMatchObject({ diagnosis: { phase: 'TimedOut', workflow: 'mysql-provision-r1' } });
    const { items } = await given.cluster.list({ ...WORKFLOW_TYPE, namespace: 'school' });
    const shutdown = items.filter(({ spec }) => JSON.stringify(spec).includes('Terminate'));
    expect(shutdown.map(({ metadata }) => metadata?.name)).toEqual(['mysql-provision-r1']);
  });
});
