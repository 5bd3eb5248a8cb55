/**
 * The table of settings names each setting once. action.yml, the table of docs/inputs.md and the validation follow it. A
 * setting is read from its input, else from its environment variables, else it has its default.
 */

import { ATLAS_CLIENT_ID, ATLAS_CLUSTER_NAME, ATLAS_PROJECT_ID, DIGITALOCEAN_CLUSTER_ID } from '../core/vendor-ids.ts';
import type { Input, Requirement } from './input.ts';
import type { TableReading, ValuesOf } from './table-reading.ts';
import { domain, endpointUrl, host, hostAndPort, mongodbHost } from './values/hosts.ts';
import { registryCredentials } from './values/registry-credentials.ts';
import {
  certificates,
  choice,
  environment,
  flag,
  idOf,
  image,
  mongodbDatabase,
  port,
  region,
  replicaSet,
  repositoryDirectory,
  text,
} from './values/values.ts';

/** An input that can also be set by environment variables; the first one is the one to use. */
export interface Setting<T extends string | number = string | number> extends Input<T> {
  readonly variables: readonly [string, ...string[]];
}

const MYSQL_DIRECT: Requirement = { input: 'mysql-provider', value: 'direct' };
const MYSQL_DIGITALOCEAN: Requirement = { input: 'mysql-provider', value: 'digitalocean' };
const MONGODB_DIRECT: Requirement = { input: 'mongodb-provider', value: 'direct' };
const MONGODB_DIGITALOCEAN: Requirement = { input: 'mongodb-provider', value: 'digitalocean' };
const MONGODB_ATLAS: Requirement = { input: 'mongodb-provider', value: 'atlas' };

