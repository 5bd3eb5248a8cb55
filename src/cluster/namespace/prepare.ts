import { settleAll } from '../../core/concurrency.ts';
import type { RegistrySettings } from '../../core/settings.ts';
import type { Cluster } from '../api/client.ts';
import type { ClusterConventions } from '../objects/conventions.ts';
import type { ServerSideApply } from '../objects/objects.ts';
import { instanceObjects } from './manifests.ts';
import { createPasswordSecret } from './password-secret.ts';
import { pullWithRegistrySecret, registrySecret } from './registry.ts';

/** What the instance's namespace needs before its Workflows start. */
export interface Preparation {
  readonly instance: string;
  readonly registry: RegistrySettings;
  readonly conventions: ClusterConventions;
  /** Manifests as text: rbac.yml and the WorkflowTemplates. */
  readonly manifests: readonly string[];
}

/**
 * Creates or updates the service accounts, roles, templates, the registry's Secret and the empty password Secret in the
 * namespace.
 */
export async function prepareNamespace(cluster: Cluster, preparation: Preparation): Promise<void> {
  const { instance, registry } = preparation;
  const apply = async ({ object, force }: ServerSideApply) => await cluster.apply(object, { force });
  const { objects, bindings } = preparedObjects(preparation);
  await settleAll([...objects.map(apply), createPasswordSecret(cluster, instance)]);
  await settleAll([
    ...bindings.map(apply),
    ...(registry.credentials === undefined ? [] : [pullWithRegistrySecret(cluster, instance)]),
  ]);
}

/** What is applied in the namespace, with force, as all of these names are ours. */
export interface PreparedObjects {
  readonly objects: readonly ServerSideApply[];
  /**
   * RoleBindings, which come after the rest: the API server looks for the Role and refuses where there is none, unless
   * the user may bind any (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#restrictions-on-role-binding-creation-or-update).
   */
  readonly bindings: readonly ServerSideApply[];
}

/** What a run applies in the namespace, and what a dry run asks about. */
export function preparedObjects({ instance, registry, conventions, manifests }: Preparation): PreparedObjects {
  const { credentials } = registry;
  const pullSecret = credentials === undefined ? [] : [registrySecret(instance, { ...registry, credentials })];
  const objects = [...manifests.flatMap((text) => instanceObjects(text, instance, conventions)), ...pullSecret];
  const applies = objects.map((object) => ({ object, force: true }));
  const isBinding = ({ object }: ServerSideApply) => object.kind === 'RoleBinding';
  return { objects: applies.filter((apply) => !isBinding(apply)), bindings: applies.filter(isBinding) };
}
