import { Cluster } from '../../../src/cluster/api/client.ts';
import { requireArgoVersion } from '../../../src/cluster/workflows/argo-version.ts';
import { sendJson, startApiServer } from '../api-server.ts';
import { type Given, givenCluster } from './given.ts';

let given: Given;
beforeEach(async () => {
  given = await givenCluster();
});
afterEach(async () => await given.stop());

const controller = async (image: string) =>
  await given.cluster.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'workflow-controller-1', namespace: 'school', labels: { app: 'workflow-controller' } },
    spec: { containers: [{ name: 'workflow-controller', image }] },
  });

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
  expect(await checked).toEqual(code === undefined ? undefined : expect.objectContaining({ code }));
  await cluster.close();
  await api.stop();
});

it('takes one that it cannot see', async () => {
  await requireArgoVersion(given.cluster);
});
