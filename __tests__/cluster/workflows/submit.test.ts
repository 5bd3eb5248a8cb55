import { createHash } from 'node:crypto';
import type { KubeObject } from '../../../src/cluster/objects/objects.ts';
import { WORKFLOW_TYPE } from '../../../src/cluster/objects/workflow-objects.ts';
import { submitWorkflows } from '../../../src/cluster/workflows/submit.ts';
import { KINDS } from '../../../src/core/kinds.ts';
import { type Given, givenCluster, submissionOf, submit } from './given.ts';

let given: Given;
beforeEach(async () => {
  given = await givenCluster();
});
afterEach(async () => await given.stop());

const NAME = 'launchpad-provision-mysql-r1';
const ref = (kind: string, name = NAME) => ({ apiVersion: 'v1', kind, metadata: { name, namespace: 'school' } });

const base64 = (text: string) => Buffer.from(text).toString('base64');

async function configMaps(): Promise<KubeObject[]> {
  return (await given.cluster.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'school' })).items;
}

/** The requests to store, read or delete programs since that one. */
const programRequests = (first: number) =>
  given.proxy.requests.slice(first).filter(({ path }) => path.includes('/configmaps'));

describe('the programs', () => {
  it('are stored once for the namespace, immutable, and never sent back', async () => {
    await submit(given.cluster, submissionOf('r1'));
    expect(await configMaps()).toEqual([
      expect.objectContaining({
        immutable: true,
        binaryData: Object.fromEntries(KINDS.map((kind) => [`${kind}.js.br`, Buffer.from('1').toString('base64')])),
      }),
    ]);
    const first = given.proxy.requests.length;
    await submit(given.cluster, submissionOf('r2'));
    expect(programRequests(first).map(({ method }) => method)).toEqual(['GET']);
    const type = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'school' };
    const [listed = {}] = await given.cluster.listMetadata(type, {});
    expect(Object.keys(listed)).not.toContain('binaryData');
    const stored = await given.cluster.create(
      { ...type, metadata: { name: 'x', namespace: 'school' }, data: { x: '' } },
      { isMetadataEnough: true },
    );
    expect(Object.keys(stored)).not.toContain('data');
  });

  it('of another version take the place of those that no run uses any more', async () => {
    await submit(given.cluster, submissionOf('r1'));
    const [before] = await configMaps();
    const metadata = {
      name: 'launchpad-provision-mysql-r0',
      namespace: 'school',
      labels: { 'launchpad-provision/instance': 'school', 'launchpad-provision/role': 'temporary' },
    };
    await given.cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'mysql.js': '' } });
    await given.cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'own', namespace: 'school' } });
    await submit(given.cluster, submissionOf('r2', KINDS, '2'));
    const names = (await configMaps()).map((one) => one.metadata?.name);
    expect(names).toEqual(['own', expect.stringMatching(/^launchpad-programs-/)]);
    expect(names).not.toContain(before?.metadata?.name);
  });

  it('are named by each Workflow, with the SHA-256 of the one that its pod runs', async () => {
    await submit(given.cluster, submissionOf('r1', ['mysql']));
    const [workflow] = (await given.cluster.list({ ...WORKFLOW_TYPE, namespace: 'school' })).items;
    const [configMap] = await configMaps();
    const sha256 = createHash('sha256').update('1').digest('hex');
    expect(JSON.stringify(workflow?.spec)).toContain(`{"name":"program-sha256","value":"${sha256}"}`);
    expect(JSON.stringify(workflow?.spec)).toContain(
      `{"name":"configmap-name","value":"${configMap?.metadata?.name}"}`,
    );
  });

  it('are not looked for in a namespace that is new', async () => {
    await submit(given.cluster, submissionOf('r1'), true);
    expect(programRequests(0).map(({ method }) => method)).toEqual(['POST']);
  });
});

describe('submitting workflows', () => {
  it('creates each Workflow, and then the Secret that its pod waits for', async () => {
    const first = given.proxy.requests.length;
    await submitWorkflows(given.cluster, submissionOf('r1', ['mysql']));
    const requests = given.proxy.requests.slice(first).map(({ method, path }) => [method, path.split('/').at(-1)]);
    expect(requests).toEqual([
      ['POST', 'workflows'],
      ['POST', 'secrets'],
    ]);
  });

  it('makes each Workflow the owner of its Secret, from the first', async () => {
    const submitted = await submit(given.cluster, submissionOf('r1'));
    expect(submitted.map(({ kind, name }) => [kind, name])).toEqual([
      ['mysql', 'mysql-provision-r1'],
      ['mongodb', 'mongodb-provision-r1'],
      ['storage', 'storage-provision-r1'],
    ]);
    for (const { kind, name, uid } of submitted) {
      const secret = await given.cluster.read(ref('Secret', `launchpad-provision-${kind}-r1`));
      expect(secret?.metadata?.ownerReferences).toEqual([{ ...WORKFLOW_TYPE, name, uid }]);
    }
  });

  it('keeps secrets in the Secret only', async () => {
    await submit(given.cluster, submissionOf('r1', ['mysql']));
    const workflow = await given.cluster.read({
      ...WORKFLOW_TYPE,
      metadata: { name: 'mysql-provision-r1', namespace: 'school' },
    });
    expect(JSON.stringify([workflow, await configMaps()])).not.toContain('mysql-secret');
    const secret = await given.cluster.read(ref('Secret'));
    expect(secret?.data).toEqual({ PASSWORD: base64('mysql-secret'), RUN: base64('r1') });
  });

  it("gives the Workflows the instance ID of the cluster's controller", async () => {
    await submit(given.cluster, { ...submissionOf('r1', ['mysql']), argoInstanceId: 'team-a' });
    const [workflow] = (await given.cluster.list({ ...WORKFLOW_TYPE, namespace: 'school' })).items;
    expect(workflow?.metadata?.labels).toMatchObject({ 'workflows.argoproj.io/controller-instanceid': 'team-a' });
  });

  it('accepts the objects of an attempt whose answer was lost', async () => {
    const first = await submit(given.cluster, submissionOf('r1'));
    expect(await submit(given.cluster, submissionOf('r1'))).toEqual(first);
  });

  it('gives a second Workflow a new name and the existing Secret', async () => {
    await submit(given.cluster, submissionOf('r1', ['mysql']));
    const [second] = await submitWorkflows(given.cluster, submissionOf('r1', ['mysql']), 2);
    expect(second?.name).toBe('mysql-provision-r1-2');
    const owners = (await given.cluster.read(ref('Secret')))?.metadata?.ownerReferences;
    expect(owners?.map(({ name, uid }) => ({ name, uid }))).toEqual([
      { name: 'mysql-provision-r1-2', uid: second?.uid },
    ]);
  });

  it('throws only after the other Workflows are submitted', async () => {
    given.proxy.add({ method: 'POST', path: /\/secrets(\?|$)/, times: 1, fault: { kind: 'answer', status: 400 } });
    await expect(submit(given.cluster, submissionOf('r1'))).rejects.toThrow();
    const { items } = await given.cluster.list({ ...WORKFLOW_TYPE, namespace: 'school' });
    expect(items).toHaveLength(3);
    expect(
      await given.cluster.listMetadata({ apiVersion: 'v1', kind: 'Secret', namespace: 'school' }, {}),
    ).toHaveLength(2);
  });
});
