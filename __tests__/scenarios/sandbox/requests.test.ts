import { openWorld, type Scenario, type World } from '../world.ts';

let world: World;
let scenario: Scenario;
beforeAll(async () => {
  world = await openWorld();
  scenario = await world.scenario();
});
afterAll(async () => await world.stop());

/** Requests of the process, whatever the number of its instances: what is served and allowed, and the Applications in use. */
const OF_THE_PROCESS = [
  '/selfsubjectrulesreviews',
  '/apis/argoproj.io/v1alpha1',
  '/api/v1/pods',
  '/customresourcedefinitions/workflows.argoproj.io',
  '/namespaces/argocd/applications',
];

/** A slow machine adds renewals of the Lease, and the logs of running pods. */
const isOfTime = (method: string, path: string) => method === 'PUT' || path.endsWith('/log');

/** The requests that a run sends for its instance. */
async function requestsOf(inputs: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const first = world.proxy.requests.length;
  const { code, log } = await scenario.run({ inputs });
  expect([code, log]).toEqual([0, expect.anything()]);
  return world.proxy.requests
    .slice(first)
    .filter(({ method, path }) => !OF_THE_PROCESS.some((end) => path.endsWith(end)) && !isOfTime(method, path))
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

  // A pod whose result comes after the end of its Workflow adds two.
  it('are at most 40 in its first run', async () => {
    expect((await requestsOf()).length).toBeLessThanOrEqual(40);
  });

  it('are at most 30 in a run that has nothing to change, and none of them applies anything', async () => {
    const requests = await requestsOf();
    expect(requests.length).toBeLessThanOrEqual(30);
    const applied = requests.filter((one) => one.startsWith('PATCH') && !one.includes('/secrets/launchpad-provision-'));
    expect(applied).toEqual([]);
    expect(requests.filter((one) => one.includes('/configmaps'))).toEqual([expect.stringMatching(/^GET/)]);
  });

  it('are at most 10 in a dry run', async () => {
    expect((await requestsOf({ 'dry-run': 'true' })).length).toBeLessThanOrEqual(10);
  });

  it('apply everything where the permissions to list it are missing', async () => {
    denyOptional();
    const requests = await requestsOf();
    expect(requests.filter((one) => one.startsWith('PATCH') && one.includes('/workflowtemplates/'))).toHaveLength(3);
    expect(requests.filter((one) => one.startsWith('DELETE') && one.includes('/secrets/launchpad-p'))).toHaveLength(3);
  });
});
