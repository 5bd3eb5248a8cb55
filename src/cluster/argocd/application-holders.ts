import { LaunchpadError } from '../../core/errors.ts';
import type { Cluster } from '../api/client.ts';
import type { ServedKind } from '../api/discovery.ts';
import type { DeletionOptions } from '../api/wait-for-deletion.ts';
import { describeHeld } from '../namespace/namespace-content.ts';
import { requestRefresh } from './application.ts';
import { type ApplicationObject, conditionsOf } from './application-status.ts';

/**
 * What is known of an Application whose deletion stands still. Argo CD is asked to look at it again, as it may have missed
 * that what held the deletion is gone.
 */
export async function describeStandstill(
  cluster: Cluster,
  application: ApplicationObject,
  signal: AbortSignal,
): Promise<string> {
  // It may be deleted by now, and the permission is not needed for anything else.
  await requestRefresh(cluster.until(signal), application.metadata?.name ?? '').catch(() => undefined);
  const held = await heldBy(cluster, application, signal);
  return `${[describeDeletion(application), ...held].join(' ')} Asked Argo CD to look at it again.`;
}

/** The objects of the Application's namespace that are not deleted yet. */
async function heldBy(cluster: Cluster, application: ApplicationObject, signal: AbortSignal): Promise<string[]> {
  const { spec, status } = application;
  const namespace = spec?.destination?.namespace ?? '';
  const kinds = new Set((status?.resources ?? []).map(({ group = '', kind }) => `${group}/${kind}`));
  const isWanted = ({ group, kind }: ServedKind) => kinds.size === 0 || kind === 'Pod' || kinds.has(`${group}/${kind}`);
  return namespace === '' ? [] : await describeHeld(cluster, namespace, { isWanted, signal });
}

/** The error for Applications that Argo CD has not deleted in time, with what holds them. */
export async function notDeleted(
  cluster: Cluster,
  applications: readonly ApplicationObject[],
  { waitMs, signal }: Pick<DeletionOptions, 'waitMs' | 'signal'>,
): Promise<LaunchpadError> {
  const name = applications[0]?.metadata?.name ?? '';
  const held = (await Promise.all(applications.map((one) => heldBy(cluster, one, signal)))).flat();
  const states = [...applications.map(describeDeletion), ...held];
  const cause =
    held.length > 0
      ? 'Let the controllers that own the finalizers of these objects finish; remove a finalizer by hand only if its controller is gone.'
      : `Find out what keeps Argo CD from it (kubectl get application -n ${cluster.argocdNamespace} ${name} -o yaml, the log of its application controller). Only if the workloads are gone for sure, remove the Application's finalizers by hand.`;
  return new LaunchpadError(
    'application-terminating',
    `Argo CD has not deleted ${namesOf(applications)} after ${Math.round(waitMs / 1000)} s. ${states.join(' ')}`,
    { remedy: `${cause} Then run again.` },
  );
}

/** Its finalizers and conditions, such as a DeletionError. */
export function describeDeletion(application: ApplicationObject): string {
  const { name, finalizers = [] } = application.metadata ?? {};
  const finalizerList = finalizers.length === 0 ? 'no finalizer' : `finalizers ${finalizers.join(', ')}`;
  const conditions = conditionsIn(application);
  return `Application ${name}: ${finalizerList}${conditions === '' ? '' : `; Argo CD says ${conditions}`}.`;
}

/** Argo CD's conditions on one line. */
export function conditionsIn(application: ApplicationObject): string {
  return conditionsOf(application).join('; ');
}

/** The names, for a sentence. */
export function namesOf(applications: readonly ApplicationObject[]): string {
  return applications.map(({ metadata }) => `Application ${metadata?.name}`).join(' and ');
}
