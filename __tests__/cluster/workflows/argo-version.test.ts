import { Cluster } from '../../../src/cluster/api/client.ts';
import { requireArgoVersion } from '../../../src/cluster/workflows/argo-version.ts';
import { sendJson, startApiServer } from '../api-server.ts';
import { type Given, givenCluster } from './given.ts';

let given: Given;
beforeEach(async () => {
  given = await givenCluster();
});
afterEach(async () => await given.stop());

const controller = async (image: string, args: readonly string[] = [], name = 'workflow-controller-1') =>
  await given.cluster.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'school', labels: { app: 'workflow-controller' } },
    spec: { containers: [{ name: 'workflow-controller', image, args }] },
  });

const configuration = async (data: object, name = 'workflow-controller-configmap') =>
  await given.cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'school' }, data });

const NEW = 'quay.io/argoproj/workflow-controller:v4.1.2';
const UNKNOWN = { hasExecutorResources: false, isInitless: false };
const RESOURCES = 'resources: { requests: { cpu: 10m }, limits: { cpu: 100m } }';

it.each(['quay.io/argoproj/workflow-controller:v3.5.13', 'registry.example.org/workflow-controller:v2.12.3@sha256:1'])(
  'refuses an older one, which has no list of mutexes: %s',
  async (image) => {
    await controller(image);
    await expect(requireArgoVersion(given.cluster)).rejects.toMatchObject({
      code: 'argo-too-old',
      message: `Argo Workflows in this cluster is too old: its controller is ${image}. The action needs 3.6 or later.`,
    });
  },
);

it.each([
  'quay.io/argoproj/workflow-controller:v3.6.0',
  'quay.io/argoproj/workflow-controller:v3.7.2',
  'quay.io/argoproj/workflow-controller:v4.0.5',
  'quay.io/argoproj/workflow-controller:latest',
])('takes a newer one, or one that does not show its version: %s', async (image) => {
  await controller(image);
  await requireArgoVersion(given.cluster);
});

it.each([
  ['mutex', 'refuses a definition of Workflow without a list of mutexes', 'argo-too-old'],
  ['mutexes', 'takes one with it', undefined],
])('without a controller to be seen: %s', async (field, _, code) => {
  const synchronization = { type: 'object', properties: { [field]: { type: 'object' } } };
  const spec = { type: 'object', properties: { synchronization } };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec } } };
  const definition = { kind: 'CustomResourceDefinition', spec: { versions: [{ name: 'v1alpha1', schema }] } };
  const api = await startApiServer(({ url = '' }, response) =>
    sendJson(
      response,
      200,
      url.includes('/customresourcedefinitions/') ? definition : { kind: 'PodList', items: [], metadata: {} },
    ),
  );
  const cluster = await Cluster.connect({ source: { kind: 'content', text: api.kubeconfig } });
  const checked = requireArgoVersion(cluster).catch((error: unknown) => error);
  expect(await checked).toEqual(code === undefined ? UNKNOWN : expect.objectContaining({ code }));
  await cluster.close();
  await api.stop();
});

it('takes one that it cannot see', async () => {
  await requireArgoVersion(given.cluster);
});

describe("the controller's configuration", () => {
  it.each<[string, object]>([
    ['a key for each setting', { executor: RESOURCES }],
    ['all settings under one key', { config: `executor:\n  ${RESOURCES}\n` }],
  ])('says that the containers of Argo have resources: %s', async (_, data) => {
    await controller(NEW);
    await configuration(data);
    expect(await requireArgoVersion(given.cluster)).toEqual({ ...UNKNOWN, hasExecutorResources: true });
  });

  it('is the one that the controller is started with', async () => {
    await controller(NEW, ['--namespaced', '--configmap=argo-config']);
    await configuration({ executor: RESOURCES });
    await configuration({ initlessPod: 'enabled: true' }, 'argo-config');
    expect(await requireArgoVersion(given.cluster)).toEqual({ ...UNKNOWN, isInitless: true });
  });

  it.each<[string, object]>([
    ['without resources', { executor: 'imagePullPolicy: Always' }],
    ['that is not YAML', { executor: '{', config: ': :' }],
    ['without settings', {}],
  ])('says nothing of resources: one %s', async (_, data) => {
    await controller(NEW);
    await configuration(data);
    expect(await requireArgoVersion(given.cluster)).toEqual(UNKNOWN);
  });

  it('counts where all controllers have it', async () => {
    await controller(NEW);
    await configuration({ executor: RESOURCES });
    await controller(NEW, ['--configmap', 'other'], 'workflow-controller-2');
    expect(await requireArgoVersion(given.cluster)).toEqual(UNKNOWN);
  });

  it('that may not be read is not known', async () => {
    await controller(NEW);
    await configuration({ executor: RESOURCES });
    given.server.access.deny(({ resource }) => resource === 'configmaps');
    expect(await requireArgoVersion(given.cluster)).toEqual(UNKNOWN);
  });
});
