import type { Asked } from '../../../sandbox/faults/rules.ts';
import { openWorld, type Scenario, type World } from '../world.ts';

let world: World;
let scenario: Scenario;
beforeAll(async () => {
  world = await openWorld();
  scenario = await world.scenario();
});
afterAll(async () => await world.stop());

/**
 * Requests of the process, whatever the number of its instances: what is served and allowed, the Applications in use, the
 * instances that have a namespace, and the watches of Workflows and pods.
 */
const OF_THE_PROCESS = [
  '/selfsubjectrulesreviews',
  '/apis/argoproj.io/v1alpha1',
  '/apis/argoproj.io/v1alpha1/workflows',
  '/api/v1/pods',
  '/api/v1/namespaces',
  '/customresourcedefinitions/workflows.argoproj.io',
  '/namespaces/argocd/applications',
];

/**
 * A slow machine adds renewals of the Lease, the logs of running pods, the watch of events where a pod takes long to start,
 * and, where a pod's end comes after that of its Workflow, the lists of both.
 */
function isOfTime({ method, path, query }: Asked): boolean {
  const isLate = path.endsWith('/pods') || (path.endsWith('/workflows') && query.includes('run%3D'));
  const isList = method === 'GET' && !query.includes('watch=true');
  return method === 'PUT' || path.endsWith('/log') || path.endsWith('/events') || (isList && isLate);
}

/** The requests that a run sends for its instance. */
async function requestsOf(inputs: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const first = world.proxy.requests.length;
  const { code, log } = await scenario.run({ inputs });
  expect([code, log]).toEqual([0, expect.anything()]);
  return world.proxy.requests
    .slice(first)
    .filter((asked) => !OF_THE_PROCESS.some((end) => asked.path.endsWith(end)) && !isOfTime(asked))
    .map(({ method, path }) => `${method} ${path}`);
}

/** Takes the optional permissions away. */
function denyOptional(): void {
  const compared = ['serviceaccounts', 'roles', 'rolebindings', 'workflowtemplates'];
  world.sandbox?.kubernetes.access.deny(
    ({ verb, resource }) => verb === 'deletecollection' || (verb === 'list' && compared.includes(resource)),
  );
}

describe('the requests to the API server for one instance', () => {
  afterEach(() => world.sandbox?.kubernetes.access.deny(() => false));

  it('are at most 30 in its first run', async () => {
    expect((await requestsOf()).length).toBeLessThanOrEqual(30);
  });

  it('are at most 20 in a run that has nothing to change, and none of them applies anything', async () => {
    const requests = await requestsOf();
    expect(requests.length).toBeLessThanOrEqual(20);
    expect(requests.filter((one) => one.startsWith('PATCH'))).toEqual([]);
    expect(requests.filter((one) => one.includes('/configmaps'))).toEqual([expect.stringMatching(/^GET/)]);
  });

  it('are at most 9 in a dry run', async () => {
    expect((await requestsOf({ 'dry-run': 'true' })).length).toBeLessThanOrEqual(9);
  });

  it('apply everything where the permissions to list it are missing', async () => {
    denyOptional();
    const requests = await requestsOf();
    expect(requests.filter((one) => one.startsWith('PATCH') && one.includes('/workflowtemplates/'))).toHaveLength(3);
    expect(requests.filter((one) => one.startsWith('DELETE') && one.includes('/secrets/launchpad-p'))).toHaveLength(3);
  });

  it('watch the namespace of the instance where not all may be watched', async () => {
    world.sandbox?.kubernetes.access.deny(({ verb, namespace }) => verb === 'watch' && namespace === '');
    const watched = (await requestsOf()).filter((one) => /\/(workflows|pods)$/.test(one) && one.startsWith('GET'));
    // The Workflows of earlier runs are listed too.
    expect(watched.toSorted()).toEqual([
      `GET /api/v1/namespaces/${scenario.instance}/pods`,
      `GET /apis/argoproj.io/v1alpha1/namespaces/${scenario.instance}/workflows`,
      `GET /apis/argoproj.io/v1alpha1/namespaces/${scenario.instance}/workflows`,
    ]);
  });
});
