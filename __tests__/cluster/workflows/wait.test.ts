import { type FaultProxy, startFaultProxy } from '../../../sandbox/faults/proxy.ts';
import { type KubernetesServer, startKubernetes } from '../../../sandbox/kubernetes/server.ts';
import { Cluster } from '../../../src/cluster/api/client.ts';
import type { ContainerStatus, PodObject, WorkflowObject } from '../../../src/cluster/objects/workflow-objects.ts';
import { type StepWatches, stepWatches } from '../../../src/cluster/workflows/step-watches.ts';
import { waitForWorkflows } from '../../../src/cluster/workflows/wait.ts';
import type { WorkflowOutcome } from '../../../src/cluster/workflows/wait-state.ts';
import { FakeClock } from '../../fake-clock.ts';
import { eventually } from '../../scenarios/outcome.ts';

let server: KubernetesServer;
let proxy: FaultProxy;
let cluster: Cluster;
let watches: StepWatches;
beforeEach(async () => {
  server = await startKubernetes();
  proxy = await startFaultProxy(server.kubeconfig());
  cluster = await Cluster.connect({ source: { kind: 'content', text: proxy.kubeconfig } });
  watches = stepWatches(cluster, 'run=r');
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'school' } });
});
afterEach(async () => {
  await cluster.close();
  await proxy.stop();
  await server.stop();
});

const labels = { run: 'r' };
const WORKFLOW = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow' };
const POD = { apiVersion: 'v1', kind: 'Pod' };

const submit = (name: string) => cluster.create({ ...WORKFLOW, metadata: { name, namespace: 'school', labels } });
const argoSays = (name: string, status: NonNullable<WorkflowObject['status']>) =>
  cluster.patch({ ...WORKFLOW, metadata: { name, namespace: 'school' } }, { status });
const makePod = (name: string) =>
  cluster.create({
    ...POD,
    metadata: { name, namespace: 'school', labels: { ...labels, 'workflows.argoproj.io/workflow': name } },
    status: { phase: 'Pending' },
  });
const podIs = (name: string, pod: Pick<PodObject, 'spec' | 'status'>) =>
  cluster.patch({ ...POD, metadata: { name, namespace: 'school' } }, pod);
const containerIs = (name: string, state: NonNullable<ContainerStatus['state']>) =>
  podIs(name, { status: { containerStatuses: [{ name: 'main', state }] } });
