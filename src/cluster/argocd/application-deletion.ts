import { LaunchpadError } from '../../core/errors.ts';
import { REMIND_MS, Reminder } from '../../core/reminder.ts';
import type { ResourceState } from '../../core/report.ts';
import { applicationDifferences, type ExpectedApplication } from '../../instance/application/application.ts';
import type { Cluster } from '../api/client.ts';
import { isConflict, isNotFound } from '../api/errors.ts';
import { type DeletionOptions, waitForDeletion } from '../api/wait-for-deletion.ts';
import { watchObjects } from '../api/watch.ts';
import { ARGOCD_NAMESPACE, INSTANCE_LABEL } from '../objects/names.ts';
import type { KubeObject } from '../objects/objects.ts';

const APPLICATION = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', namespace: ARGOCD_NAMESPACE };

/**
 * Makes Argo CD delete an Application's workloads before the Application goes; it may have an ending that says how
 * (https://argo-cd.readthedocs.io/en/stable/user-guide/app_deletion/).
 */
const CASCADE = 'resources-finalizer.argocd.argoproj.io';

/** Argo CD writes into an Application at any time, so that a change of one version may have to be made again. */
const ATTEMPTS = 10;

export interface ApplicationObject extends KubeObject {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: {
    readonly conditions?: readonly { readonly type?: string; readonly message?: string }[];
  };
}

/**
 * The instance's Applications: those that carry our label, and the one of the instance's name, which has none where it was
 * made before there was a label.
 *
 * @throws LaunchpadError `application-foreign` where the one of that name is not the instance's
 */
export async function ownApplications(cluster: Cluster, expected: ExpectedApplication): Promise<ApplicationObject[]> {
  const { instance, name } = expected;
  const labelSelector = `${INSTANCE_LABEL}=${instance}`;
  const { items } = await cluster.list<ApplicationObject>(APPLICATION, { labelSelector });
  if (items.some(({ metadata }) => metadata?.name === name)) return items;
  const named = await cluster.read<ApplicationObject>(refOf(name));
  if (named === undefined) return items;
  const owner = named.metadata?.labels?.[INSTANCE_LABEL] ?? instance;
  const differences = [
    ...(owner === instance ? [] : [`its label says that it is that of instance ${owner}`]),
    ...applicationDifferences({ spec: {}, ...named, metadata: named.metadata ?? {} }, expected),
  ];
  if (differences.length === 0) return [...items, named];
  throw new LaunchpadError(
    'application-foreign',
    [
      `Application ${name} in namespace ${ARGOCD_NAMESPACE} is not that of instance ${instance}:`,
      ...differences.map((line) => `  - ${line}`),
    ].join('\n'),
    {
      remedy: `Check the name of the instance and the setting environment. If the Application is the instance's after all, label it: kubectl label application -n ${ARGOCD_NAMESPACE} ${name} ${INSTANCE_LABEL}=${instance}`,
    },
  );
}

/**
 * Deletes the Applications with their workloads, and waits until Argo CD is done with that.
 *
 * @throws LaunchpadError `application-terminating` that says what Argo CD says when the time is up
 */
export async function deleteApplications(
  cluster: Cluster,
  instance: string,
  applications: readonly ApplicationObject[],
  options: DeletionOptions,
): Promise<ResourceState[]> {
  if (applications.length === 0) return [];
  for (const application of applications) await startDeletion(cluster, instance, application);
  await waitForApplicationDeletions(cluster, instance, applications, options);
  return applications.map(({ metadata }) => ({ kind: 'Application', name: metadata?.name ?? '', state: 'deleted' }));
}

/**
 * Waits until an Application is gone that is being deleted, as an earlier run may have asked for: nothing that is applied to
 * it would last. One that is not being deleted is left alone.
 *
 * @throws LaunchpadError `application-terminating`
 */
export async function waitForApplicationDeletion(
  cluster: Cluster,
  name: string,
  options: DeletionOptions,
): Promise<void> {
  await waitForDeletion<ApplicationObject>(cluster, refOf(name), options, {
    name: `Application ${name}`,
    holders: describe,
    error: (application) => stillThere([application], options.waitMs),
  });
}

