import { settleAll } from '../../core/concurrency.ts';
import { LaunchpadError } from '../../core/errors.ts';
import { REMIND_MS, Reminder } from '../../core/reminder.ts';
import type { ResourceState } from '../../core/report.ts';
import { retry } from '../../core/retry.ts';
import { applicationDifferences, type ExpectedApplication } from '../../instance/application/application.ts';
import type { Cluster } from '../api/client.ts';
import { ignoreNotFound, isConflict } from '../api/errors.ts';
import { type DeletionOptions, waitForDeletion } from '../api/wait-for-deletion.ts';
import { watchObjects } from '../api/watch.ts';
import { INSTANCE_LABEL } from '../objects/names.ts';
import type { KubeObject } from '../objects/objects.ts';
import { conditionsIn, describeDeletion, describeStandstill, namesOf, notDeleted } from './application-holders.ts';
import { type ApplicationObject, applicationRef, applicationType } from './application-status.ts';

/**
 * With this finalizer Argo CD deletes the workloads before the Application. A suffix may name the policy
 * (https://argo-cd.readthedocs.io/en/stable/user-guide/app_deletion/).
 */
const CASCADE = 'resources-finalizer.argocd.argoproj.io';

/** Argo CD may write to an Application at any time, so a change with a resourceVersion may conflict. */
const ATTEMPTS = 10;

/** The Applications with our label for the instance. */
export async function labelledApplications(cluster: Cluster, instance: string): Promise<ApplicationObject[]> {
  const labelSelector = `${INSTANCE_LABEL}=${instance}`;
  return (await cluster.list<ApplicationObject>(applicationType(cluster), { labelSelector })).items;
}

/**
 * The instance's Applications: those with our label, and the one with the instance's name, which older versions created
 * without the label.
 *
 * @throws LaunchpadError `application-foreign` if the one with that name belongs to another instance
 */
export async function ownApplications(cluster: Cluster, expected: ExpectedApplication): Promise<ApplicationObject[]> {
  const { instance, name } = expected;
  const items = await labelledApplications(cluster, instance);
  if (items.some(({ metadata }) => metadata?.name === name)) return items;
  const named = await cluster.read<ApplicationObject>(applicationRef(cluster, name));
  if (named === undefined) return items;
  const owner = named.metadata?.labels?.[INSTANCE_LABEL] ?? instance;
  const differences = [
    ...(owner === instance ? [] : [`its label names instance ${owner}`]),
    ...applicationDifferences({ spec: {}, ...named, metadata: named.metadata ?? {} }, expected),
  ];
  if (differences.length === 0) return [...items, named];
  throw new LaunchpadError(
    'application-foreign',
    [
      `Application ${name} in namespace ${cluster.argocdNamespace} is not that of instance ${instance}:`,
      ...differences.map((line) => `  - ${line}`),
    ].join('\n'),
    {
      remedy: `Check the name of the instance and the setting environment. If the Application is the instance's after all, label it: kubectl label application -n ${cluster.argocdNamespace} ${name} ${INSTANCE_LABEL}=${instance}`,
    },
  );
}

/**
 * Deletes the Applications with their workloads, and waits until Argo CD has finished.
 *
 * @throws LaunchpadError `application-terminating` with Argo CD's conditions after the time limit
 */
export async function deleteApplications(
  cluster: Cluster,
  instance: string,
  applications: readonly ApplicationObject[],
  options: DeletionOptions,
): Promise<ResourceState[]> {
  if (applications.length === 0) return [];
  for (const application of applications) await requestDeletion(cluster, instance, application);
  await waitForApplicationDeletions(cluster, instance, applications, options);
  return applications.map(({ metadata }) => ({ kind: 'Application', name: metadata?.name ?? '', state: 'deleted' }));
}

/**
 * If the Application is being deleted, waits until that is finished, because the deletion would also remove what this run
 * applies. It does nothing to one that is not being deleted.
 *
 * @returns the Application if it exists then
 * @throws LaunchpadError `application-terminating`
 */
