/** Kubernetes objects as plain JSON, as the API server sends them. */

interface ObjectMeta {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
}

interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly [field: string]: unknown;
}

/** Names one object. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** An object to be applied, and whether fields are taken over from other managers. */
export interface ServerSideApply {
  readonly object: KubeObject;
  readonly force: boolean;
}

/** The kind and the namespace of the objects to list or watch. */
export interface ListedType {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
}

/** The kinds that the action uses, with their names in paths. */
const RESOURCES: Readonly<Record<string, { readonly plural: string; readonly clusterScoped?: true }>> = {
  Namespace: { plural: 'namespaces', clusterScoped: true },
  Secret: { plural: 'secrets' },
  ConfigMap: { plural: 'configmaps' },
  ServiceAccount: { plural: 'serviceaccounts' },
  Pod: { plural: 'pods' },
  Event: { plural: 'events' },
  Role: { plural: 'roles' },
  RoleBinding: { plural: 'rolebindings' },
  Lease: { plural: 'leases' },
  Workflow: { plural: 'workflows' },
  WorkflowTemplate: { plural: 'workflowtemplates' },
  Application: { plural: 'applications' },
  CustomResourceDefinition: { plural: 'customresourcedefinitions', clusterScoped: true },
  SelfSubjectAccessReview: { plural: 'selfsubjectaccessreviews', clusterScoped: true },
  SelfSubjectRulesReview: { plural: 'selfsubjectrulesreviews', clusterScoped: true },
  SelfSubjectReview: { plural: 'selfsubjectreviews', clusterScoped: true },
};

/** Path of a kind's collection, such as `/apis/argoproj.io/v1alpha1/namespaces/x/workflows`. */
export function collectionPath({ apiVersion, kind, namespace }: ListedType): string {
  const resource = RESOURCES[kind];
  if (resource === undefined) throw new TypeError(`The client does not know the kind ${kind}.`);
  const within =
    resource.clusterScoped || namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${groupPath(apiVersion)}${within}/${resource.plural}`;
}

/** Path of one object. */
export function objectPath({ apiVersion, kind, metadata }: ObjectRef): string {
  const { name, namespace } = metadata;
  const type = namespace === undefined ? { apiVersion, kind } : { apiVersion, kind, namespace };
  return `${collectionPath(type)}/${encodeURIComponent(name)}`;
}

/** Path of an API group's version: the core group has a root of its own. */
export function groupPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** The reference of an object. @throws TypeError without a name, kind or apiVersion, which is a mistake of the caller */
export function refOf({ apiVersion, kind, metadata }: KubeObject): ObjectRef {
  if (apiVersion === undefined || kind === undefined || metadata?.name === undefined) {
    throw new TypeError(`An object without a name: ${apiVersion} ${kind}`);
  }
  const { name, namespace } = metadata;
  return { apiVersion, kind, metadata: namespace === undefined ? { name } : { name, namespace } };
}
