import { retry } from '../../core/retry.ts';
import type { RegistrySettings } from '../../core/settings.ts';
import type { Cluster } from '../api/client.ts';
import { isConflict } from '../api/errors.ts';
import { INSTANCE_LABEL, MONGODB_ACCOUNT, PROVISIONER_ACCOUNT, REGISTRY_SECRET } from '../objects/names.ts';
import { accountRef, type PullSecretRef, type ServiceAccountObject, secretRef } from '../objects/namespace-objects.ts';
import type { KubeObject } from '../objects/objects.ts';
import type { LiveObjects } from './live-objects.ts';

/** Accounts that pull with the registry's credentials: the instance's own pods and ours. */
export const PULLING_ACCOUNTS: readonly string[] = ['default', PROVISIONER_ACCOUNT, MONGODB_ACCOUNT];

/** The pull Secret with the registry's credentials. */
export function registrySecret(
  instance: string,
  { server, credentials }: RegistrySettings & { credentials: NonNullable<RegistrySettings['credentials']> },
): KubeObject {
  const { username, password } = credentials;
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  const dockerconfig = JSON.stringify({ auths: { [server]: { username, password, auth } } });
  const ref = secretRef(instance, REGISTRY_SECRET);
  return {
    ...ref,
    metadata: { ...ref.metadata, labels: { [INSTANCE_LABEL]: instance } },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(dockerconfig).toString('base64') },
  };
}

/** The account's pull Secrets with the registry's added; undefined if the account has it already. */
export function missingPullSecrets({
  imagePullSecrets = [],
}: ServiceAccountObject): readonly PullSecretRef[] | undefined {
  if (imagePullSecrets.some(({ name }) => name === REGISTRY_SECRET)) return undefined;
  return [...imagePullSecrets, { name: REGISTRY_SECRET }];
}

/** Attempts to change an account while others change it too. */
const ATTEMPTS = 5;

/**
 * Adds the registry's Secret to the pull Secrets of the accounts. A patch or an apply replaces the whole list (it is
 * atomic in the API), so we read it first, and write it only if nobody changed the account in between.
 *
 * @param live the accounts that have the Secret already are left alone
 */
export async function pullWithRegistrySecret(cluster: Cluster, instance: string, live: LiveObjects): Promise<void> {
  const incomplete = PULLING_ACCOUNTS.filter((name) => {
    const account: ServiceAccountObject | undefined = live.get(accountRef(instance, name));
    return account === undefined || missingPullSecrets(account) !== undefined;
  });
  await Promise.all(incomplete.map((name) => addPullSecret(cluster, instance, name)));
}

async function addPullSecret(cluster: Cluster, instance: string, name: string): Promise<void> {
  const ref = accountRef(instance, name);
  const add = async () => {
    // Kubernetes creates `default` shortly after the namespace, and keeps ours if we are first.
    const account: ServiceAccountObject =
      (await cluster.read(ref)) ?? (await cluster.apply({ ...ref }, { force: false }));
    const imagePullSecrets = missingPullSecrets(account);
    if (imagePullSecrets === undefined) return;
    const resourceVersion = account.metadata?.resourceVersion;
    await cluster.patch(ref, { metadata: { resourceVersion }, imagePullSecrets });
  };
  const options = { isTransient: isConflict, attempts: ATTEMPTS, firstDelayMs: 50, longestDelayMs: 500 };
  await retry(add, { ...options, clock: cluster.clock });
}
