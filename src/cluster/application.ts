import type { Application } from '../instance/application.ts';
import type { ResourceState } from '../report.ts';
import { stateAfter } from './applied.ts';
import type { Cluster } from './client.ts';
import { ARGOCD_NAMESPACE, INSTANCE_LABEL } from './names.ts';
import type { KubeObject } from './objects.ts';

const APPLICATION = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', namespace: ARGOCD_NAMESPACE };

interface ApplicationObject extends KubeObject {
  readonly spec?: { readonly source?: { readonly repoURL?: string } };
}

/** URLs by which the cluster's Applications read their repositories. */
export async function repositoryUrlsInUse(cluster: Cluster): Promise<string[]> {
  const { items } = await cluster.list<ApplicationObject>(APPLICATION);
  return items.flatMap(({ spec }) => spec?.source?.repoURL ?? []);
}

/**
 * Applies the Application of application.yml with our label. An Application that is there and not ours is not forced:
 * where its fields belong to somebody else and differ, the API server's conflict says which and whose they are.
 */
export async function applyApplication(
  cluster: Cluster,
  instance: string,
  application: Application,
): Promise<ResourceState> {
  const { metadata } = application;
  const ref = { ...APPLICATION, metadata: { name: metadata.name, namespace: ARGOCD_NAMESPACE } };
  const existing = await cluster.read(ref);
  const ours = existing === undefined || existing.metadata?.labels?.[INSTANCE_LABEL] === instance;
  const labels = { ...metadata.labels, [INSTANCE_LABEL]: instance };
  const applied = await cluster.apply(
    { ...application, metadata: { ...metadata, namespace: ARGOCD_NAMESPACE, labels } },
    { force: ours },
  );
  return { kind: 'Application', name: metadata.name, state: stateAfter(existing, applied) };
}
