import { LaunchpadError } from '../../core/errors.ts';
import type { Cluster } from '../api/client.ts';
import { isAlreadyExists } from '../api/errors.ts';
import { INSTANCE_LABEL, PASSWORD_SECRET, RUN_LABEL, SEED_SECRET, VERIFIED_BY_ANNOTATION } from '../objects/names.ts';
import { type SecretObject, secretRef } from '../objects/namespace-objects.ts';
import type { KubeObject, ObjectRef } from '../objects/objects.ts';

/** The instance's Secrets that have our label, without what is in them. */
export async function listSecrets(cluster: Cluster, instance: string): Promise<readonly KubeObject[]> {
  const type = { apiVersion: 'v1', kind: 'Secret', namespace: instance };
  return await cluster.listMetadata(type, { labelSelector: `${INSTANCE_LABEL}=${instance}` });
}

/** Whether the seed is among the Secrets. */
export function hasSeed(secrets: readonly KubeObject[]): boolean {
  return secrets.some(({ metadata }) => metadata?.name === SEED_SECRET);
}

/**
 * The seed that an earlier run of the instance stored and whose values it has not pushed yet; undefined if none.
 *
 * @throws LaunchpadError `seed-damaged` if the Secret does not have the bytes of a seed
 */
export async function storedSeed(cluster: Cluster, instance: string): Promise<Uint8Array | undefined> {
  const secret = await cluster.read<SecretObject>(secretRef(instance, SEED_SECRET));
  if (secret === undefined) return undefined;
  const bytes = Buffer.from(secret.data?.seed ?? '', 'base64');
  if (bytes.length !== 32 && bytes.length !== 33) {
    throw new LaunchpadError(
      'seed-damaged',
      `Secret ${SEED_SECRET} in namespace ${instance} is damaged: it has ${bytes.length} bytes, and not 32 or 33.`,
      {
        remedy: `Delete it (kubectl delete secret -n ${instance} ${SEED_SECRET}) and run again; passwords that came from it are generated again.`,
      },
    );
  }
  return bytes;
}

/** Stores the seed, and never overwrites one. False if there is one already. */
export async function storeSeed(cluster: Cluster, instance: string, seed: Uint8Array): Promise<boolean> {
  const data = { seed: Buffer.from(seed).toString('base64') };
  return await createSecret(cluster, secretRef(instance, SEED_SECRET), { [INSTANCE_LABEL]: instance }, data);
}

/** Creates a Secret of the instance by POST, which never overwrites. False if there is one already. */
async function createSecret(
  cluster: Cluster,
  ref: ObjectRef,
  labels: Readonly<Record<string, string>>,
  data: Readonly<Record<string, string>>,
): Promise<boolean> {
  try {
    await cluster.create({ ...ref, metadata: { ...ref.metadata, labels }, type: 'Opaque', data });
    return true;
  } catch (error) {
    if (isAlreadyExists(error)) return false;
    throw error;
  }
}

/** Deletes the seed: the values from it are in the cluster repository now. */
export async function deleteSeed(cluster: Cluster, instance: string): Promise<void> {
  await cluster.delete(secretRef(instance, SEED_SECRET));
}

/**
 * Creates the Secret into which the MongoDB provisioner writes, without data. One that exists stays as it is: false.
 *
 * @param run the one that creates it
 */
export async function createPasswordSecret(cluster: Cluster, instance: string, run: string): Promise<boolean> {
  const labels = { [INSTANCE_LABEL]: instance, [RUN_LABEL]: run };
  return await createSecret(cluster, secretRef(instance, PASSWORD_SECRET), labels, {});
}

/**
 * The MongoDB password that this run's Workflow logged in with.
 *
 * @param workflowUid UID of the run's MongoDB Workflow: a password of another one does not count
 * @throws LaunchpadError `password-unverified` if the Secret is missing, empty or another Workflow's
 */
export async function verifiedPassword(cluster: Cluster, instance: string, workflowUid: string): Promise<string> {
  const secret = await cluster.read<SecretObject>(secretRef(instance, PASSWORD_SECRET));
  const password = Buffer.from(secret?.data?.password ?? '', 'base64').toString('utf8');
  const verifiedBy = secret?.metadata?.annotations?.[VERIFIED_BY_ANNOTATION];
  if (password === '' || verifiedBy !== workflowUid) {
    const state = secret === undefined ? 'is gone' : password === '' ? 'is empty' : 'was written by another workflow';
    throw new LaunchpadError(
      'password-unverified',
      `The MongoDB workflow succeeded, but Secret ${PASSWORD_SECRET} in namespace ${instance} ${state}.`,
      { remedy: 'Run again: nothing was committed, and the databases are kept.' },
    );
  }
  return password;
}
