import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Cluster } from '../../../src/cluster/api/client.ts';
import { type Preparation, prepareNamespace } from '../../../src/cluster/namespace/prepare.ts';
import { NO_CONVENTIONS } from '../../../src/cluster/objects/conventions.ts';
import { sendJson, startApiServer } from '../api-server.ts';
import { type Given, givenCluster } from '../workflows/given.ts';

const MANIFESTS = path.join(import.meta.dirname, '..', '..', '..', 'manifests');
const RBAC = path.join(MANIFESTS, 'rbac.yml');
const FILES = ['rbac.yml', 'mysql.yml', 'mongodb.yml', 'storage.yml'];
/** Milliseconds that this API server takes to store a Role; all else is there at once. */
const SLOW_MS = 300;
const KINDS: Readonly<Record<string, string>> = {
  roles: 'Role',
  rolebindings: 'RoleBinding',
  serviceaccounts: 'ServiceAccount',
  namespaces: 'Namespace',
  secrets: 'Secret',
};

const preparation = async (files: readonly string[]): Promise<Preparation> => ({
  instance: 'school',
  registry: { server: 'ghcr.io', credentials: { username: 'u', password: 'p' } },
  conventions: NO_CONVENTIONS,
  manifests: await Promise.all(files.map((file) => readFile(path.join(MANIFESTS, file), 'utf8'))),
});

describe('a namespace that is prepared already', () => {
  const TEMPLATE = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'WorkflowTemplate',
    metadata: { name: 'launchpad-provision-mysql', namespace: 'school' },
  };
  let given: Given;
  beforeEach(async () => {
    given = await givenCluster();
    await prepareNamespace(given.cluster, await preparation(FILES));
  });
  afterEach(async () => await given.stop());

  /** Names of what a second preparation applies or changes. */
  async function changed(): Promise<string[]> {
    const first = given.proxy.requests.length;
    await prepareNamespace(given.cluster, await preparation(FILES), false);
    const sent = given.proxy.requests.slice(first).filter(({ method }) => method === 'PATCH');
    return sent.map(({ path: place }) => place.split('/').slice(-2).join('/')).toSorted();
  }

  it('is compared with what the action has, and left alone but for the Secret, which is not read', async () => {
    expect(await changed()).toEqual(['secrets/launchpad-registry']);
  });

  it('says what became of each object', async () => {
    await given.cluster.patch(TEMPLATE, { spec: { entrypoint: 'other' } });
    const prepared = await prepareNamespace(given.cluster, await preparation(FILES), false);
    const others = prepared.filter(({ state }) => state !== 'unchanged');
    expect(others).toEqual([
      { kind: 'WorkflowTemplate', name: 'launchpad-provision-mysql', state: 'updated' },
      { kind: 'Secret', name: 'launchpad-registry', state: 'applied' },
    ]);
    const fresh = await prepareNamespace(given.cluster, await preparation(FILES));
    expect(new Set(fresh.map(({ state }) => state))).toEqual(new Set(['created']));
  });

  it.each([
    ['an edited command', { spec: { entrypoint: 'other' } }],
    ['a hook that is added', { spec: { hooks: { exit: { template: 'mine' } } } }],
    ['a label that is taken away', { metadata: { labels: { 'launchpad-provision/instance': null } } }],
  ])('gets the WorkflowTemplate anew that has %s', async (_, edit) => {
    const before = await given.cluster.read(TEMPLATE);
    await given.cluster.patch(TEMPLATE, edit);
    expect(new Set(await changed())).toEqual(
      new Set(['secrets/launchpad-registry', 'workflowtemplates/launchpad-provision-mysql']),
    );
    const after = await given.cluster.read(TEMPLATE);
    expect(after?.metadata?.labels).toEqual(before?.metadata?.labels);
    expect(after?.spec).toEqual(before?.spec);
  });

  it('gets a Role and a RoleBinding anew that were changed or deleted', async () => {
    const rbac = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      metadata: { name: 'launchpad-provision-executor', namespace: 'school' },
    };
    await given.cluster.patch({ ...rbac, kind: 'Role' }, { rules: [] });
    await given.cluster.delete({ ...rbac, kind: 'RoleBinding' });
    expect(await changed()).toEqual([
      'rolebindings/launchpad-provision-executor',
      'roles/launchpad-provision-executor',
      'secrets/launchpad-registry',
    ]);
  });

  it('keeps labels and annotations of others', async () => {
    await given.cluster.patch(TEMPLATE, { metadata: { labels: { team: 'a' }, annotations: { note: 'x' } } });
    expect(await changed()).toEqual(['secrets/launchpad-registry']);
  });

  it('gets everything anew where nothing may be listed', async () => {
    given.server.access.deny(({ verb }) => verb === 'list');
    expect((await changed()).length).toBe(10);
  });
});

it('RoleBindings come when their Roles are there, as the API server looks for them', async () => {
  let roles = 0;
  const rolesAtBinding: number[] = [];
  const api = await startApiServer(({ url = '' }, response) => {
    const kind = url.split(/[/?]/).findLast((part) => part in KINDS) ?? '';
    const answer = () => sendJson(response, 200, { kind: KINDS[kind], metadata: { name: 'x', resourceVersion: '1' } });
    if (url.includes('/rolebindings/')) rolesAtBinding.push(roles);
    if (!url.includes('/roles/')) return answer();
    setTimeout(() => {
      roles += 1;
      answer();
    }, SLOW_MS);
  });
  const cluster = await Cluster.connect({ source: { kind: 'content', text: api.kubeconfig } });
  const registry = { server: 'ghcr.io', credentials: undefined };
  try {
    await prepareNamespace(cluster, {
      instance: 'school',
      registry,
      conventions: NO_CONVENTIONS,
      manifests: [await readFile(RBAC, 'utf8')],
    });
    expect(rolesAtBinding).toEqual([2, 2]);
  } finally {
    await cluster.close();
    await api.stop();
  }
});