const happens = (name: string, type: string, reason: string, message: string) =>
  cluster.create({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${reason.toLowerCase()}`, namespace: 'school' },
    type,
    reason,
    message,
    involvedObject: { kind: 'Pod', name },
  });
const end = (name: string, phase: string, message = '') =>
  argoSays(name, { phase, message, finishedAt: new Date().toISOString() });

/** A running wait and its reports so far; the test moves its clock. */
function wait(names: readonly string[], options: { timeoutMs?: number } = {}) {
  const changes: string[] = [];
  const problems: string[] = [];
  const heldUp: string[][] = [];
  const ended: WorkflowOutcome[] = [];
  const cancel = new AbortController();
  const clock = new FakeClock();
  const done = waitForWorkflows(cluster, {
    namespace: 'school',
    watches,
    names,
    timeoutMs: options.timeoutMs ?? 60_000,
    clock,
    signal: cancel.signal,
    onChange: (line) => changes.push(line),
    onProblem: (line) => problems.push(line),
    onHeldUp: (now) => heldUp.push(now.map(({ what }) => what)),
    onOutcome: (outcome) => ended.push(outcome),
  });
  const changed = (line: string) => eventually(() => changes.some((change) => change.includes(line)));
  return { changes, problems, heldUp, ended, done, cancel, changed, clock };
}

describe('the wait', () => {
  it('reports each change of a workflow and of its pod once', async () => {
    await submit('mysql-1');
    const { changes, problems, done, changed, clock } = wait(['mysql-1']);
    await argoSays('mysql-1', { phase: 'Running' });
    await changed('Accepted');
    await makePod('mysql-1');
    await changed('waiting for a node');
    await podIs('mysql-1', { spec: { nodeName: 'node-7' } });
    await changed('Scheduled');
    clock.advance(3_000);
    await happens('mysql-1', 'Normal', 'Pulling', 'Pulling image "node:24-alpine"');
    await changed('Pulling');
    await happens('mysql-1', 'Normal', 'Pulled', 'Successfully pulled image "node:24-alpine" in 2s');
    await changed('Starting');
    await containerIs('mysql-1', { running: {} });
    await changed(': Running');
    await containerIs('mysql-1', { running: {}, terminated: { exitCode: 0, reason: 'Completed' } });
    await changed('Finishing');
    await end('mysql-1', 'Succeeded');
    const [outcome] = await done;
    expect(outcome).toMatchObject({ name: 'mysql-1', phase: 'Succeeded' });
    expect(problems).toEqual([]);
    expect(changes.map((line) => line.replace(/after \d+ s/, 'after n s'))).toEqual([
      'mysql-1: Accepted by Argo Workflows',
      'mysql-1: Pending: waiting for a node',
      'mysql-1: Scheduled on node-7',
      'mysql-1: Pulling image node:24-alpine',
      'mysql-1: Starting',
      'mysql-1: Running',
      'mysql-1: Finishing (pod exited with code 0)',
      'mysql-1: Succeeded after n s',
    ]);
  });

  it('looks at the events only where a program does not begin to run, or after half a minute', async () => {
    await submit('mysql-1');
    await makePod('mysql-1');
    await containerIs('mysql-1', { running: {} });
    const { done, changed, clock } = wait(['mysql-1']);
    const asked = () => proxy.requests.filter(({ path }) => path.endsWith('/events')).length;
    await argoSays('mysql-1', { phase: 'Running' });
    await changed(': Running');
    for (let ms = 0; ms < 27_000; ms += 3_000) {
      clock.advance(3_000);
      await clock.slept(3_000);
    }
    expect(asked()).toBe(0);
    clock.advance(3_000);
    await eventually(() => asked() === 1);
    await end('mysql-1', 'Succeeded');
    await done;
  });

  it('repeats what it waits for after each silence, with the last log line of a running pod', async () => {
    for (const name of ['mysql-1', 'storage-1']) await submit(name);
    // After 15 s without a controller storage-1 would be reported as a problem.
    for (const name of ['mysql-1', 'storage-1']) await argoSays(name, { phase: 'Running' });
    await makePod('mysql-1');
    await containerIs('mysql-1', { running: {} });
    server.logs.set('school/mysql-1', 'MySQL at db:3306: ECONNREFUSED; attempt 4 in 3.1 s\n');
    const { changes, done, changed, clock } = wait(['mysql-1', 'storage-1']);
    await changed('mysql-1: Running');
    await changed('storage-1: Accepted');
    const reminder =
      /^Waiting for mysql-1 \(Running; log: MySQL at db:3306: ECONNREFUSED; attempt 4 in 3\.1 s\), storage-1 \(Accepted by Argo Workflows\): \d+ s so far, 60 s at most\.$/;
    for (const count of [1, 2]) {
      clock.advance(25_000);
      await eventually(() => changes.filter((line) => reminder.test(line)).length === count);
    }
    await end('mysql-1', 'Succeeded');
    await end('storage-1', 'Succeeded');
    await done;
  });

  it.each([
    ['says once that logs cannot be read, as only they show what a running program waits for', 500],
    ['says nothing of the log of a pod that is gone', 404],
  ])('%s', async (_, status) => {
    await submit('mysql-1');
    await argoSays('mysql-1', { phase: 'Running' });
    await makePod('mysql-1');
    await containerIs('mysql-1', { running: {} });
    proxy.add({ path: /\/log\?/, fault: { kind: 'answer', status } });
    const { changes, done, changed, clock } = wait(['mysql-1']);
    await changed('mysql-1: Running');
    const reads = () => proxy.requests.filter(({ path }) => path.endsWith('/log')).length;
    const said = () => changes.filter((line) => line.startsWith('The logs of running pods cannot be read: '));
    for (let ms = 0; ms < 30_000; ms += 500) {
      clock.advance(500);
      await eventually(() => reads() >= Math.floor(ms / 5_000));
    }
    if (status === 500) await eventually(() => said().length > 0);
    await end('mysql-1', 'Succeeded');
    await done;
    const sentence = expect.stringMatching(/ 500 .*What a program waits for is shown when it ends\.$/);
    expect(said()).toEqual(status === 500 ? [sentence] : []);
  });

  it('names what held a workflow up also where Argo ends it at the same limit', async () => {
    await submit('mysql-1');
    const { problems, done } = wait(['mysql-1']);
    await argoSays('mysql-1', { phase: 'Running', message: 'pods "x" is forbidden: exceeded quota: q' });
    await eventually(() => problems.length === 1);
    await argoSays('mysql-1', { phase: 'Running', message: 'Step exceeded its deadline' });
    await end('mysql-1', 'Failed', 'Step exceeded its deadline');
    expect(await done).toMatchObject([{ phase: 'Failed', problem: { code: 'quota-exceeded' } }]);
  });

  it('reports within 15 s what a running program tries again, and what of it is over', async () => {
    await submit('mysql-1');
    await argoSays('mysql-1', { phase: 'Running' });
    await makePod('mysql-1');
    await containerIs('mysql-1', { running: {} });
    const { problems, heldUp, done, changed, clock } = wait(['mysql-1']);
    const refused = {
      launchpad: 'retry',
      code: 'mysql-refused',
      message: 'MySQL at db:3306: the connection is refused.',
      hint: 'Check input mysql-host.',
      host: 'db:3306',
    };
    await changed('mysql-1: Running');
    server.logs.set(
      'school/mysql-1',
      `MySQL at db:3306: ECONNREFUSED; attempt 2 in 0.5 s\n${JSON.stringify(refused)}\n`,
    );
    const reads = () => proxy.requests.filter(({ path }) => path.endsWith('/log')).length;
    const sentence = 'mysql-1: MySQL at db:3306: the connection is refused';
    for (let ms = 0; ms < 15_000; ms += 500) {
      clock.advance(500);
      await eventually(() => reads() >= Math.floor(ms / 5_000));
    }
    await eventually(() => problems.length === 1);
    expect(problems).toEqual([
      `${sentence}. Still waiting; this may resolve by itself. What to do: Check input mysql-host.`,
    ]);
    expect(heldUp).toEqual([[sentence]]);
    server.logs.set('school/mysql-1', 'Creating database school\n');
    clock.advance(5_000);
    await eventually(() => heldUp.length === 2);
    expect(heldUp.at(-1)).toEqual([]);
    await end('mysql-1', 'Succeeded');
    await done;
  });

  it('reports a failed workflow at once, and still waits for the others', async () => {
    for (const name of ['mysql-1', 'storage-1']) await submit(name);
    const { ended, done } = wait(['mysql-1', 'storage-1']);
    await end('mysql-1', 'Failed', 'main: Error (exit code 1)');
    await eventually(() => ended.length === 1);
    expect(ended[0]).toMatchObject({ name: 'mysql-1', phase: 'Failed', message: 'main: Error (exit code 1)' });
    await end('storage-1', 'Succeeded');
    expect((await done).map(({ phase }) => phase)).toEqual(['Failed', 'Succeeded']);
  });

  it('ends after the time limit with the last status of the others', async () => {
    await submit('mysql-1');
    await argoSays('mysql-1', { phase: 'Running' });
    const { done, changed, clock } = wait(['mysql-1'], { timeoutMs: 3_000 });
    await changed('Accepted');
    clock.advance(3_000);
    const [outcome] = await done;
    expect(outcome).toMatchObject({ phase: 'TimedOut', message: 'Accepted by Argo Workflows' });
  });

  it('ends with the reason of its signal', async () => {
    await submit('mysql-1');
    const { done, cancel } = wait(['mysql-1']);
    cancel.abort(new Error('somebody cancelled'));
    await expect(done).rejects.toThrow('somebody cancelled');
  });

  it('ends for a workflow that somebody deletes', async () => {
    await submit('mysql-1');
    await argoSays('mysql-1', { phase: 'Running' });
    const { done, changed } = wait(['mysql-1']);
    await changed('Accepted');
    await cluster.delete({ ...WORKFLOW, metadata: { name: 'mysql-1', namespace: 'school' } });
    expect((await done)[0]).toMatchObject({ phase: 'Deleted' });
  });
});

describe('a problem', () => {
  it('is reported once while an image pull is retried, and the wait continues', async () => {
    await submit('mysql-1');
    await argoSays('mysql-1', { phase: 'Running' });
    await makePod('mysql-1');
    const { problems, done } = wait(['mysql-1']);
    for (const reason of ['ErrImagePull', 'ImagePullBackOff', 'ErrImagePull']) {
      await containerIs('mysql-1', { waiting: { reason, message: 'image "x"' } });
      await eventually(() => problems.length === 1);
    }
    await podIs('mysql-1', { status: { containerStatuses: [{ name: 'main', state: { running: {} } }] } });
    await end('mysql-1', 'Succeeded');
    expect((await done)[0]?.phase).toBe('Succeeded');
    expect(problems).toEqual([
      expect.stringMatching(
        /^mysql-1: an image of its pod cannot be pulled: ErrImagePull: image "x"\. Still waiting; this may resolve by itself\. What to do: Check input provisioner-image/,
      ),
    ]);
  });

  it('is reported again when the scheduler has another reason', async () => {
    await submit('mysql-1');
    await argoSays('mysql-1', { phase: 'Running' });
    await makePod('mysql-1');
    const { problems, done, clock } = wait(['mysql-1']);
    const reported = async (count: number) =>
      await eventually(() => {
        clock.advance(1_000);
        return problems.length === count;
      });
    const unschedulable = (message: string) =>
      podIs('mysql-1', {
        status: { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] },
      });
    await unschedulable('0/2 nodes are available: 2 Insufficient cpu.');
    await reported(1);
    await unschedulable('0/2 nodes are available: 2 node(s) had untolerated taint {team: blue}.');
    await reported(2);
    expect(problems[0]).toContain('2 Insufficient cpu');
    expect(problems[1]).toContain('untolerated taint');
    await end('mysql-1', 'Failed');
    await done;
  });

  it('ends the wait at once where a pod can never start, and the others are waited for', async () => {
    for (const name of ['mysql-1', 'storage-1']) await submit(name);
    await argoSays('mysql-1', { phase: 'Running' });
    await makePod('mysql-1');
    const { problems, done, changed } = wait(['mysql-1', 'storage-1']);
    await containerIs('mysql-1', { waiting: { reason: 'InvalidImageName', message: 'invalid reference format' } });
    await changed('mysql-1: Never starts: invalid image name');
    await end('storage-1', 'Succeeded');
    const outcomes = await done;
    expect(outcomes.map(({ phase }) => phase)).toEqual(['NeverStarts', 'Succeeded']);
    expect(outcomes[0]?.problem?.code).toBe('image-name');
    expect(problems).toEqual([]);
  });

  it('ends the wait where no node takes the pod for a minute, and no autoscaler adds one', async () => {
    await submit('mysql-1');
    await argoSays('mysql-1', { phase: 'Running' });
    await makePod('mysql-1');
    const { problems, done, clock } = wait(['mysql-1'], { timeoutMs: 600_000 });
    const unschedulable = (message: string) =>
      podIs('mysql-1', {
        status: { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] },
      });
    const reported = (words: string) =>
      eventually(() => {
        clock.advance(1_000);
        return problems.at(-1)?.includes(words) === true;
      });
    await unschedulable('0/1 nodes are available: 1 Insufficient cpu.');
    await reported('1 Insufficient cpu. Still waiting until a node is added or has room. What to do: Add nodes');
    clock.advance(200_000);
    await unschedulable(
      '0/1 nodes are available: 1 node(s) had untolerated taint {team: blue}. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    );
    await reported('untolerated taint');
    expect(problems.at(-1)).toContain('. The run fails if this lasts 60 s. What to do: ');
    expect(await Promise.race([done, Promise.resolve('waits')])).toBe('waits');
    clock.advance(60_000);
    expect((await done)[0]).toMatchObject({ phase: 'NeverStarts', problem: { code: 'unschedulable' } });
  });

  it('is not reported if it resolves quickly', async () => {
    await submit('mysql-1');
    await argoSays('mysql-1', { phase: 'Running' });
    await makePod('mysql-1');
    const { problems, done, changed, clock } = wait(['mysql-1']);
    clock.advance(3_000);
    await happens('mysql-1', 'Warning', 'FailedMount', 'failed to sync configmap cache: timed out');
    await containerIs('mysql-1', { running: {} });
    await changed(': Running');
    await end('mysql-1', 'Succeeded');
    await done;
    expect(problems).toEqual([]);
  });

  it('is reported when the API server stops answering, with the retry limit, and when it answers again', async () => {
    await submit('mysql-1');
    const { problems, changes, done, clock } = wait(['mysql-1'], { timeoutMs: 30_000 });
    const isWatch = /watch=true/;
    clock.advance(3_000);
    await eventually(() => proxy.requests.filter(({ query }) => isWatch.test(query)).length === 3);
    proxy.add({ path: isWatch, fault: { kind: 'drop', when: 'before' } });
    proxy.dropWatches();
    await eventually(() => problems.length === 1);
    expect(problems[0]).toMatch(
      /gave no answer to GET .*\. Retrying for (2\d|30) s at most; the workflows keep running/,
    );
    proxy.clear();
    await eventually(() => changes.some((line) => /answers again, after \d+ s\.$/.test(line)));
    await end('mysql-1', 'Succeeded');
    await done;
    expect(problems).toHaveLength(1);
  });

  it.each([
    ['their list', /\/workflows\?limit/],
    ['their watch', /\/workflows\?.*watch=true/],
  ])('is named in the end where %s cannot be read, though pods and events can', async (_, path) => {
    await submit('mysql-1');
    proxy.add({ path, fault: { kind: 'answer', status: 503 } });
    // All is listed after a first watch that ends.
    proxy.add({ path: /\/workflows\?.*watch=true/, times: 1, fault: { kind: 'answer', status: 410 } });
    const { problems, changes, done, clock } = wait(['mysql-1'], { timeoutMs: 3_000 });
    await eventually(() => problems.length > 0);
    clock.advance(3_000);
    const [outcome] = await done;
    expect(outcome).toMatchObject({
      phase: 'TimedOut',
      message: expect.stringMatching(/its state cannot be read: .* 503/),
    });
    expect(problems).toEqual([expect.stringMatching(/503 .*Retrying for \d s at most/)]);
    expect(changes.filter((line) => line.includes('answers again'))).toEqual([]);
  });
});