/**
 * Asks for the deletion. First it is made sure that the workloads go too, and that a later run knows the Application again;
 * of an Application that goes already only the latter can be changed.
 */
async function startDeletion(cluster: Cluster, instance: string, application: ApplicationObject): Promise<void> {
  const { name = '', uid = '' } = application.metadata ?? {};
  let current: ApplicationObject | undefined = application;
  for (let attempt = 1; current?.metadata?.uid === uid; attempt += 1) {
    const change = missingBeforeDeletion(current, instance);
    try {
      if (change !== undefined) await cluster.patch(refOf(name), { metadata: change });
      if (current.metadata.deletionTimestamp === undefined) await cluster.delete(refOf(name), { uid });
      return;
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error) || attempt === ATTEMPTS) throw error;
      current = await cluster.read<ApplicationObject>(refOf(name));
    }
  }
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
  const left = new Map(applications.map((application) => [uidOf(application), application]));
  const over = new AbortController();
  const stop = AbortSignal.any([signal, over.signal, AbortSignal.timeout(waitMs)]);
  const gone = (uid: string) => {
    left.delete(uid);
    if (left.size === 0) over.abort();
  };
  const onListed = (items: readonly KubeObject[]) => {
    const present = new Set(items.map(uidOf));
    for (const uid of [...left.keys()].filter((known) => !present.has(known))) gone(uid);
  };
  const reminder = new Reminder(onLine, REMIND_MS);
  reminder.say(`Waiting until Argo CD has deleted ${namesOf([...left.values()])} with its workloads.`);
  const remind = () => reminder.remind(`Still being deleted: ${[...left.values()].map(describe).join('; ')}`);
  const timer = setInterval(remind, 1_000);
  try {
    const selection = { labelSelector: `${INSTANCE_LABEL}=${instance}`, onListed };
    for await (const { type, object } of watchObjects<ApplicationObject>(cluster, APPLICATION, selection, stop)) {
      const uid = uidOf(object);
      const before = left.get(uid);
      if (before === undefined) continue;
      if (type === 'DELETED') {
        gone(uid);
        continue;
      }
      left.set(uid, object);
      if (conditionsOf(object) !== conditionsOf(before)) reminder.say(describe(object));
    }
  } finally {
    clearInterval(timer);
  }
  signal.throwIfAborted();
  if (left.size > 0) throw stillThere([...left.values()], waitMs);
}

function stillThere(applications: readonly ApplicationObject[], waitMs: number): LaunchpadError {
  const name = applications[0]?.metadata?.name ?? '';
  return new LaunchpadError(
    'application-terminating',
    `Argo CD has not deleted ${namesOf(applications)} after ${Math.round(waitMs / 1000)} s. ${applications.map(describe).join(' ')}`,
    {
      remedy: `Find out what keeps Argo CD from it (kubectl get application -n ${ARGOCD_NAMESPACE} ${name} -o yaml, the log of its application controller), then run again. Only if the workloads are gone for sure, remove the finalizers by hand.`,
    },
  );
}

/** Its finalizers, and what Argo CD says of it, such as a DeletionError. */
function describe(application: ApplicationObject): string {
  const { name, finalizers = [] } = application.metadata ?? {};
  const held = finalizers.length === 0 ? 'no finalizer' : `finalizers ${finalizers.join(', ')}`;
  const said = conditionsOf(application);
  return `Application ${name}: ${held}${said === '' ? '' : `; Argo CD says ${said}`}.`;
}

function conditionsOf({ status }: ApplicationObject): string {
  return (status?.conditions ?? []).map(({ type, message }) => `${type}: ${message}`).join('; ');
}

function namesOf(applications: readonly ApplicationObject[]): string {
  return applications.map(({ metadata }) => `Application ${metadata?.name}`).join(' and ');
}

function uidOf({ metadata }: KubeObject): string {
  return metadata?.uid ?? '';
}

function refOf(name: string) {
  return { ...APPLICATION, metadata: { name, namespace: ARGOCD_NAMESPACE } };
}
