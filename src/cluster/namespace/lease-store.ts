import type { Cluster } from '../api/client.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../api/errors.ts';
import type { LeaseObject } from '../objects/namespace-objects.ts';
import { RUN_ANNOTATION } from '../objects/trace.ts';

/** Names a Lease. */
export interface LeaseName {
  readonly name: string;
  readonly namespace: string;
}

/** Who takes a Lease, or has it. */
export interface LeaseHolder {
  /** Identity of the run, unlike any other's. */
  readonly holder: string;
  /** What others read of it: the URL of the run. */
  readonly description: string;
}

/** The requests to the API server for one Lease. Each ends when its signal aborts. */
export interface LeaseStore extends LeaseName {
  read(signal: AbortSignal): Promise<LeaseObject | undefined>;
  /** Undefined: it exists already. */
  create(spec: LeaseSpec, holder: LeaseHolder, signal: AbortSignal): Promise<LeaseObject | undefined>;
  /** Replaces exactly the version that was read. Undefined: another one is stored, or none. */
  replace(
    read: LeaseObject,
    spec: LeaseSpec,
    holder: LeaseHolder,
    signal: AbortSignal,
  ): Promise<LeaseObject | undefined>;
  /** Deletes exactly the version that was read. False: another one is stored. */
  delete(read: LeaseObject, signal: AbortSignal): Promise<boolean>;
}

type LeaseSpec = NonNullable<LeaseObject['spec']>;

export function leaseStore(cluster: Cluster, { name, namespace }: LeaseName): LeaseStore {
  const ref = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace } };
  const objectOf = (spec: LeaseSpec, { holder, description }: LeaseHolder, version = {}): LeaseObject => ({
    ...ref,
    metadata: { ...ref.metadata, ...version, annotations: { [RUN_ANNOTATION]: description } },
    spec: { ...spec, holderIdentity: holder },
  });
  return {
    name,
    namespace,
    read: async (signal) => await cluster.until(signal).read<LeaseObject>(ref),
    create: async (spec, holder, signal) =>
      await unless(isAlreadyExists, cluster.until(signal).create<LeaseObject>(objectOf(spec, holder))),
    replace: async (read, spec, holder, signal) =>
      await unless(isOther, cluster.replace(objectOf(spec, holder, versionOf(read)), signal)),
    delete: async (read, signal) =>
      (await unless(isConflict, cluster.until(signal).delete(ref, versionOf(read)))) !== undefined,
  };
}

/** URL of the run that has the Lease; empty where it is not known. */
export function runUrl({ metadata }: LeaseObject): string {
  return metadata?.annotations?.[RUN_ANNOTATION] ?? '';
}

/** With the uid, so that a Lease that was deleted meanwhile is not created again. */
function versionOf({ metadata: { uid, resourceVersion } = {} }: LeaseObject) {
  return { ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) };
}

const isOther = (error: unknown) => isConflict(error) || isNotFound(error);

async function unless<T>(isExpected: (error: unknown) => boolean, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isExpected(error)) return undefined;
    throw error;
  }
}
