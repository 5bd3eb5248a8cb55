import type { ResourceState } from '../../core/report.ts';
import type { Application } from '../../instance/application/application.ts';
import type { Cluster } from '../api/client.ts';
import { stateAfter } from '../dry-run/object-changes.ts';
import { ARGOCD_NAMESPACE, INSTANCE_LABEL } from '../objects/names.ts';
import type { KubeObject, ServerSideApply } from '../objects/objects.ts';

const APPLICATION = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', namespace: ARGOCD_NAMESPACE };

interface ApplicationObject extends KubeObject {
  readonly spec?: { readonly source?: { readonly repoURL?: string; readonly targetRevision?: string } };
}

/** URLs by which the cluster's Applications read their repositories. */
export async function repositoryUrlsInUse(cluster: Cluster): Promise<string[]> {
  const { items } = await cluster.list<ApplicationObject>(APPLICATION);
  return items.flatMap(({ spec }) => spec?.source?.repoURL ?? []);
}

/** The Application of that name, if there is one. */
export async function readApplication(cluster: Cluster, name: string): Promise<ApplicationObject | undefined> {
  return await cluster.read<ApplicationObject>({ ...APPLICATION, metadata: { name, namespace: ARGOCD_NAMESPACE } });
}

/** Makes the Application of application.yml, or brings the one that is there up to date. */
export async function applyApplication(
  cluster: Cluster,
  instance: string,
  application: Application,
): Promise<ResourceState> {
  const { object, force, existing } = await applicationApply(cluster, instance, application);
  const applied = await cluster.apply(object, { force });
  return { kind: 'Application', name: application.metadata.name, state: stateAfter(existing, applied) };
}

/**
 * What is applied of the Application: application.yml with our label. An Application that is there and not ours is not
 * forced: where its fields belong to somebody else and differ, the API server's conflict says which and whose they are.
 */
export async function applicationApply(
  cluster: Cluster,
  instance: string,
  application: Application,
): Promise<ServerSideApply & { readonly existing: KubeObject | undefined }> {
  const { metadata } = application;
  const existing = await readApplication(cluster, metadata.name);
  const labels = { ...metadata.labels, [INSTANCE_LABEL]: instance };
  return {
    object: { ...application, metadata: { ...metadata, namespace: ARGOCD_NAMESPACE, labels } },
    force: existing === undefined || existing.metadata?.labels?.[INSTANCE_LABEL] === instance,
    existing,
  };
}
