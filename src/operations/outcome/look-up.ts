import type { Cluster } from '../../cluster/api/client.ts';
import { labelledApplications } from '../../cluster/argocd/application-deletion.ts';
import { applicationRef } from '../../cluster/argocd/application-status.ts';
import { namespaceRef } from '../../cluster/objects/namespace-objects.ts';
import type { KubeObject } from '../../cluster/objects/objects.ts';
import { messageOf } from '../../core/errors.ts';
import type { RecordedResource, RunRecord } from '../../core/run-record.ts';
import type { RunRecorder } from '../../core/run-recorder.ts';

/** Milliseconds for the questions: the run has already waited for a cluster that does not answer. */
const LOOK_UP_MS = 10_000;

/** Finds what a run that provisions may have created. */
type Find = (cluster: Cluster, instance: string) => Promise<readonly (KubeObject | undefined)[]>;

const EFFECTS = [
  {
    effect: 'namespace',
    kind: 'Namespace',
    refOf: (_: Cluster, name: string) => namespaceRef(name),
    find: findNamespace,
  },
  { effect: 'application', kind: 'Application', refOf: applicationRef, find: labelledApplications },
] as const;

/**
 * Finds out in the cluster what a run that failed has done although no answer said so, and records it. Whether a commit was
 * pushed is for the push to find out. It never throws: what cannot be found out stays unknown.
 *
 * @param cluster a client that the run's signal does not cancel
 * @param limitMs milliseconds for the questions
 */
export async function lookUpEffects(
  cluster: Cluster,
  instance: string,
  recorder: RunRecorder,
  limitMs = LOOK_UP_MS,
): Promise<void> {
  const unknown = EFFECTS.filter(({ effect }) => recorder.recorded.effects[effect] === 'unknown');
  const bounded = cluster.until(AbortSignal.timeout(limitMs));
  for (const { effect, kind, refOf, find } of unknown) {
    try {
      const { operation, resources } = recorder.recorded;
      const recorded = resources.filter((resource) => resource.kind === kind);
      const found =
        operation === 'deprovision'
          ? await Promise.all(
              recorded.map((resource) => afterDeletion(bounded, refOf(bounded, resource.name), resource)),
            )
          : await created(bounded, instance, kind, find);
      recorder.record({ resources: found, effects: { [effect]: isDone(operation, found) ? 'yes' : 'no' } });
    } catch (error) {
      recorder.debug(`${kind} of ${instance} could not be looked up: ${messageOf(error)}`);
    }
  }
}

function isDone(operation: RunRecord['operation'], found: readonly RecordedResource[]): boolean {
  return operation === 'deprovision' ? found.every(({ state }) => state === 'deleted') : found.length > 0;
}

async function created(cluster: Cluster, instance: string, kind: string, find: Find): Promise<RecordedResource[]> {
  const objects = await find(cluster, instance);
  return objects.flatMap((object) => {
    const name = object?.metadata?.name;
    return name === undefined ? [] : [{ kind, name, state: stateOf(object) }];
  });
}

async function afterDeletion(
  cluster: Cluster,
  ref: ReturnType<typeof namespaceRef>,
  { kind, name, state }: RecordedResource,
): Promise<RecordedResource> {
  const object = await cluster.read(ref);
  if (object === undefined) return { kind, name, state: state === 'absent' ? 'absent' : 'deleted' };
  return { kind, name, state: stateOf(object) };
}

function stateOf(object: KubeObject | undefined): 'present' | 'deleting' {
  return object?.metadata?.deletionTimestamp === undefined ? 'present' : 'deleting';
}

async function findNamespace(cluster: Cluster, instance: string): Promise<readonly (KubeObject | undefined)[]> {
  return [await cluster.read(namespaceRef(instance))];
}
