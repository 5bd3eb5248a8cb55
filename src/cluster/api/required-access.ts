import { type ClusterConventions, NO_CONVENTIONS } from '../objects/conventions.ts';
import { leaseName } from '../objects/names.ts';
import type { AccessCheck, RequiredKind } from './access.ts';

/** Kinds of other projects that a run needs in the cluster. */
export const REQUIRED_KINDS: readonly RequiredKind[] = [
  { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', remedy: 'Install Argo Workflows in the cluster.' },
  { apiVersion: 'argoproj.io/v1alpha1', kind: 'WorkflowTemplate', remedy: 'Install Argo Workflows in the cluster.' },
  { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', remedy: 'Install Argo CD in the cluster.' },
];

/** The part of a request that permissions depend on. */
interface AccessRequest {
  readonly conventions?: Pick<ClusterConventions, 'argocdNamespace'>;
}

function argocdOf({ conventions = NO_CONVENTIONS }: AccessRequest): string {
  return conventions.argocdNamespace;
}

/**
 * Everything that a run may do in the course of provisioning: what it sends itself, and what the Roles grant that it
 * makes, as nobody may grant what he may not do
 * (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping).
 * README's table of permissions and docs/rbac.yml say the same.
 */
export function requiredAccess(
  instance: string,
  { waitForSync, ...request }: AccessRequest & { readonly waitForSync: boolean },
): AccessCheck[] {
  return [
    ...onNamespace(instance, ['get', 'create', 'patch']),
    ...workflowAccess(instance),
    ...allOf(argocdOf(request))('argoproj.io', 'applications', [
      ...['get', 'list', 'create', 'patch'],
      ...(waitForSync ? ['watch'] : []),
    ]),
    ...leaseAccess(instance, argocdOf(request)),
  ];
}

/** Everything that a run may do in the course of taking an instance down: its workflows are made like those that provision. */
export function deprovisionAccess(instance: string, request: AccessRequest = {}): AccessCheck[] {
  return [
    ...onNamespace(instance, ['get', 'create', 'patch', 'delete']),
    ...workflowAccess(instance),
    ...allOf(argocdOf(request))('argoproj.io', 'applications', ['get', 'list', 'watch', 'patch', 'delete']),
    ...leaseAccess(instance, argocdOf(request)),
  ];
}

/** The workflows with all that stands around them in the instance's namespace. */
function workflowAccess(instance: string): AccessCheck[] {
  const inInstance = allOf(instance);
  return [
    ...inInstance('', 'secrets', ['get', 'list', 'create', 'patch', 'delete']),
    ...inInstance('', 'configmaps', ['list', 'create', 'patch', 'delete']),
    ...inInstance('', 'serviceaccounts', ['get', 'create', 'patch']),
    ...inInstance('', 'pods', ['list', 'watch']),
    ...inInstance('', 'pods', ['get'], 'log'),
    ...inInstance('', 'events', ['list', 'watch']),
    ...inInstance('rbac.authorization.k8s.io', 'roles', ['create', 'patch']),
    ...inInstance('rbac.authorization.k8s.io', 'rolebindings', ['create', 'patch']),
    ...inInstance('argoproj.io', 'workflowtemplates', ['create', 'patch']),
    ...inInstance('argoproj.io', 'workflows', ['get', 'list', 'watch', 'create', 'patch']),
    ...inInstance('argoproj.io', 'workflowtaskresults', ['create', 'patch']),
  ];
}

function leaseAccess(instance: string, argocdNamespace: string): AccessCheck[] {
  const inArgoCd = allOf(argocdNamespace);
  return [
    ...inArgoCd('coordination.k8s.io', 'leases', ['create']),
    ...inArgoCd('coordination.k8s.io', 'leases', ['get', 'update', 'delete']).map((check) => ({
      ...check,
      name: leaseName(instance),
    })),
  ];
}

/** What a dry run reads besides, to compare what is there with what would be. */
export function comparisonAccess(instance: string): AccessCheck[] {
  const inInstance = allOf(instance);
  return [
    ...inInstance('rbac.authorization.k8s.io', 'roles', ['get']),
    ...inInstance('rbac.authorization.k8s.io', 'rolebindings', ['get']),
    ...inInstance('argoproj.io', 'workflowtemplates', ['get']),
  ];
}

function onNamespace(instance: string, verbs: readonly string[]): AccessCheck[] {
  return verbs.map((verb) => ({ verb, group: '', resource: 'namespaces', name: instance }));
}

function allOf(namespace: string) {
  return (group: string, resource: string, verbs: readonly string[], subresource?: string): AccessCheck[] =>
    verbs.map((verb) => ({ verb, group, resource, namespace, ...(subresource === undefined ? {} : { subresource }) }));
}
