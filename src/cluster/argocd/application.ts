import type { ResourceState } from '../../core/report.ts';
import { type Application, sourcesOf } from '../../instance/application/application.ts';
import type { Cluster } from '../api/client.ts';
import { applyTraced } from '../api/traced-apply.ts';
import { isApplied } from '../dry-run/object-changes.ts';
import { INSTANCE_LABEL } from '../objects/names.ts';
import type { ServerSideApply } from '../objects/objects.ts';
import type { Trace } from '../objects/trace.ts';
import { type ApplicationObject, applicationRef, applicationType, REFRESH_ANNOTATION } from './application-status.ts';

/** The repository URLs of the cluster's Applications. */
export async function repositoryUrlsInUse(cluster: Cluster): Promise<string[]> {
  const { items } = await cluster.list<ApplicationObject>(applicationType(cluster));
  return items.flatMap(({ spec }) =>
    sourcesOf({ ...spec }).flatMap(({ repoURL }) => (typeof repoURL === 'string' ? [repoURL] : [])),
  );
}

/** The Application of that name, if there is one. */
export async function readApplication(cluster: Cluster, name: string): Promise<ApplicationObject | undefined> {
  return await cluster.read<ApplicationObject>(applicationRef(cluster, name));
}

/** Asks Argo CD to look at the Application at once. */
export async function requestRefresh(cluster: Cluster, name: string): Promise<void> {
  await cluster.patch(applicationRef(cluster, name), { metadata: { annotations: { [REFRESH_ANNOTATION]: 'normal' } } });
}

/** Creates or updates the Application of application.yml, if it is not so already. @param existing the Application if there was one before the run */
export async function applyApplication(
  cluster: Cluster,
  instance: string,
  application: Application,
  existing: ApplicationObject | undefined,
  trace: Trace,
): Promise<ResourceState> {
  const apply = applicationApply(cluster, instance, application, existing);
  const resource = { kind: 'Application', name: application.metadata.name };
  if (existing !== undefined && isApplied(existing, apply.object)) return { ...resource, state: 'unchanged' };
  const { state } = await applyTraced(cluster, apply, existing, trace);
  return { ...resource, state };
}

/**
 * The apply of application.yml with our label. It is not forced on an Application without our label: if another field
 * manager owns a field with a different value, the API server answers with a conflict that names both.
 */
export function applicationApply(
  cluster: Pick<Cluster, 'argocdNamespace'>,
  instance: string,
  application: Application,
  existing: ApplicationObject | undefined,
): ServerSideApply {
  const { metadata } = application;
  const labels = { ...metadata.labels, [INSTANCE_LABEL]: instance };
  return {
    object: { ...application, metadata: { ...metadata, namespace: cluster.argocdNamespace, labels } },
    // One that others create meanwhile is theirs.
    force: existing?.metadata?.labels?.[INSTANCE_LABEL] === instance,
  };
}
