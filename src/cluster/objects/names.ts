/** Field manager of our server-side applies. */
export const FIELD_MANAGER = 'launchpad-provision';

/** Whose it is: the instance's name. What carries it is ours. */
export const INSTANCE_LABEL = 'launchpad-provision/instance';
/** Which run made it. */
export const RUN_LABEL = 'launchpad-provision/run';
/** Which kind of work it belongs to. */
export const KIND_LABEL = 'launchpad-provision/kind';
/** What an object is for where its kind does not say so: `temporary` Secrets and ConfigMaps end with their run. */
export const ROLE_LABEL = 'launchpad-provision/role';

/** Where Argo CD and its Applications live; our Leases too, as they must outlive the instance's namespace. */
export const ARGOCD_NAMESPACE = 'argocd';

/** Secret with the 32 random bytes (key `seed`) from which made-up values come until they are pushed. */
export const SEED_SECRET = 'launchpad-seed';
/** Secret in which the MongoDB provisioner leaves the password (key `password`). */
export const PASSWORD_SECRET = 'launchpad-mongodb-user-password';
/** Annotation on it: UID of the Workflow whose login with that password succeeded. */
export const VERIFIED_BY_ANNOTATION = 'launchpad-provision/verified-by';
/** Pull Secret for the instance's images (kubernetes.io/dockerconfigjson). */
export const REGISTRY_SECRET = 'launchpad-registry';

/** Service accounts of the workflows' pods. */
export const PROVISIONER_ACCOUNT = 'launchpad-provision-provisioner';
export const MONGODB_ACCOUNT = 'launchpad-provision-mongodb';

/** Name of an instance's Lease in Argo CD's namespace. */
export function leaseName(instance: string): string {
  return `launchpad-${instance}`;
}
