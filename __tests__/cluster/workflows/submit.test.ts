import { WORKFLOW_TYPE } from '../../../src/cluster/objects/workflow-objects.ts';
import { submitWorkflows } from '../../../src/cluster/workflows/submit.ts';
import { type Given, givenCluster, submissionOf } from './given.ts';

let given: Given;
beforeEach(async () => {
  given = await givenCluster();
});
afterEach(async () => await given.stop());

const NAME = 'launchpad-provision-mysql-r1';
const ref = (kind: string, name = NAME) => ({ apiVersion: 'v1', kind, metadata: { name, namespace: 'school' } });

describe('submitting workflows', () => {
  it('creates the Secret and the ConfigMap before the Workflow that uses them', async () => {
    await submitWorkflows(given.cluster, submissionOf('r1', ['mysql']));
    const posts = given.proxy.requests.filter(({ method }) => method === 'POST').map(({ path }) => path);
    const collections = posts.map((path) => path.split('/').at(-1));
    expect(collections.slice(-3, -1).toSorted()).toEqual(['configmaps', 'secrets']);
    expect(collections.at(-1)).toBe('workflows');
  });

  it('makes each Workflow the owner of its Secret and ConfigMap', async () => {
    const submitted = await submitWorkflows(given.cluster, submissionOf('r1'));
    expect(submitted.map(({ kind, name }) => [kind, name])).toEqual([
      ['mysql', 'mysql-provision-r1'],
      ['mongodb', 'mongodb-provision-r1'],
      ['storage', 'storage-provision-r1'],
    ]);
    for (const { kind, name, uid } of submitted) {
      for (const type of ['Secret', 'ConfigMap']) {
        const object = await given.cluster.read(ref(type, `launchpad-provision-${kind}-r1`));
        expect(object?.metadata?.ownerReferences).toEqual([{ ...WORKFLOW_TYPE, name, uid }]);
      }
    }
  });

  it('keeps secrets in the Secret only', async () => {
    await submitWorkflows(given.cluster, submissionOf('r1', ['mysql']));
    const workflow = await given.cluster.read({
      ...WORKFLOW_TYPE,
      metadata: { name: 'mysql-provision-r1', namespace: 'school' },
    });
    expect(JSON.stringify([workflow, await given.cluster.read(ref('ConfigMap'))])).not.toContain('mysql-secret');
    const secret = await given.cluster.read(ref('Secret'));
    expect(secret?.data).toEqual({ PASSWORD: Buffer.from('mysql-secret').toString('base64') });
  });

  it("gives the Workflows the instance ID of the cluster's controller", async () => {
    await submitWorkflows(given.cluster, { ...submissionOf('r1', ['mysql']), argoInstanceId: 'team-a' });
    const [workflow] = (await given.cluster.list({ ...WORKFLOW_TYPE, namespace: 'school' })).items;
    expect(workflow?.metadata?.labels).toMatchObject({ 'workflows.argoproj.io/controller-instanceid': 'team-a' });
  });

  it('accepts the objects of an attempt whose answer was lost', async () => {
    const first = await submitWorkflows(given.cluster, submissionOf('r1'));
    expect(await submitWorkflows(given.cluster, submissionOf('r1'))).toEqual(first);
  });

  it('gives a second Workflow a new name and the existing Secret', async () => {
    await submitWorkflows(given.cluster, submissionOf('r1', ['mysql']));
    const [second] = await submitWorkflows(given.cluster, submissionOf('r1', ['mysql']), 2);
    expect(second?.name).toBe('mysql-provision-r1-2');
    const owners = (await given.cluster.read(ref('Secret')))?.metadata?.ownerReferences;
    expect(owners?.map(({ name, uid }) => ({ name, uid }))).toEqual([
      { name: 'mysql-provision-r1-2', uid: second?.uid },
    ]);
  });

  it('throws only after the other Workflows are submitted', async () => {
    given.proxy.add({ path: /secrets\/launchpad-provision-mysql-r1/, fault: { kind: 'answer', status: 403 } });
    await expect(submitWorkflows(given.cluster, submissionOf('r1'))).rejects.toThrow();
    const { items } = await given.cluster.list({ ...WORKFLOW_TYPE, namespace: 'school' });
    expect(items.map(({ metadata }) => metadata?.name)).toEqual(
      expect.arrayContaining(['mongodb-provision-r1', 'storage-provision-r1']),
    );
  });
});
