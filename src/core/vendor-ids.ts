/** The form of an identifier that a vendor gives. */
export interface IdForm {
  readonly pattern: RegExp;
  /** What it looks like, for errors. */
  readonly looks: string;
}

/** ID of a managed cluster of DigitalOcean (digitalocean/openapi, models/database_cluster_read.yml: `format: uuid`). */
export const DIGITALOCEAN_CLUSTER_ID: IdForm = {
  pattern: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  looks: 'a UUID such as "9cc10173-e9ea-4176-9dbc-a4cee4c4ff30" (doctl databases list shows it)',
};

/** `groupId` of the Atlas Administration API v2. */
export const ATLAS_PROJECT_ID: IdForm = {
  pattern: /^[0-9a-f]{24}$/,
  looks: '24 digits and letters from a to f, such as "32b6e34b3d91647abb20e7b8" (not the name of the project)',
};

/** `clusterName` of the Atlas Administration API v2. */
export const ATLAS_CLUSTER_NAME: IdForm = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/,
  looks: 'at most 64 letters, digits and hyphens, such as "Cluster0"',
};

/** `clientId` of a service account of Atlas; its secret begins with `mdb_sa_sk_`. */
export const ATLAS_CLIENT_ID: IdForm = {
  pattern: /^mdb_sa_id_[A-Za-z0-9]+$/,
  looks: 'a text that begins with "mdb_sa_id_" (not the secret, which begins with "mdb_sa_sk_")',
};
