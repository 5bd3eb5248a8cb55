import { readFile } from 'node:fs/promises';
import { load } from 'js-yaml';
import { parse } from 'yaml';
import { instanceObjects } from '../../../src/cluster/namespace/manifests.ts';
import { type ClusterConventions, NO_CONVENTIONS } from '../../../src/cluster/objects/conventions.ts';
import { completeResources, DEFAULT_RESOURCES } from '../../../src/cluster/objects/pod-resources.ts';
import { parseLog } from '../../../src/cluster/workflows/pod-report.ts';

const FEW = { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '256Mi' } };
const LOCKED = expect.objectContaining({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true });

/** The containers of the pods that the WorkflowTemplate makes, as far as it says anything of them, by their names. */
async function containersOf(kind: string, conventions: Partial<ClusterConventions> = {}) {
  const text = await readFile(`manifests/${kind}.yml`, 'utf8');
  const [object] = instanceObjects(text, 'school', { ...NO_CONVENTIONS, ...conventions });
  const { spec } = parse(JSON.stringify(object));
  expect(spec.podSpecPatch).toBeUndefined();
  expect(spec.templates).toHaveLength(2);
  const [provision, deprovision] = spec.templates.map(({ container, podSpecPatch }: Record<string, string>) => {
    const { initContainers = [], containers } = parse(JSON.stringify(load(podSpecPatch ?? '')));
    const all: { name: string }[] = [Object.assign({}, container, { name: 'main' }), ...initContainers, ...containers];
    return Object.fromEntries(all.map((one) => [one.name, one]));
  });
  expect(provision).toEqual(deprovision);
  return provision;
}

describe.each(['mysql', 'mongodb', 'storage'])('the %s pods', (kind) => {
  it('have requests and a memory limit in every container', async () => {
    const asked = { resources: DEFAULT_RESOURCES };
    expect(await containersOf(kind)).toMatchObject({ main: asked, init: asked, wait: asked });
  });

  it('have those of input pod-resources in every container, whatever the controller is set to', async () => {
    const asked = { resources: FEW, securityContext: LOCKED };
    const argo = { hasExecutorResources: true, isInitless: false };
    const containers = await containersOf(kind, { podResources: FEW, argo });
    expect(containers).toMatchObject({ main: asked, init: asked, wait: asked });
  });

  it("leave the containers that Argo adds those of the controller's configuration", async () => {
    const { main, init, wait } = await containersOf(kind, { argo: { hasExecutorResources: true, isInitless: false } });
    expect(main.resources).toEqual(DEFAULT_RESOURCES);
    expect([init, wait]).toEqual([
      { name: 'init', securityContext: LOCKED },
      { name: 'wait', securityContext: LOCKED },
    ]);
  });

  it('have a supervisor in place of init and wait where the controller is set to that', async () => {
    const containers = await containersOf(kind, { argo: { hasExecutorResources: false, isInitless: true } });
    expect(Object.keys(containers)).toEqual(['main', 'supervisor']);
    expect(containers.supervisor).toEqual({
      name: 'supervisor',
      securityContext: LOCKED,
      resources: DEFAULT_RESOURCES,
    });
  });

  it('keep service meshes from adding a container that does not end', async () => {
    const { spec } = parse(await readFile(`manifests/${kind}.yml`, 'utf8'));
    expect(spec.podMetadata).toEqual({
      labels: { 'sidecar.istio.io/inject': 'false' },
      annotations: { 'sidecar.istio.io/inject': 'false', 'linkerd.io/inject': 'disabled' },
    });
  });
});

it.each([
  ['a limit of CPU is added', { requests: {}, limits: { cpu: '500m' } }, { limits: { cpu: '500m', memory: '384Mi' } }],
  [
    'a limit below the default request lowers it',
    { requests: {}, limits: { memory: '64Mi', cpu: '0.02' } },
    { requests: { cpu: '0.02', memory: '64Mi' }, limits: { cpu: '0.02', memory: '64Mi' } },
  ],
  [
    'a request above the default limit raises it',
    { requests: { memory: '1Gi' }, limits: {} },
    { requests: { cpu: '50m', memory: '1Gi' }, limits: { memory: '1Gi' } },
  ],
])('%s', (_, asked, complete) => {
  expect(completeResources(asked)).toEqual({ ...DEFAULT_RESOURCES, ...complete });
});

it("a provisioner's warnings are read from its result", () => {
  const result = { launchpad: 'result', resources: [], warnings: ['The bucket is public.', 4] };
  expect(parseLog(`Warning: The bucket is public.\n${JSON.stringify(result)}\n`)).toMatchObject({
    lines: ['Warning: The bucket is public.'],
    warnings: ['The bucket is public.'],
  });
  expect(parseLog('{"launchpad":"result","resources":[]}').warnings).toEqual([]);
});
