import { LaunchpadError } from '../../core/errors.ts';
import type { Cluster } from '../api/client.ts';
import { isAlreadyExists } from '../api/errors.ts';
import { INSTANCE_LABEL, SEED_SECRET } from '../objects/names.ts';
import { type SecretObject, secretRef } from '../objects/namespace-objects.ts';

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

/** Stores the seed by POST, which never overwrites. False if there is one already. */
export async function storeSeed(cluster: Cluster, instance: string, seed: Uint8Array): Promise<boolean> {
  const ref = secretRef(instance, SEED_SECRET);
  try {
    await cluster.create({
      ...ref,
      metadata: { ...ref.metadata, labels: { [INSTANCE_LABEL]: instance } },
      type: 'Opaque',
      data: { seed: Buffer.from(seed).toString('base64') },
    });
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