export const SETTINGS = {
  dockerRegistry: {
    input: 'docker-registry',
    variables: ['LAUNCHPAD_DOCKER_REGISTRY'],
    default: 'ghcr.io',
    description: "Host of the registry that the instance's images are pulled from.",
    parse: hostAndPort,
  },
  dockerRegistryCredentials: {
    input: 'docker-registry-credentials',
    variables: ['LAUNCHPAD_DOCKER_REGISTRY_CREDENTIALS'],
    secret: 'instance',
    description:
      'User and password for the registry, as base64 of `user:password`. Without it no pull secret is created.',
    parse: registryCredentials,
  },
  mysqlProvider: {
    input: 'mysql-provider',
    variables: ['LAUNCHPAD_MYSQL_PROVIDER'],
    default: 'direct',
    description:
      'How MySQL is administered. `direct` (or `direct_sql`): by SQL with an admin user. `digitalocean` (or ' +
      "`digitalocean_api`): the same on a managed cluster, whose host, port, admin and certificate come from DigitalOcean's API where they are not set.",
    parse: choice({
      direct: 'direct',
      direct_sql: 'direct',
      digitalocean: 'digitalocean',
      digitalocean_api: 'digitalocean',
    }),
  },
  mysqlHost: {
    input: 'mysql-host',
    variables: ['LAUNCHPAD_MYSQL_HOST'],
    required: [MYSQL_DIRECT],
    description: 'Host of the MySQL server, as the cluster reaches it.',
    parse: host,
  },
  mysqlPort: {
    input: 'mysql-port',
    variables: ['LAUNCHPAD_MYSQL_PORT'],
    default: '3306',
    description: 'Port of the MySQL server.',
    parse: port,
  },
  mysqlAdminUser: {
    input: 'mysql-admin-user',
    variables: ['LAUNCHPAD_MYSQL_ADMIN_USER', 'LAUNCHPAD_MYSQL_ROOT_USER'],
    required: [MYSQL_DIRECT],
    description: 'MySQL user that may create databases and users, and grant privileges on them.',
    parse: text,
  },
  mysqlAdminPassword: {
    input: 'mysql-admin-password',
    variables: ['LAUNCHPAD_MYSQL_ADMIN_PASSWORD', 'LAUNCHPAD_MYSQL_ROOT_PASSWORD'],
    secret: 'admin',
    required: [MYSQL_DIRECT],
    description: 'Password of the MySQL admin user.',
    parse: text,
  },
  mysqlSslMode: {
    input: 'mysql-ssl-mode',
    variables: ['LAUNCHPAD_MYSQL_SSL_MODE'],
    default: 'preferred',
    description:
      "Protection of the connection to MySQL, as MySQL's own `--ssl-mode`. One of `disabled`, `preferred` (TLS where " +
      'the server has it), `required`, `verify-ca` (TLS with a certificate of `mysql-ca`). A managed cluster of ' +
      'DigitalOcean: `verify-ca` if empty.',
    parse: choice({
      disabled: 'disabled',
      preferred: 'preferred',
      required: 'required',
      'verify-ca': 'verify-ca',
      verify_ca: 'verify-ca',
    }),
  },
  mysqlCa: {
    input: 'mysql-ca',
    variables: ['LAUNCHPAD_MYSQL_CA'],
    description:
      "Certificate authority of the MySQL server's certificate, PEM. `verify-ca` needs it; DigitalOcean's API provides its own.",
    parse: certificates,
  },
  mysqlClusterId: {
    input: 'mysql-cluster-id',
    variables: ['LAUNCHPAD_MYSQL_CLUSTER_ID'],
    required: [MYSQL_DIGITALOCEAN],
    description: "ID of DigitalOcean's managed MySQL cluster.",
    parse: idOf(DIGITALOCEAN_CLUSTER_ID, 'the ID of a cluster'),
  },
  mongodbProvider: {
    input: 'mongodb-provider',
    variables: ['LAUNCHPAD_MONGODB_PROVIDER'],
    description:
      'How MongoDB is administered. `digitalocean` (or `digitalocean_api`): by the API of a managed cluster. `atlas`: ' +
      'by the Atlas Administration API. `direct`: by commands with an admin user. If empty, it is the one whose ' +
      'settings are there.',
    parse: choice({
      digitalocean: 'digitalocean',
      digitalocean_api: 'digitalocean',
      atlas: 'atlas',
      direct: 'direct',
    }),
  },
  mongodbHost: {
    input: 'mongodb-host',
    variables: ['LAUNCHPAD_MONGODB_HOST'],
    required: [MONGODB_DIRECT],
    description:
      'Host of the MongoDB server, as the cluster reaches it. A name whose members are found by DNS (SRV records) may be ' +
      'given with `mongodb+srv://` or without.',
    parse: mongodbHost,
  },
  mongodbPort: {
    input: 'mongodb-port',
    variables: ['LAUNCHPAD_MONGODB_PORT'],
    default: '27017',
    description: 'Port of the MongoDB server.',
    parse: port,
  },
  mongodbAdminUser: {
    input: 'mongodb-admin-user',
    variables: ['LAUNCHPAD_MONGODB_ADMIN_USER'],
    required: [MONGODB_DIRECT],
    description: 'MongoDB user that may create users and grant roles on any database.',
    parse: text,
  },
  mongodbAdminPassword: {
    input: 'mongodb-admin-password',
    variables: ['LAUNCHPAD_MONGODB_ADMIN_PASSWORD'],
    secret: 'admin',
    required: [MONGODB_DIRECT],
    description: 'Password of the MongoDB admin user.',
    parse: text,
  },
  mongodbAuthSource: {
    input: 'mongodb-auth-source',
    variables: ['LAUNCHPAD_MONGODB_AUTH_SOURCE'],
    default: 'admin',
    description:
      'Database that the MongoDB admin user logs in against. If empty, the TXT record of an SRV name may give another.',
    parse: mongodbDatabase,
  },
  mongodbReplicaSet: {
    input: 'mongodb-replica-set',
    variables: ['LAUNCHPAD_MONGODB_REPLICA_SET'],
    description: 'Name of the replica set, where MongoDB is one.',
    parse: replicaSet,
  },
  mongodbCa: {
    input: 'mongodb-ca',
    variables: ['LAUNCHPAD_MONGODB_CA'],
    description: "Certificate authority of the MongoDB server's certificate, PEM.",
    parse: certificates,
  },
  mongodbClusterId: {
    input: 'mongodb-cluster-id',
    variables: ['LAUNCHPAD_MONGODB_CLUSTER_ID'],
    required: [MONGODB_DIGITALOCEAN],
    description: "ID of DigitalOcean's managed MongoDB cluster.",
    parse: idOf(DIGITALOCEAN_CLUSTER_ID, 'the ID of a cluster'),
  },
  digitaloceanToken: {
    input: 'digitalocean-token',
    variables: ['LAUNCHPAD_DIGITALOCEAN_TOKEN'],
    secret: 'admin',
    required: [MYSQL_DIGITALOCEAN, MONGODB_DIGITALOCEAN],
    description:
      'Token for the API of DigitalOcean, with the scopes `database:read`, `database:create`, `database:update`, ' +
      '`database:view_credentials`, and `database:delete` to deprovision instances.',
    parse: text,
  },
  digitaloceanApiUrl: {
    input: 'digitalocean-api-url',
    variables: ['LAUNCHPAD_DIGITALOCEAN_API_URL'],
    default: 'https://api.digitalocean.com',
    description: 'Root of the API of DigitalOcean, as the cluster reaches it.',
    parse: endpointUrl,
  },
  atlasClientId: {
    input: 'atlas-client-id',
    variables: ['LAUNCHPAD_ATLAS_CLIENT_ID'],
    description:
      'Client ID of a service account of Atlas with the role Project Database Access Admin, or Project Owner.',
    parse: idOf(ATLAS_CLIENT_ID, 'a client ID', false),
  },
  atlasClientSecret: {
    input: 'atlas-client-secret',
    variables: ['LAUNCHPAD_ATLAS_CLIENT_SECRET'],
    secret: 'admin',
    description: 'Client secret that belongs to it.',
    parse: text,
  },
  atlasPublicKey: {
    input: 'atlas-public-key',
    variables: ['LAUNCHPAD_ATLAS_PUBLIC_KEY'],
    description: 'Public key of an API key of Atlas, in place of a service account.',
    parse: text,
  },
  atlasPrivateKey: {
    input: 'atlas-private-key',
    variables: ['LAUNCHPAD_ATLAS_PRIVATE_KEY'],
    secret: 'admin',
    description: 'Private key that belongs to it.',
    parse: text,
  },
  atlasProjectId: {
    input: 'atlas-project-id',
    variables: ['LAUNCHPAD_ATLAS_PROJECT_ID'],
    required: [MONGODB_ATLAS],
    description: 'ID of the project of Atlas that the cluster is in.',
    parse: idOf(ATLAS_PROJECT_ID, 'the ID of a project'),
  },
  atlasClusterName: {
    input: 'atlas-cluster-name',
    variables: ['LAUNCHPAD_ATLAS_CLUSTER_NAME'],
    required: [MONGODB_ATLAS],
    description: 'Name of the cluster of Atlas.',
    parse: idOf(ATLAS_CLUSTER_NAME, 'the name of a cluster'),
  },
  atlasConnection: {
    input: 'atlas-connection',
    variables: ['LAUNCHPAD_ATLAS_CONNECTION'],
    default: 'standard',
    description:
      'How the Kubernetes cluster reaches the cluster of Atlas. `standard`: over the internet. `private`: by peering, or ' +
      'custom DNS on AWS. `private-endpoint`: through a private endpoint; where there are several, `mongodb-host` names the one.',
    parse: choice({ standard: 'standard', private: 'private', 'private-endpoint': 'private-endpoint' }),
  },
  atlasApiUrl: {
    input: 'atlas-api-url',
    variables: ['LAUNCHPAD_ATLAS_API_URL'],
    default: 'https://cloud.mongodb.com',
    description: 'Root of the Atlas Administration API, as the cluster reaches it.',
    parse: endpointUrl,
  },
  storageType: {
    input: 'storage-type',
    variables: ['LAUNCHPAD_STORAGE_TYPE'],
    required: 'always',
    description:
      'Service that the bucket is made in. `spaces`: DigitalOcean Spaces; `s3`: AWS, or with `storage-endpoint-url` ' +
      'any S3-compatible service.',
    parse: choice({ spaces: 'spaces', s3: 's3' }),
  },
  storageRegion: {
    input: 'storage-region',
    variables: ['LAUNCHPAD_STORAGE_REGION'],
    required: 'always',
    description: 'Region of the bucket, such as `nyc3` or `us-east-1`. A service without regions takes `us-east-1`.',
    parse: region,
  },
  storageAccessKeyId: {
    input: 'storage-access-key-id',
    variables: ['LAUNCHPAD_STORAGE_ACCESS_KEY_ID'],
    secret: 'instance',
    description:
      'Access key ID that may create buckets. If empty, it and its secret are `OPENEDX_AWS_ACCESS_KEY` and ' +
      '`OPENEDX_AWS_SECRET_ACCESS_KEY` of config.yml.',
    parse: text,
  },
  storageSecretAccessKey: {
    input: 'storage-secret-access-key',
    variables: ['LAUNCHPAD_STORAGE_SECRET_ACCESS_KEY'],
    secret: 'instance',
    description: 'Secret access key that belongs to it.',
    parse: text,
  },
  storageEndpointUrl: {
    input: 'storage-endpoint-url',
    variables: ['LAUNCHPAD_STORAGE_ENDPOINT_URL', 'LAUNCHPAD_STORAGE_HOST'],
    description:
      'Root of the S3 API, as a URL or as a host (https). Spaces: `https://<region>.digitaloceanspaces.com` if empty; ' +
      's3: AWS if empty.',
    parse: endpointUrl,
  },
  storageMakePublic: {
    input: 'storage-make-public',
    variables: ['LAUNCHPAD_STORAGE_MAKE_PUBLIC'],
    default: 'false',
    description: 'Whether anybody may read the objects of the bucket, `true` or `false`; nobody may list them.',
    parse: flag,
  },
  clusterDomain: {
    input: 'cluster-domain',
    variables: ['LAUNCHPAD_CLUSTER_DOMAIN'],
    description: 'Domain under which a new instance gets its host names, such as `example.org`.',
    parse: domain,
  },
  environment: {
    input: 'environment',
    variables: ['LAUNCHPAD_ENVIRONMENT'],
    default: 'production',
    description: 'End of the name of the Application, which is `<instance>-<environment>`.',
    parse: environment,
  },
  instancesDirectory: {
    input: 'instances-directory',
    variables: ['LAUNCHPAD_INSTANCES_DIRECTORY'],
    default: 'instances',
    description: 'Directory of the cluster repository that has a directory for each instance.',
    parse: repositoryDirectory,
  },
  provisionerImage: {
    input: 'provisioner-image',
    variables: ['LAUNCHPAD_PROVISIONER_IMAGE'],
    default: 'node:24-alpine',
    description: 'Image with Node 24 or later in which the provisioners run.',
    parse: image,
  },
} satisfies Readonly<Record<string, Setting>>;

/** What was read of the table. */
export type SettingsReading = TableReading<ValuesOf<typeof SETTINGS>>;

/** The table as a list. */
export const ALL_SETTINGS: readonly Setting[] = Object.values(SETTINGS);
