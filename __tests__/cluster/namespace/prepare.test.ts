import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Cluster } from '../../../src/cluster/api/client.ts';
import { prepareNamespace } from '../../../src/cluster/namespace/prepare.ts';
import { NO_CONVENTIONS } from '../../../src/cluster/objects/conventions.ts';
import { sendJson, startApiServer } from '../api-server.ts';

const RBAC = path.join(import.meta.dirname, '..', '..', '..', 'manifests', 'rbac.yml');
/** Milliseconds that this API server takes to store a Role; all else is there at once. */
const SLOW_MS = 300;
const KINDS: Readonly<Record<string, string>> = {
  roles: 'Role',
  rolebindings: 'RoleBinding',
  serviceaccounts: 'ServiceAccount',
  namespaces: 'Namespace',
  secrets: 'Secret',
};

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
