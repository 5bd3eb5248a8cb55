import { type KubernetesServer, startKubernetes } from '../../sandbox/kubernetes/server.ts';
import { Cluster } from '../../src/cluster/api/client.ts';
import { type KubeObject, refOf } from '../../src/cluster/objects/objects.ts';
import { eventually } from '../scenarios/outcome.ts';

let server: KubernetesServer;
let cluster: Cluster;
beforeAll(async () => {
  server = await startKubernetes();
  cluster = await Cluster.connect({ source: { kind: 'content', text: server.kubeconfig() } });
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } });
});
afterAll(async () => {
  await cluster.close();
  await server.stop();
});

const secret = (name: string, others: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'n', ...others },
});
const ref = (name: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'n' } });

describe("the sandbox's API server answers as a real one", () => {
  it('to what is there already, is not there, or was changed meanwhile', async () => {
    const stored = await cluster.create(secret('twice'));
    await expect(cluster.create(secret('twice'))).rejects.toMatchObject({ status: 409, reason: 'AlreadyExists' });
    await cluster.patch(ref('twice'), { data: { a: 'YQ==' } });
    await expect(cluster.replace(stored)).rejects.toMatchObject({ status: 409, reason: 'Conflict' });
    await expect(cluster.delete(ref('twice'), { uid: 'another' })).rejects.toMatchObject({ status: 409 });
    expect(await cluster.delete(ref('twice'))).toBe(true);
    expect(await cluster.delete(ref('twice'))).toBe(false);
    await expect(cluster.patch(ref('twice'), {})).rejects.toMatchObject({ status: 404 });
  });

  it.each([
    ['a name that is none', secret('No_Name'), 422],
    ['a label that is none', secret('x', { labels: { a: 'not a label' } }), 422],
    ['data that is no base64', { ...secret('x'), data: { a: '%' } }, 400],
    ['data of more than 1 MiB', { ...secret('x'), data: { a: 'YWFh'.repeat(300_000) } }, 422],
    ['a namespace that is not there', { ...secret('x'), metadata: { name: 'x', namespace: 'nowhere' } }, 404],
  ])('to %s', async (_, object, status) => {
    await expect(cluster.create(object)).rejects.toMatchObject({ status });
  });

  it('to an apply: fields are merged, and others stay', async () => {
    await cluster.create({ ...secret('applied', { labels: { kept: 'yes' } }), data: { kept: 'YQ==' } });
    await cluster.apply(
      { ...secret('applied', { labels: { added: 'yes' } }), data: { added: 'Yg==' } },
      { force: true },
    );
    expect(await cluster.read(ref('applied'))).toMatchObject({
      metadata: { labels: { kept: 'yes', added: 'yes' } },
      data: { kept: 'YQ==', added: 'Yg==' },
    });
  });

  it('to an apply with dryRun=All: with the object as it would be, and stores nothing', async () => {
    const dry = { force: true, isDryRun: true };
    const made = await cluster.apply({ ...secret('dry'), data: { a: 'YQ==' } }, dry);
    expect(made).toMatchObject({ metadata: { name: 'dry', namespace: 'n' }, data: { a: 'YQ==' } });
    expect(await cluster.read(ref('dry'))).toBeUndefined();
    const stored = await cluster.create({ ...secret('dry'), data: { kept: 'YQ==' } });
    const merged = await cluster.apply({ ...secret('dry'), data: { added: 'Yg==' } }, dry);
    expect(merged).toEqual({ ...stored, data: { kept: 'YQ==', added: 'Yg==' } });
    expect(await cluster.read(ref('dry'))).toEqual(stored);
    await expect(cluster.apply({ ...secret('dry'), data: { a: '%' } }, dry)).rejects.toMatchObject({ status: 400 });
    const nowhere = { ...secret('dry'), metadata: { name: 'dry', namespace: 'nowhere' } };
    await expect(cluster.apply(nowhere, dry)).rejects.toMatchObject({ status: 404 });
  });

  it('to label selectors', async () => {
    for (const [name, run] of [
      ['s1', 'a'],
      ['s2', 'b'],
    ])
      await cluster.create(secret(`selected-${name}`, { labels: { role: 'x', run: run ?? '' } }));
    const names = async (labelSelector: string) =>
      (await cluster.list({ apiVersion: 'v1', kind: 'Secret', namespace: 'n' }, { labelSelector })).items.map(
        ({ metadata }) => metadata?.name,
      );
    expect(await names('role=x')).toEqual(['selected-s1', 'selected-s2']);
    expect(await names('role=x,run!=a')).toEqual(['selected-s2']);
    expect(await names('run in (a,c)')).toEqual(['selected-s1']);
    expect(await names('role,!run')).toEqual([]);
  });

  it('to a token that is none, and to an account without the right', async () => {
    const text = server.kubeconfig().replace(server.access.adminToken, 'wrong');
    const stranger = await Cluster.connect({ source: { kind: 'content', text } });
    await expect(stranger.read(ref('x'))).rejects.toMatchObject({ status: 401 });
    const account = server.kubeconfig().replace(server.access.adminToken, server.access.tokenFor('n', 'default'));
    const pod = await Cluster.connect({ source: { kind: 'content', text: account } });
    await expect(pod.read(ref('x'))).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('cannot get resource "secrets"'),
    });
    await Promise.all([stranger.close(), pod.close()]);
  });

  it('by collecting what an owner leaves behind, and what a namespace holds', async () => {
    const owner = await cluster.create(secret('owner'));
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Secret', name: 'owner', uid: owner.metadata?.uid ?? '' }];
    await cluster.create(secret('owned', { ownerReferences }));
    await cluster.delete(ref('owner'));
    await eventually(async () => (await cluster.read(ref('owned'))) === undefined);
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'short-lived' } });
    const account = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default', namespace: 'short-lived' },
    };
    await eventually(async () => (await cluster.read(account)) !== undefined);
    await cluster.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'short-lived' } });
    await eventually(async () => (await cluster.read(account)) === undefined);
  });

  it('by keeping what has a finalizer until it has none, and taking no new one meanwhile', async () => {
    await cluster.create(secret('held', { finalizers: ['example.org/hold'] }));
    await cluster.delete(ref('held'));
    const going = await cluster.read(ref('held'));
    expect(going?.metadata?.deletionTimestamp).toBeDefined();
    await cluster.delete(ref('held'));
    expect((await cluster.read(ref('held')))?.metadata?.resourceVersion).toBe(going?.metadata?.resourceVersion);
    const more = { metadata: { finalizers: ['example.org/hold', 'example.org/more'] } };
    await expect(cluster.patch(ref('held'), more)).rejects.toMatchObject({ status: 422 });
    await cluster.patch(ref('held'), { metadata: { labels: { a: 'b' } } });
    await cluster.patch(ref('held'), { metadata: { finalizers: [] } });
    expect(await cluster.read(ref('held'))).toBeUndefined();
  });

  it('by emptying a namespace before it goes: nothing is made in it meanwhile, and its status says what holds it', async () => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'going' } };
    const within = (name: string, others: object = {}) => ({
      ...secret(name),
      metadata: { name, namespace: 'going', ...others },
    });
    const made = await cluster.create(namespace);
    expect(made).toMatchObject({ spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } });
    await cluster.create(within('a', { finalizers: ['example.org/hold'] }));
    await expect(cluster.delete(namespace, { uid: 'another' })).rejects.toMatchObject({ status: 409 });
    await cluster.delete(namespace, { uid: made.metadata?.uid ?? '' });
    expect(await cluster.read(namespace)).toMatchObject({ status: { phase: 'Terminating' } });
    const refusal = { status: 403, message: expect.stringContaining('because it is being terminated') };
    await expect(cluster.create(within('b'))).rejects.toMatchObject(refusal);
    await expect(cluster.apply(within('b'), { force: true })).rejects.toMatchObject(refusal);
    await eventually(async () => {
      const text = JSON.stringify(await cluster.read(namespace));
      return text.includes('example.org/hold in 1 resource instances') && text.includes('secrets. has 1 resource');
    });
    await cluster.patch(refOf(within('a')), { metadata: { finalizers: [] } });
    await eventually(async () => (await cluster.read(namespace)) === undefined);
    await cluster.create(namespace);
    expect(await cluster.read(refOf(within('a')))).toBeUndefined();
  });
});
