import type { ResourceState } from '../../core/report.ts';
import { type Application, sourcesOf } from '../../instance/application/application.ts';
import type { Cluster } from '../api/client.ts';
import { stateAfter } from '../dry-run/object-changes.ts';
import { ARGOCD_NAMESPACE, INSTANCE_LABEL } from '../objects/names.ts';
import type { ServerSideApply } from '../objects/objects.ts';
import { APPLICATION_TYPE, type ApplicationObject, applicationRef, REFRESH_ANNOTATION } from './application-status.ts';

/** The repository URLs of the cluster's Applications. */
export async function repositoryUrlsInUse(cluster: Cluster): Promise<string[]> {
  const { items } = await cluster.list<ApplicationObject>(APPLICATION_TYPE);
  return items.flatMap(({ spec }) =>
    sourcesOf({ ...spec }).flatMap(({ repoURL }) => (typeof repoURL === 'string' ? [repoURL] : [])),
  );
}

/** The Application of that name, if there is one. */
export async function readApplication(cluster: Cluster, name: string): Promise<ApplicationObject | undefined> {
  return await cluster.read<ApplicationObject>(applicationRef(name));
}

/** Asks Argo CD to look at the Application at once. */
export async function requestRefresh(cluster: Cluster, name: string): Promise<void> {
  await cluster.patch(applicationRef(name), { metadata: { annotations: { [REFRESH_ANNOTATION]: 'normal' } } });
}

/** Creates or updates the Application of application.yml. @param existing the Application if there was one before the run */
export async function applyApplication(
  cluster: Cluster,
  instance: string,
  application: Application,
  existing: ApplicationObject | undefined,
): Promise<ResourceState> {
  const { object, force } = applicationApply(instance, application, existing);
  const applied = await cluster.apply(object, { force });
  return { kind: 'Application', name: application.metadata.name, state: stateAfter(existing, applied) };
}

/**
 * The apply of application.yml with our label. It is not forced on an Application without our label: if another field
 * manager owns a field with a different value, the API server answers with a conflict that names both.
 */
export function applicationApply(
  instance: string,
  application: Application,
  existing: ApplicationObject | undefined,
): ServerSideApply {
  const { metadata } = application;
  const labels = { ...metadata.labels, [INSTANCE_LABEL]: instance };
  return {
    object: { ...application, metadata: { ...metadata, namespace: ARGOCD_NAMESPACE, labels } },
    // One that others create meanwhile is theirs.
    force: existing?.metadata?.labels?.[INSTANCE_LABEL] === instance,
  };
}
