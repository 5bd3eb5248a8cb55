import { settleAll } from '../../core/concurrency.ts';
import type { ResourceState } from '../../core/report.ts';
import type { RegistrySettings } from '../../core/settings.ts';
import type { Cluster } from '../api/client.ts';
import { isApplied } from '../dry-run/object-changes.ts';
import type { ClusterConventions } from '../objects/conventions.ts';
import { refOf, type ServerSideApply } from '../objects/objects.ts';
import { LiveObjects } from './live-objects.ts';
import { instanceObjects } from './manifests.ts';
import { pullWithRegistrySecret, registrySecret } from './registry.ts';

/** What the instance's namespace needs before its Workflows start. */
export interface Preparation {
  readonly instance: string;
  readonly registry: RegistrySettings;
  readonly conventions: ClusterConventions;
  /** Manifests as text: rbac.yml and the WorkflowTemplates. */
  readonly manifests: readonly string[];
}

/** Kinds whose objects are compared with what is there. Those of one instance are few, and none is secret. */
export const COMPARED_KINDS: ReadonlySet<string> = new Set([
  'ServiceAccount',
  'Role',
  'RoleBinding',
  'WorkflowTemplate',
]);

/**
 * Creates the service accounts, roles, templates and the registry's Secret in the namespace, or updates those that differ
 * from what is there. They are compared as a whole and directly before the Workflows start: who edits a WorkflowTemplate
 * must not get the admin's password.
 *
 * @param isNew whether nothing of a previous run can be in the namespace
 * @returns what became of each
 */
export async function prepareNamespace(
  cluster: Cluster,
  preparation: Preparation,
  isNew = true,
): Promise<PreparedObject[]> {
  const { instance, registry } = preparation;
  const { objects, bindings } = preparedObjects(preparation);
  const all = [...objects, ...bindings].map(({ object }) => object);
  const live = isNew ? LiveObjects.UNKNOWN : await LiveObjects.read(cluster, instance, all, COMPARED_KINDS);
  const applyChanged = async (apply: ServerSideApply): Promise<PreparedObject> => {
    const { kind, metadata } = refOf(apply.object);
    const present = live.get({ kind, metadata });
    const object = { kind, name: metadata.name };
    if (present !== undefined && isApplied(present, apply.object)) return { ...object, state: 'unchanged' };
    await applyWhole(cluster, apply);
    if (present !== undefined) return { ...object, state: 'updated' };
    return { ...object, state: isNew || live.hasKind(kind) ? 'created' : 'applied' };
  };
  const first = await settleAll(objects.map(applyChanged));
  const [second] = await settleAll([
    settleAll(bindings.map(applyChanged)),
    ...(registry.credentials === undefined ? [] : [pullWithRegistrySecret(cluster, instance, live)]),
  ]);
  return [...first, ...second];
}

/** What became of an object in the namespace; `applied`: it could not be compared with what was there. */
export interface PreparedObject extends Omit<ResourceState, 'state'> {
  readonly state: ResourceState['state'] | 'applied';
}

/** An apply leaves the fields of others: in a WorkflowTemplate they could run a program of theirs with our Secrets. */
async function applyWhole(cluster: Cluster, { object, force }: ServerSideApply): Promise<void> {
  const applied = await cluster.apply(object, { force });
  if (object.kind !== 'WorkflowTemplate' || isApplied(applied, object)) return;
  await cluster.replaceSpec(refOf(object), object.spec);
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
