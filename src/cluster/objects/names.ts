/** Field manager of our server-side applies. */
export const FIELD_MANAGER = 'launchpad-provision';

/** Label with the instance's name: an object with it belongs to this action. */
export const INSTANCE_LABEL = 'launchpad-provision/instance';
/** Label with the run that created the object. */
export const RUN_LABEL = 'launchpad-provision/run';
/** Label with the kind of work. */
export const KIND_LABEL = 'launchpad-provision/kind';
/** Label with the purpose of an object: `temporary` Secrets are deleted with their run, `programs` are kept for the next. */
export const ROLE_LABEL = 'launchpad-provision/role';

/** Annotation on the Namespace: the names of the instance's databases, users and bucket as JSON, until it is deprovisioned. */
export const NAMES_ANNOTATION = 'launchpad-provision/names';

/** Namespace of Argo CD, its Applications and our Leases, which must outlive the instance's namespace, if no input says otherwise. */
export const ARGOCD_NAMESPACE = 'argocd';

/** Secret with the 32 random bytes (key `seed`) for generated values, until these are pushed. */
export const SEED_SECRET = 'launchpad-seed';
/** Secret in which the MongoDB provisioner stores the password (key `password`). */
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
