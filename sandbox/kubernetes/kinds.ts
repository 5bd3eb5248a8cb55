/** A kind that the API serves. */
export interface KindInfo {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly isNamespaced: boolean;
}

const kind = (apiVersion: string, name: string, plural: string, isNamespaced = true): KindInfo => ({
  apiVersion,
  kind: name,
  plural,
  isNamespaced,
});

export const KINDS: readonly KindInfo[] = [
  kind('v1', 'Namespace', 'namespaces', false),
  kind('v1', 'Secret', 'secrets'),
  kind('v1', 'ConfigMap', 'configmaps'),
  kind('v1', 'ServiceAccount', 'serviceaccounts'),
  kind('v1', 'Pod', 'pods'),
  kind('v1', 'Event', 'events'),
  kind('rbac.authorization.k8s.io/v1', 'Role', 'roles'),
  kind('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings'),
  kind('coordination.k8s.io/v1', 'Lease', 'leases'),
  kind('argoproj.io/v1alpha1', 'Workflow', 'workflows'),
  kind('argoproj.io/v1alpha1', 'WorkflowTemplate', 'workflowtemplates'),
  kind('argoproj.io/v1alpha1', 'WorkflowTaskResult', 'workflowtaskresults'),
  kind('argoproj.io/v1alpha1', 'Application', 'applications'),
  kind('authorization.k8s.io/v1', 'SelfSubjectAccessReview', 'selfsubjectaccessreviews', false),
  kind('authorization.k8s.io/v1', 'SelfSubjectRulesReview', 'selfsubjectrulesreviews', false),
];

/** The kind of that name. */
export function kindNamed(name: string): KindInfo {
  const found = KINDS.find((info) => info.kind === name);
  if (found === undefined) throw new TypeError(`The sandbox does not know the kind ${name}.`);
  return found;
}

/** The API group of a version, empty for the core group. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

/** The resource as messages name it, such as `workflows.argoproj.io`. */
export function resourceName({ apiVersion, plural }: KindInfo): string {
  const group = groupOf(apiVersion);
  return group === '' ? plural : `${plural}.${group}`;
}
