import { retry } from '../../core/retry.ts';
import type { RegistrySettings } from '../../core/settings.ts';
import type { Cluster } from '../api/client.ts';
import { isConflict } from '../api/errors.ts';
import { INSTANCE_LABEL, MONGODB_ACCOUNT, PROVISIONER_ACCOUNT, REGISTRY_SECRET } from '../objects/names.ts';
import type { KubeObject, ObjectRef } from '../objects/objects.ts';

/** Accounts that pull with the registry's credentials: the instance's own pods and ours. */
export const PULLING_ACCOUNTS: readonly string[] = ['default', PROVISIONER_ACCOUNT, MONGODB_ACCOUNT];

/** The pull Secret that the registry's credentials become. */
export function registrySecret(
  instance: string,
  { server, credentials }: RegistrySettings & { credentials: NonNullable<RegistrySettings['credentials']> },
): KubeObject {
  const { username, password } = credentials;
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  const dockerconfig = JSON.stringify({ auths: { [server]: { username, password, auth } } });
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: REGISTRY_SECRET, namespace: instance, labels: { [INSTANCE_LABEL]: instance } },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(dockerconfig).toString('base64') },
  };
}

export interface ServiceAccount extends KubeObject {
  readonly imagePullSecrets?: readonly PullSecretRef[];
}

interface PullSecretRef {
  readonly name?: string;
}

/** The pull Secrets that the account shall have; undefined where the registry's is among them already. */
export function missingPullSecrets({ imagePullSecrets = [] }: ServiceAccount): readonly PullSecretRef[] | undefined {
  if (imagePullSecrets.some(({ name }) => name === REGISTRY_SECRET)) return undefined;
  return [...imagePullSecrets, { name: REGISTRY_SECRET }];
}

/** Attempts at an account that somebody else changes at the same time. */
const ATTEMPTS = 5;

/**
 * Lets the accounts pull with the registry's Secret, besides whatever Secrets they pull with already. Kubernetes replaces
 * the list as a whole, in a patch as in an apply (it is atomic in the API), so that it is read first and written only if
 * nobody changed the account meanwhile.
 */
export async function pullWithRegistrySecret(cluster: Cluster, instance: string): Promise<void> {
  await Promise.all(PULLING_ACCOUNTS.map((name) => addPullSecret(cluster, instance, name)));
}

async function addPullSecret(cluster: Cluster, instance: string, name: string): Promise<void> {
  const ref = accountRef(instance, name);
  const add = async () => {
    // `default` is made by Kubernetes shortly after the namespace; where we are first, Kubernetes leaves it as it is.
    const account: ServiceAccount = (await cluster.read(ref)) ?? (await cluster.apply({ ...ref }, { force: false }));
    const imagePullSecrets = missingPullSecrets(account);
    if (imagePullSecrets === undefined) return;
    const resourceVersion = account.metadata?.resourceVersion;
    await cluster.patch(ref, { metadata: { resourceVersion }, imagePullSecrets });
  };
  const options = { isTransient: isConflict, attempts: ATTEMPTS, firstDelayMs: 50, longestDelayMs: 500 };
  await retry(add, { ...options, clock: cluster.clock });
}

/** A service account of the instance's namespace. */
export function accountRef(instance: string, name: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: instance } };
}
