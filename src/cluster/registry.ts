import type { RegistrySettings } from '../settings.ts';
import type { Cluster } from './client.ts';
import { INSTANCE_LABEL, MONGODB_ACCOUNT, PROVISIONER_ACCOUNT, REGISTRY_SECRET } from './names.ts';
import type { KubeObject } from './objects.ts';

/** Accounts that pull with the registry's credentials: the instance's own pods and ours. */
const PULLING_ACCOUNTS = ['default', PROVISIONER_ACCOUNT, MONGODB_ACCOUNT];

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

/**
 * Lets the accounts pull with the registry's Secret, besides whatever Secrets they pull with already: a strategic merge
 * patch merges `imagePullSecrets` by name, where an apply would replace the list. `default` is made by Kubernetes
 * shortly after the namespace: where it is not there yet we make it, and Kubernetes leaves it as it is.
 */
export async function pullWithRegistrySecret(cluster: Cluster, instance: string): Promise<void> {
  await Promise.all(
    PULLING_ACCOUNTS.map(async (name) => {
      const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: instance } };
      if ((await cluster.read(account)) === undefined) await cluster.apply(account, { force: false });
      await cluster.patch(account, { imagePullSecrets: [{ name: REGISTRY_SECRET }] }, 'strategic');
    }),
  );
}
