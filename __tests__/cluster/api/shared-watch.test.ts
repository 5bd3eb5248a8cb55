import type { ClusterError } from '../../../src/cluster/api/errors.ts';
import { SharedWatch } from '../../../src/cluster/api/shared-watch.ts';
import type { KubeObject } from '../../../src/cluster/objects/objects.ts';
import { eventually } from '../../scenarios/outcome.ts';
import { type Given, givenCluster } from '../workflows/given.ts';

const WORKFLOW = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow' };

let given: Given;
let watch: SharedWatch<KubeObject>;
const left: AbortController[] = [];
beforeEach(async () => {
  given = await givenCluster();
  await given.cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'college' } });
  watch = new SharedWatch(given.cluster, WORKFLOW, 'run=r');
});
afterEach(async () => {
  for (const leave of left.splice(0)) leave.abort();
  await given.stop();
});

const create = (namespace: string, name: string, run = 'r') =>
  given.cluster.create({ ...WORKFLOW, metadata: { name, namespace, labels: { run } } });
const finish = (namespace: string, name: string) =>
  given.cluster.patch({ ...WORKFLOW, metadata: { name, namespace } }, { status: { phase: 'Succeeded' } });

/** Paths of the watches that were opened. */
const watched = () => given.proxy.requests.filter(({ query }) => query.includes('watch=true')).map(({ path }) => path);

/** Somebody who follows a namespace, and what they have heard. */
function follow(namespace: string, work: () => void = () => undefined) {
  const events: string[] = [];
  const heard: string[] = [];
  const leave = new AbortController();
  left.push(leave);
  const follower = {
    onEvent: ({ type, object }: { readonly type: string; readonly object: KubeObject }) => {
      events.push(`${type} ${object.metadata?.namespace}/${object.metadata?.name}`);
      work();
    },
    onBroken: ({ status }: ClusterError) => heard.push(`broken ${status}`),
    onAnswer: () => heard.push('answers'),
  };
  const done = watch.follow(namespace, follower, leave.signal);
  done.catch(() => undefined);
  return { events, heard, leave, done };
}

/** Follows a namespace, leaves it, and follows it again. */
async function comeBack(): Promise<void> {
  const first = follow('school');
  await create('school', 'a');
  await eventually(() => first.events.length === 1);
  first.leave.abort();
  await first.done;
  await finish('school', 'a');
  const second = follow('school');
  await eventually(() => second.events.length === 1);
  expect(second.events).toEqual(['ADDED school/a']);
}

describe('a shared watch', () => {
  it('is one for all namespaces, and gives each follower what is in theirs', async () => {
    await create('school', 'a');
    await create('school', 'foreign', 'other');
    const school = follow('school');
    const college = follow('college');
    await create('college', 'b');
    await eventually(() => school.events.length === 1 && college.events.length === 1);
    await finish('school', 'a');
    await given.cluster.delete({ ...WORKFLOW, metadata: { name: 'b', namespace: 'college' } });
    await eventually(() => school.events.length === 2 && college.events.length === 2);
    expect(school.events).toEqual(['ADDED school/a', 'MODIFIED school/a']);
    expect(college.events).toEqual(['ADDED college/b', 'DELETED college/b']);
    expect(watched()).toEqual(['/apis/argoproj.io/v1alpha1/workflows']);
  });

  it('keeps for who comes later what there was, as it is by then', async () => {
    const school = follow('school');
    await create('college', 'b');
    await finish('college', 'b');
    await create('school', 'a');
    await eventually(() => school.events.length === 1);
    expect(follow('college').events).toEqual(['MODIFIED college/b']);
    expect(watched()).toHaveLength(1);
  });

  it('goes on for the others where one leaves', async () => {
    const school = follow('school');
    const college = follow('college');
    await create('school', 'a');
    await eventually(() => school.events.length === 1);
    school.leave.abort();
    await school.done;
    await finish('school', 'a');
    await create('college', 'b');
    await eventually(() => college.events.length === 1);
    expect(school.events).toHaveLength(1);
    expect(watched()).toHaveLength(1);
  });

  it('ends with the last follower, and begins anew with the next', async () => {
    await comeBack();
    expect(watched()).toEqual(['/apis/argoproj.io/v1alpha1/workflows', '/apis/argoproj.io/v1alpha1/workflows']);
  });

  it('gives a watch of their own to who comes back while others follow', async () => {
    follow('college');
    await comeBack();
    expect(watched()).toEqual([
      '/apis/argoproj.io/v1alpha1/workflows',
      '/apis/argoproj.io/v1alpha1/namespaces/school/workflows',
    ]);
  });

  it('fails for the follower alone whose work fails', async () => {
    const school = follow('school', () => {
      throw new Error('odd');
    });
    const college = follow('college');
    await create('school', 'a');
    await expect(school.done).rejects.toThrow('odd');
    await create('college', 'b');
    await eventually(() => college.events.length === 1);
    expect(watched()).toHaveLength(1);
  });

  it('becomes one for each namespace where all may not be watched', async () => {
    given.server.access.deny(({ verb, namespace }) => verb === 'watch' && namespace === '');
    const school = follow('school');
    await create('school', 'a');
    await eventually(() => school.events.length === 1);
    const college = follow('college');
    await create('college', 'b');
    await eventually(() => college.events.length === 1);
    expect(watched()).toEqual([
      '/apis/argoproj.io/v1alpha1/workflows',
      '/apis/argoproj.io/v1alpha1/namespaces/school/workflows',
      '/apis/argoproj.io/v1alpha1/namespaces/college/workflows',
    ]);
  });

  it('becomes one for each namespace where that is taken away meanwhile', async () => {
    const school = follow('school');
    await create('school', 'a');
    await eventually(() => school.events.length === 1);
    given.server.access.deny(({ verb, namespace }) => verb === 'watch' && namespace === '');
    given.proxy.dropWatches();
    await finish('school', 'a');
    await eventually(() => watched().at(-1) === '/apis/argoproj.io/v1alpha1/namespaces/school/workflows');
    await eventually(() => school.events.length > 1 && school.events.at(-1) === 'ADDED school/a');
  });

  it('tells all of them that it is broken, also who comes then, and that it works again', async () => {
    const school = follow('school');
    given.proxy.add({ path: /watch=true/, fault: { kind: 'answer', status: 503 } });
    await eventually(() => watched().length === 1);
    given.proxy.dropWatches();
    await eventually(() => school.heard.includes('broken 503'));
    const college = follow('college');
    expect(college.heard).toEqual(['broken 503']);
    given.proxy.clear();
    await eventually(() => school.heard.at(-1) === 'answers' && college.heard.at(-1) === 'answers');
  });

  it('fails for all of them where the server refuses it, and is tried again for the next', async () => {
    given.proxy.add({ path: /watch=true/, times: 1, fault: { kind: 'answer', status: 404 } });
    const [school, college] = [follow('school'), follow('college')];
    await expect(school.done).rejects.toMatchObject({ status: 404 });
    await expect(college.done).rejects.toMatchObject({ status: 404 });
    const again = follow('school');
    await create('school', 'a');
    await eventually(() => again.events.length === 1);
  });
});