export async function waitForApplicationDeletion(
  cluster: Cluster,
  name: string,
  options: DeletionOptions,
): Promise<ApplicationObject | undefined> {
  return await waitForDeletion<ApplicationObject>(cluster, applicationRef(cluster, name), options, {
    name: `Application ${name}`,
    holders: async (application) => await describeStandstill(cluster, application, options.signal),
    error: async (application) => await notDeleted(cluster, [application], options),
  });
}

/**
 * Requests the deletion. Before that it sets the cascading finalizer and our label, so that the workloads are deleted too
 * and a later run recognises the Application. If it is already being deleted, only the label can be set.
 */
async function requestDeletion(cluster: Cluster, instance: string, application: ApplicationObject): Promise<void> {
  const { name = '', uid = '' } = application.metadata ?? {};
  const request = async (attempt: number) => {
    const current = attempt === 1 ? application : await cluster.read<ApplicationObject>(applicationRef(cluster, name));
    if (current?.metadata?.uid !== uid) return;
    const change = missingBeforeDeletion(current, instance);
    if (change !== undefined) await cluster.patch(applicationRef(cluster, name), { metadata: change });
    if (current.metadata.deletionTimestamp === undefined) await cluster.delete(applicationRef(cluster, name), { uid });
  };
  const options = { isTransient: isConflict, attempts: ATTEMPTS, firstDelayMs: 50, longestDelayMs: 1_000 };
  await retry(request, { ...options, clock: cluster.clock }).catch(ignoreNotFound);
}

function missingBeforeDeletion({ metadata = {} }: ApplicationObject, instance: string): object | undefined {
  const { resourceVersion, deletionTimestamp, finalizers = [], labels } = metadata;
  const isCascading = deletionTimestamp !== undefined || finalizers.some((one) => one.startsWith(CASCADE));
  if (isCascading && labels?.[INSTANCE_LABEL] === instance) return undefined;
  return {
    resourceVersion,
    labels: { [INSTANCE_LABEL]: instance },
    ...(isCascading ? {} : { finalizers: [...finalizers, CASCADE] }),
  };
}

async function waitForApplicationDeletions(
  cluster: Cluster,
  instance: string,
  applications: readonly ApplicationObject[],
  { waitMs, signal, onLine }: DeletionOptions,
): Promise<void> {
  const { clock } = cluster;
  const left = new Map(applications.map((application) => [uidOf(application), application]));
  const over = new AbortController();
  const stop = AbortSignal.any([signal, over.signal]);
  const late = clock.sleep(waitMs, stop).then(
    () => over.abort(),
    () => undefined,
  );
  const deleted = (uid: string) => {
    left.delete(uid);
    if (left.size === 0) over.abort();
  };
  const onListed = (items: readonly KubeObject[]) => {
    const present = new Set(items.map(uidOf));
    for (const uid of [...left.keys()].filter((known) => !present.has(known))) deleted(uid);
  };
  const reminder = new Reminder(onLine, REMIND_MS, clock);
  reminder.say(`Waiting until Argo CD has deleted ${namesOf([...left.values()])} with its workloads.`);
  const follow = async () => {
    const selection = { labelSelector: `${INSTANCE_LABEL}=${instance}`, onListed };
    for await (const { type, object } of watchObjects<ApplicationObject>(
      cluster,
      applicationType(cluster),
      selection,
      stop,
    )) {
      const uid = uidOf(object);
      const before = left.get(uid);
      if (before === undefined) continue;
      if (type === 'DELETED') {
        deleted(uid);
        continue;
      }
      left.set(uid, object);
      if (conditionsIn(object) !== conditionsIn(before)) reminder.say(describeDeletion(object));
    }
  };
  await settleAll([
    follow().finally(() => over.abort()),
    reminder.remindUntil(stop, async () => {
      const states = await Promise.all([...left.values()].map((one) => describeStandstill(cluster, one, stop)));
      return `Still being deleted: ${states.join(' ')}`;
    }),
    late,
  ]);
  signal.throwIfAborted();
  if (left.size > 0) throw await notDeleted(cluster, [...left.values()], { waitMs, signal });
}

function uidOf({ metadata }: KubeObject): string {
  return metadata?.uid ?? '';
}
