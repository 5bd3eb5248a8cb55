/** What the programs say of services: their errors, warnings and docs/troubleshooting.md are made from this table. */

/** What a remedy names. */
export interface VendorPlace {
  /** ID of DigitalOcean's cluster, or name of Atlas's. */
  readonly cluster: string;
  readonly project: string;
  readonly user: string;
  /** What the access key of the storage needs, as IAM names it. */
  readonly rights: string;
}

interface VendorCause {
  /** What the error's message has, or shows as the answer of the API. */
  readonly says: string;
  readonly hint: (place: VendorPlace) => string;
}

const RERUN = 'then run again, or raise input timeout';
const LIMIT = 'The limit of requests is used up for longer than this run may take: run again later.';
const SWITCHED_OFF = 'This version of the API is switched off: use a newer version of the action.';
const INVALID_ANSWER =
  "Check the input of the API's URL (digitalocean-api-url, atlas-api-url), and that no proxy or gateway answers the pods in its place; then run again.";

const VENDOR_CAUSES = {
  'digitalocean-id': {
    says: 'and not a UUID',
    hint: () => 'Correct the input (doctl databases list shows the IDs), then run again.',
  },
  'digitalocean-token': {
    says: 'failed: 401',
    hint: () => 'Check input digitalocean-token: the token is unknown, expired or revoked.',
  },
  'digitalocean-scope': {
    says: 'failed: 403',
    hint: () =>
      'Give the token of input digitalocean-token the scopes database:read, database:create, database:update, database:delete and database:view_credentials.',
  },
  'digitalocean-not-found': {
    says: 'failed: 404',
    hint: ({ cluster }) =>
      `Check the cluster's ID in the settings (${cluster}), and that the token is of the team that has it.`,
  },
  'digitalocean-conflict': {
    says: 'failed: 409',
    hint: ({ cluster }) =>
      `Another change of the cluster has been under way for all the time of the run: wait until it is done (doctl databases get ${cluster}), ${RERUN}.`,
  },
  'digitalocean-limit': { says: 'failed: 429', hint: () => LIMIT },
  'digitalocean-unavailable': {
    says: 'failed: 500',
    hint: () => 'Look at https://status.digitalocean.com, then run again.',
  },
  'digitalocean-refused': {
    says: 'failed: 422',
    hint: () => "The message is the API's own; give DigitalOcean the request ID where it does not help.",
  },
  'digitalocean-invalid-answer': { says: 'the answer (200, text/html) is not JSON', hint: () => INVALID_ANSWER },
  'digitalocean-cluster-state': {
    says: 'not online within the time of the run',
    hint: ({ cluster }) => `Wait until it is online (doctl databases get ${cluster}), ${RERUN}.`,
  },
  'digitalocean-user-settings': {
    says: 'and the API does not change that',
    hint: ({ cluster, user }) =>
      `Delete the user (doctl databases user delete ${cluster} ${user}), then run again: it is created again with the right role, and the databases are kept.`,
  },
  'atlas-id': { says: 'and not 24 digits', hint: () => 'Correct the input, then run again.' },
  'atlas-keys': {
    says: 'failed: 401',
    hint: () =>
      'Check inputs atlas-client-id and atlas-client-secret, or atlas-public-key and atlas-private-key: they are wrong, expired or deleted.',
  },
  'atlas-rights': {
    says: 'failed: 403',
    hint: () =>
      'The key or service account may not do that. Give it the role Project Database Access Admin, or Project Owner, in the project.',
  },
  'atlas-access-list': {
    says: 'ACCESS_LIST',
    hint: () =>
      "Add the address from which the cluster reaches the internet to the API access list of the key or service account (Atlas, Organization Access Manager), or do not require one; the server's message names the address.",
  },
  'atlas-token-limit': {
    says: 'Access Token limit reached',
    hint: () =>
      'A service account of Atlas has at most 100 access tokens at a time, and each lasts an hour: wait until some have ended, or revoke them (POST /api/oauth/revoke), or give this action a service account of its own; then run again.',
  },
  'atlas-user-limit': {
    says: 'USERS_EXCEEDED',
    hint: () => 'A project has at most 100 database users: delete some that are not used, or use another project.',
  },
  'atlas-project': {
    says: 'GROUP_NOT_FOUND',
    hint: ({ project }) =>
      `Check input atlas-project-id (${project}), and that the key or service account is of that project.`,
  },
  'atlas-cluster': {
    says: 'CLUSTER_NOT_FOUND',
    hint: ({ cluster, project }) => `Check input atlas-cluster-name (${cluster}), in the project ${project}.`,
  },
  'atlas-not-found': {
    says: 'failed: 404',
    hint: ({ cluster, project }) => `Check inputs atlas-project-id (${project}) and atlas-cluster-name (${cluster}).`,
  },
  'atlas-conflict': {
    says: 'failed: 409',
    hint: ({ cluster }) =>
      `Another change has been under way for all the time of the run: wait until it is done (cluster ${cluster} in the project), ${RERUN}.`,
  },
  'atlas-version': { says: 'VERSION_GONE', hint: () => SWITCHED_OFF },
  'atlas-limit': { says: 'failed: 429', hint: () => LIMIT },
  'atlas-unavailable': { says: 'failed: 500', hint: () => 'Look at https://status.mongodb.com, then run again.' },
  'atlas-refused': {
    says: 'failed: 400',
    hint: () => "The message is Atlas's own; look its code up in the reference of the API.",
  },
  'atlas-invalid-answer': { says: 'the answer (200, text/html) is not JSON', hint: () => INVALID_ANSWER },
  'atlas-paused': {
    says: 'is paused',
    hint: ({ cluster }) =>
      `Resume it (Atlas, or atlas clusters start ${cluster}), wait until it is up, then run again.`,
  },
  'atlas-creating': { says: 'is still being created', hint: () => `Wait until it exists, ${RERUN}.` },
  'atlas-cluster-state': {
    says: 'is DELETING',
    hint: () => 'Set input atlas-cluster-name to a cluster that is in use.',
  },
  'atlas-no-address': {
    says: 'connection string',
    hint: () =>
      'Set input atlas-connection to a way that the cluster has, or set that way up in Atlas (Network Access); a new cluster gets its address a little later.',
  },
  'atlas-endpoint-choice': {
    says: 'private endpoints',
    hint: () => 'Set input mongodb-host to the host of the one that your Kubernetes cluster reaches.',
  },
  'mongodb-access-list': {
    says: 'the server refuses the TLS handshake (alert 80)',
    hint: () =>
      'MongoDB Atlas does so for an address that is not on its IP access list: add the address from which the Kubernetes cluster reaches the internet (Atlas, Network Access), or use peering or a private endpoint (input atlas-connection). For a server that is not of Atlas look at its log.',
  },
  'digitalocean-credentials-hidden': {
    says: 'does not show',
    hint: () =>
      'Give the token of input digitalocean-token the scope database:view_credentials, or set inputs mysql-admin-user and mysql-admin-password.',
  },
  'digitalocean-engine': {
    says: 'is one of',
    hint: () => 'Set inputs mysql-cluster-id and mongodb-cluster-id to the ID of a cluster of that engine.',
  },
  'digitalocean-user-unseen': { says: 'but does not know it', hint: () => 'Run again: what is done already is kept.' },
  'atlas-user-kind': {
    says: 'logs in by a certificate or a foreign identity',
    hint: () => 'Set another MONGODB_USERNAME in config.yml, or remove it.',
  },
  'atlas-pending': { says: 'has not brought the change', hint: () => 'Run again: what is done already is kept.' },
  'mongodb-srv-records': {
    says: 'SRV records',
    hint: () =>
      'Correct input mongodb-host, and MONGODB_HOST in config.yml; leave mongodb+srv:// out where it is the host of one server. The members must be in the domain of the name, and the TXT record may set authSource, replicaSet and loadBalanced only.',
  },
  'mongodb-member-unreachable': {
    says: 'its replica set has the member',
    hint: () =>
      'Give the members names that the cluster resolves and reaches (rs.reconfig), or remove mongodb-replica-set to use this host alone.',
  },
  'mongodb-replica-set': {
    says: 'it is not a member of',
    hint: () =>
      'Set input mongodb-replica-set, and MONGODB_REPLICA_SET in config.yml, to the name that rs.status() gives as "set".',
  },
  'mongodb-no-primary': {
    says: 'its replica set has no primary',
    hint: () => 'Look at rs.status(): most of its members must be up and reach each other. Then run again.',
  },
  'mongodb-not-primary': {
    says: 'not primary',
    hint: () => 'The host is a secondary of a replica set: set input mongodb-replica-set.',
  },
  'mongodb-too-old': {
    says: 'is older than',
    hint: () => 'Upgrade it to MongoDB 4.4 or later; Tutor ships 7.0.',
  },
  'mongodb-privileges': {
    says: 'may not',
    hint: () => 'Give the admin user the role userAdminAnyDatabase, or root.',
  },
  'mongodb-password-refused': {
    says: 'after the vendor has taken the password',
    hint: () => 'Run again in a minute: the change may still be on its way.',
  },
  'mongodb-tls-needed': {
    says: 'is reached by TLS only',
    hint: () => 'Remove MONGODB_USE_SSL from config.yml, or set it to true.',
  },
  'mongodb-failed': { says: 'any other answer', hint: () => 'Look the error up in the MongoDB reference.' },
  'mysql-other-account': {
    says: 'is matched first',
    hint: () => 'Drop the account that the message names, or give it the password and the privileges of the other.',
  },
  'host-refused': {
    says: 'config.yml has',
    hint: () => 'Correct the host in config.yml, or the input of the same name.',
  },
  'password-secret': {
    says: 'The Kubernetes API … failed',
    hint: () =>
      'Check that pods of the namespace reach the API server, the Role launchpad-provision-password, and that the Secret was not deleted; then run again.',
  },
  timeout: { says: 'the time of the run is up', hint: () => 'Raise input timeout, then run again.' },
  unexpected: {
    says: 'Unexpected error',
    hint: () => 'This may be a mistake in the action: please report it with the log.',
  },
  'storage-access-denied': {
    says: 'the access key is not accepted',
    hint: () => 'Check inputs storage-access-key-id and storage-secret-access-key, and storage-region.',
  },
  'storage-privileges': {
    says: 'the access key may not',
    hint: ({ rights }) => `Give the key ${rights}.`,
  },
  'storage-bucket-foreign': {
    says: 'belongs to somebody else',
    hint: () =>
      'Set another bucket name in config.yml (or remove it, so that one is generated); if the bucket is yours, give the key the rights on it.',
  },
  'storage-region': {
    says: 'region',
    hint: () => 'Check input storage-region, and the region in config.yml: it must be the region of the endpoint.',
  },
  'storage-other-region': {
    says: 'is in another region',
    hint: () => "Set the bucket's region in config.yml, or another bucket name.",
  },
  'storage-proxy': {
    says: 'the proxy does not let it through',
    hint: () => "Check the pods' HTTPS_PROXY, HTTP_PROXY and NO_PROXY, and that the proxy allows this host.",
  },
  'storage-bucket-not-visible': {
    says: 'is still not found after',
    hint: () => 'Run the action again in some minutes.',
  },
  'storage-public-blocked': {
    says: 'cannot be made public: its policy is refused',
    hint: () =>
      'Allow public policies in the settings of the account (AWS: S3 Block Public Access; some services only by their support), or set storage-make-public to false. The key needs s3:GetBucketPolicy and s3:PutBucketPolicy.',
  },
  'storage-public-unsupported': {
    says: 'the service does not have bucket policies, or takes them in a form of its own',
    hint: () => "Set storage-make-public to false, and make the bucket public by the service's own means.",
  },
  'storage-objects-locked': {
    says: 'cannot be deleted (retention, legal hold)',
    hint: () => 'Object lock protects it: end the retention or the legal hold, or wait for its end; then run again.',
  },
  'storage-objects-kept': {
    says: 'cannot be deleted',
    hint: () => "Check the key's rights to s3:DeleteObject and s3:DeleteObjectVersion, and the bucket's policy.",
  },
  'storage-bucket-not-empty': {
    says: 'is still not empty after',
    hint: () => 'Look for what still writes to it, and stop that; else run again in some minutes.',
  },
  'storage-time-up': {
    says: 'is not empty yet after',
    hint: () => 'Run again: it continues from there. Input timeout gives it more time.',
  },
  'storage-failed': { says: 'any other answer', hint: () => 'Look the code up in the documentation of the service.' },
  'storage-not-private': {
    says: 'warning: is not private',
    hint: () => "Remove that access in the service's console, or set storage-make-public.",
  },
  'storage-privacy-unknown': {
    says: 'warning: it is not known whether it is private',
    hint: () => "Check in the service's console that nobody can read it without a key.",
  },
  'storage-configuration-refused': {
    says: 'warning: is refused and was skipped',
    hint: ({ rights }) => `If the service has it, grant the access key ${rights}, then run again.`,
  },
} satisfies Readonly<Record<string, VendorCause>>;

export type VendorCode = keyof typeof VENDOR_CAUSES;

const NO_PLACE: VendorPlace = { cluster: '', project: '', user: '', rights: '' };

/** What to do about it. */
export function hintOf(code: VendorCode, place: Partial<VendorPlace> = {}): string {
  const cause: VendorCause = VENDOR_CAUSES[code];
  return cause.hint({ ...NO_PLACE, ...place });
}

/** The table as a list, for the documentation. */
export const ALL_VENDOR_CAUSES: readonly (VendorCause & { readonly code: string })[] = Object.entries(
  VENDOR_CAUSES,
).map(([code, cause]: [string, VendorCause]) => ({ code, ...cause }));
