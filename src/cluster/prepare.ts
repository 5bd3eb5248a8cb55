import { together } from '../errors.ts';
import type { RegistrySettings } from '../settings.ts';
import type { Cluster } from './client.ts';
import { instanceObjects } from './manifests.ts';
import type { ServerSideApply } from './objects.ts';
import { createPasswordSecret } from './password-secret.ts';
import { pullWithRegistrySecret, registrySecret } from './registry.ts';

/** What stands in the instance's namespace before its Workflows start. */
export interface Preparation {
  readonly instance: string;
  readonly registry: RegistrySettings;
  /** Manifests as text: rbac.yml and the WorkflowTemplates. */
  readonly manifests: readonly string[];
}

/**
 * Makes the service accounts, roles, templates, the registry's Secret and the empty password Secret in the namespace; what
 * is there already is brought up to date.
 */
export async function prepareNamespace(cluster: Cluster, preparation: Preparation): Promise<void> {
  const { instance, registry } = preparation;
  await together([
    ...preparedObjects(preparation).map(({ object, force }) => cluster.apply(object, { force })),
    createPasswordSecret(cluster, instance),
  ]);
  if (registry.credentials !== undefined) await pullWithRegistrySecret(cluster, instance);
}

/** What is applied in the namespace: forced, as all of these are ours by name. */
export function preparedObjects({ instance, registry, manifests }: Preparation): ServerSideApply[] {
  const { credentials } = registry;
  const objects = manifests.flatMap((text) => instanceObjects(text, instance));
  const pullSecret = credentials === undefined ? [] : [registrySecret(instance, { ...registry, credentials })];
  return [...objects, ...pullSecret].map((object) => ({ object, force: true }));
}
