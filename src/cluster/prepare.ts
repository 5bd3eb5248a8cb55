import { together } from '../errors.ts';
import type { RegistrySettings } from '../settings.ts';
import type { Cluster } from './client.ts';
import { instanceObjects } from './manifests.ts';
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
 * is there already is brought up to date. Server-side apply, forced as all of these are ours by name.
 */
export async function prepareNamespace(cluster: Cluster, preparation: Preparation): Promise<void> {
  const { instance, registry, manifests } = preparation;
  const objects = manifests.flatMap((text) => instanceObjects(text, instance));
  await together([
    ...objects.map((object) => cluster.apply(object, { force: true })),
    createPasswordSecret(cluster, instance),
    prepareRegistry(cluster, instance, registry),
  ]);
}

async function prepareRegistry(cluster: Cluster, instance: string, registry: RegistrySettings): Promise<void> {
  const { credentials } = registry;
  if (credentials === undefined) return;
  await cluster.apply(registrySecret(instance, { ...registry, credentials }), { force: true });
  await pullWithRegistrySecret(cluster, instance);
}
