import { LaunchpadError } from '../../core/errors.ts';
import type { Cluster } from '../api/client.ts';
import { isAlreadyExists } from '../api/errors.ts';
import { INSTANCE_LABEL, PASSWORD_SECRET, VERIFIED_BY_ANNOTATION } from '../objects/names.ts';
import { type SecretObject, secretRef } from '../objects/namespace-objects.ts';

/** Creates the Secret into which the MongoDB provisioner writes, without data. An existing one stays as it is. */
export async function createPasswordSecret(cluster: Cluster, instance: string): Promise<void> {
  const ref = secretRef(instance, PASSWORD_SECRET);
  try {
    await cluster.create({
      ...ref,
      metadata: { ...ref.metadata, labels: { [INSTANCE_LABEL]: instance } },
      type: 'Opaque',
    });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
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

/** Deletes the Secret: the password is in the cluster repository now. */
export async function deletePasswordSecret(cluster: Cluster, instance: string): Promise<void> {
  await cluster.delete(secretRef(instance, PASSWORD_SECRET));
}
