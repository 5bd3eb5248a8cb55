import type { KubeObject, ObjectRef } from './objects.ts';

/** The objects of an instance's namespace that are not about Workflows, and its Lease, as far as we read them. */

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/namespace-v1/#NamespaceStatus */
export interface NamespaceObject extends KubeObject {
  readonly spec?: { readonly finalizers?: readonly string[] };
  readonly status?: { readonly conditions?: readonly { readonly status?: string; readonly message?: string }[] };
}

/** https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/ */
export interface SecretObject extends KubeObject {
  /** Values in base64. */
  readonly data?: Readonly<Record<string, string>>;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/service-account-v1/ */
export interface ServiceAccountObject extends KubeObject {
  readonly imagePullSecrets?: readonly PullSecretRef[];
}

export interface PullSecretRef {
  readonly name?: string;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/ */
export interface LeaseObject extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string | null;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string | null;
    readonly renewTime?: string | null;
  };
}

export function namespaceRef(name: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

export function secretRef(namespace: string, name: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace } };
}

export function accountRef(namespace: string, name: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
}
