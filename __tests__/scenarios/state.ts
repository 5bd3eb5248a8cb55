import type { StepResult } from '../../sandbox/github-runner.ts';
import type { KubeObject } from '../../src/cluster/objects/objects.ts';
import { eventually, readApplication } from './outcome.ts';
import { leaseRef, type RunOptions, type Scenario, type World } from './world.ts';

/** Milliseconds for which a real cluster's controllers must have been at rest. */
const restMs = (world: World) => (world.sandbox === undefined ? 5_000 : 200);
const KINDS = [
  ...['Secret', 'ConfigMap', 'ServiceAccount', 'Pod'].map((kind) => ({ apiVersion: 'v1', kind })),
  ...['Role', 'RoleBinding'].map((kind) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind })),
  ...['Workflow', 'WorkflowTemplate'].map((kind) => ({ apiVersion: 'argoproj.io/v1alpha1', kind })),
];

/** The versions of all that a run may touch: the objects of the namespace, the Application, the Lease and the branch. */
export async function stateOf(world: World, { instance, repository }: Scenario): Promise<Record<string, string>> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: instance } };
  const single = await Promise.all([
    world.cluster.read(namespace),
    readApplication(world, instance),
    world.cluster.read(leaseRef(instance)),
  ]);
  const lists = await Promise.all(
    KINDS.map(async (type) => {
      const { items } = await world.cluster.list({ ...type, namespace: instance });
      return items.map((item) => ({ ...item, kind: type.kind }));
    }),
  );
  const objects: KubeObject[] = [...single.filter((object) => object !== undefined), ...lists.flat()];
  const versions = objects.map(({ kind, metadata }) => [`${kind} ${metadata?.name}`, metadata?.resourceVersion ?? '']);
  return { ...Object.fromEntries(versions), main: await world.git.git(repository, 'rev-parse', 'main') };
}

/** The state, when controllers have done what they had to do after a run. */
async function restingState(world: World, scenario: Scenario): Promise<Record<string, string>> {
  let state = await stateOf(world, scenario);
  let since = Date.now();
  await eventually(async () => {
    const now = await stateOf(world, scenario);
    if (JSON.stringify(now) !== JSON.stringify(state)) since = Date.now();
    state = now;
    return Date.now() - since > restMs(world);
  }, 120_000);
  return state;
}

/** A dry run that succeeds, and after which everything is as it was before. */
export async function unchangingRun(world: World, scenario: Scenario, options: RunOptions): Promise<StepResult> {
  const before = await restingState(world, scenario);
  const first = world.proxy.requests.length;
  const result = await scenario.run(options);
  expect(result.log).not.toContain('::error');
  expect(result.code).toBe(0);
  expect(await stateOf(world, scenario)).toEqual(before);
  const sent = world.proxy.requests.slice(first).filter(({ method }) => method !== 'GET');
  const writing = sent.filter(
    ({ path, query }) => !/selfsubject\w+reviews$/.test(path) && !query.includes('dryRun=All'),
  );
  expect(writing).toEqual([]);
  return result;
}

/** The states of the summary's table, by kind and name. */
export function states({ summary }: StepResult): Record<string, string> {
  const rows = summary.split('\n').flatMap((line) => {
    const [, state = '', kind, name, fields = ''] = line.split('|').map((cell) => cell.trim());
    const [word = ''] = /^`[-+~=>]` ([a-z]+)$/.exec(state)?.slice(1) ?? [];
    return word === '' ? [] : [[`${kind} ${nameIn(name)}`, `${word} ${fields}`.trim()]];
  });
  return Object.fromEntries(rows);
}

/** The name in a cell with code. */
function nameIn(cell = ''): string {
  return cell.replaceAll(/`|<\/?code>/g, '').replaceAll('&#42;', '*');
}
