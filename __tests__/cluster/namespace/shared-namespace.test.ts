import type { ApplicationObject } from '../../../src/cluster/argocd/application-status.ts';
import { requireOwnContent } from '../../../src/cluster/namespace/shared-namespace.ts';
import type { KubeObject } from '../../../src/cluster/objects/objects.ts';
import { type Given, givenCluster } from '../workflows/given.ts';

let given: Given;
beforeEach(async () => {
  given = await givenCluster();
});
afterEach(async () => await given.stop());

const require = async (applications: readonly ApplicationObject[] = []) =>
  await requireOwnContent(given.cluster, { instance: 'school', application: 'school-production', applications });

async function create(kind: string, name: string, metadata: KubeObject['metadata'] = {}): Promise<KubeObject> {
  return await given.cluster.create({ apiVersion: 'v1', kind, metadata: { name, namespace: 'school', ...metadata } });
}

describe('a namespace whose name other software uses', () => {
  it("is the instance's own if it has what is labelled, tracked, owned, or in every namespace", async () => {
    // The sandbox's controller may have been first.
    await create('ServiceAccount', 'default').catch(() => undefined);
    await create('ConfigMap', 'kube-root-ca.crt');
    await create('Secret', 'default-token', { annotations: { 'kubernetes.io/service-account.name': 'default' } });
    await create('Secret', 'launchpad-seed', { labels: { 'launchpad-provision/instance': 'school' } });
    const tracking = { 'argocd.argoproj.io/tracking-id': 'school-production:/ConfigMap:school/lms' };
    const { metadata } = await create('ConfigMap', 'lms', { annotations: tracking });
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'lms', uid: metadata?.uid ?? '' };
    const pod = await create('Pod', 'lms-1', { ownerReferences: [owner] });
    const pods = { apiVersion: 'v1', kind: 'Pod', name: 'lms-1', uid: pod.metadata?.uid ?? '' };
    await create('Secret', 'lms-1-token', { ownerReferences: [pods] });
    await create('ConfigMap', 'cms');
    await create('Event', 'lms.1');
    const resources = [{ kind: 'ConfigMap', namespace: 'school', name: 'cms' }];
    await require([{ status: { resources } }]);
  });

  it('is shared if it has anything else: each object is named', async () => {
    await create('ConfigMap', 'prometheus', {
      annotations: { 'argocd.argoproj.io/tracking-id': 'prometheus:/ConfigMap:school/prometheus' },
    });
    await create('Secret', 'grafana', { labels: { 'launchpad-provision/instance': 'other' } });
    await expect(require()).rejects.toMatchObject({
      code: 'namespace-shared',
      message: expect.stringMatching(
        /^Namespace school .*not the instance's: (?=.*ConfigMap prometheus)(?=.*Secret grafana)/,
      ),
      remedy: expect.stringContaining('Move the other objects'),
    });
  });

  it('is shared, too, if something in it cannot be listed', async () => {
    given.server.access.deny(({ verb, resource }) => verb === 'list' && resource === 'leases');
    await expect(require()).rejects.toMatchObject({
      code: 'namespace-shared',
      message: expect.stringContaining('cannot be listed: leases.coordination.k8s.io'),
    });
  });
});
