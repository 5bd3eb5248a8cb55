import { createHash } from 'node:crypto';
import type { Kind, WorkflowOperation } from '../../core/kinds.ts';
import type { AtlasApi, MongodbSettings, MysqlSettings, Settings } from '../../core/settings.ts';
import type { Instance } from '../../instance/instance.ts';
import { PASSWORD_SECRET } from '../objects/names.ts';

/** The input of one Workflow: its Workflow and Secret are created from it. */
export interface WorkflowInput {
  readonly kind: Kind;
  readonly operation: WorkflowOperation;
  readonly instance: string;
  /** Identity of the run, valid in a label and at the end of a name. */
  readonly run: string;
  /** Arguments of the Workflow besides the names of its Secret, ConfigMap and image. They are not secret. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The content of the temporary Secret. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Parameters and secrets of a provisioner. An undefined secret is left out, an undefined parameter is empty. */
interface ProgramInput {
  readonly parameters: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly secrets: Readonly<Record<string, string | undefined>>;
}

export interface WorkflowInputOptions {
  readonly operation: WorkflowOperation;
  /** Identity of the run. */
  readonly run: string;
  /** A number that no other instance has that the run works on meanwhile. */
  readonly lane: number;
}

/** The inputs of the three Workflows. */
export function workflowInputs(
  instance: Instance,
  settings: Settings,
  { operation, run, lane }: WorkflowInputOptions,
): readonly WorkflowInput[] {
  const place = placeOf(run, lane);
  const inputOf = (kind: Kind, { parameters, secrets }: ProgramInput): WorkflowInput => ({
    kind,
    operation,
    instance: instance.name,
    run,
    parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value ?? '')])),
    secrets: Object.fromEntries(
      Object.entries(secrets)
        .filter((entry): entry is [string, string] => entry[1] !== undefined)
        .filter(([name]) => operation === 'provision' || isForDeprovision(name, settings)),
    ),
  });
  return [
    inputOf('mysql', mysqlInput(instance, settings.mysql, place)),
    inputOf('mongodb', mongodbInput(instance, settings.mongodb, place)),
    inputOf('storage', storageInput(instance, settings)),
  ];
}

/**
 * Deprovisioning logs in as the admin, without the instance's passwords. Only on Atlas it needs one: there only the
 * instance's user can drop its databases.
 */
function isForDeprovision(name: string, { mongodb }: Settings): boolean {
  if (name === 'MONGODB_PASSWORD') return mongodb.provider === 'atlas';
  return name !== 'MYSQL_PASSWORD';
}

/** How many pods of all runs work at one database server at once. The smallest managed ones take 75 connections. */
const PLACES = 20;

/**
 * The place at the servers: runs begin at random, so that two seldom want the same. A place is a mutex, as a semaphore of
 * Argo needs a ConfigMap, without which the Workflows fail.
 */
function placeOf(run: string, lane: number): number {
  return (createHash('sha256').update(run).digest().readUInt32BE() + lane) % PLACES;
}

/** Name of a mutex; Argo shows it while a Workflow waits for it, and takes a `/` as the end of a part. */
function mutexName(...parts: readonly (string | number | undefined)[]): string {
  return ['launchpad', ...parts]
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9.-]/g, '-');
}

function mysqlInput({ mysql }: Instance, settings: MysqlSettings, place: number): ProgramInput {
  const isManaged = settings.provider === 'digitalocean';
  const server = isManaged ? [settings.clusterId] : [mysql.host, mysql.port];
  return {
    parameters: {
      provider: settings.provider,
      'api-url': isManaged ? settings.api.url : undefined,
      'cluster-id': isManaged ? settings.clusterId : undefined,
      host: mysql.host,
      port: mysql.port,
      'trusted-host': settings.host,
      'trusted-port': settings.port,
      database: mysql.database,
      username: mysql.username,
      'ssl-mode': settings.sslMode,
      mutex: mutexName('mysql', ...server, place),
    },
    secrets: {
      MYSQL_PASSWORD: mysql.password,
      MYSQL_ADMIN_USER: settings.adminUser,
      MYSQL_ADMIN_PASSWORD: settings.adminPassword,
      MYSQL_CA: settings.ca,
      DIGITALOCEAN_TOKEN: isManaged ? settings.api.token : undefined,
    },
  };
}

function mongodbInput({ mongodb }: Instance, settings: MongodbSettings, place: number): ProgramInput {
  const provider = mongodbProviderInput(settings);
  return {
    parameters: {
      provider: settings.provider,
      host: mongodb.host,
      port: mongodb.port,
      'trusted-host': settings.host,
      'trusted-port': settings.port,
      database: mongodb.database,
      'forum-database': mongodb.forumDatabase,
      username: mongodb.username,
      'auth-source': mongodb.authSource,
      'auth-mechanism': mongodb.authMechanism,
      'replica-set': mongodb.replicaSet,
      'use-ssl': mongodb.useSsl,
      'password-secret-name': PASSWORD_SECRET,
      mutex: mongodbMutex(mongodb, settings, place),
      ...provider.parameters,
    },
    secrets: { MONGODB_PASSWORD: mongodb.password, MONGODB_CA: settings.ca, ...provider.secrets },
  };
}

function mongodbMutex({ host, port }: Instance['mongodb'], settings: MongodbSettings, place: number): string {
  switch (settings.provider) {
    case 'direct':
      return mutexName('mongodb', host, port, place);
    case 'digitalocean':
      // Its API needs the calls for one cluster in sequence.
      return `launchpad-digitalocean-${settings.clusterId}`;
    case 'atlas':
      return mutexName('mongodb', settings.projectId, settings.clusterName, place);
  }
}

/** The provider's own input. The WorkflowTemplate declares all parameters, so every one must be given. */
function mongodbProviderInput(settings: MongodbSettings): ProgramInput {
  const none = {
    'admin-auth-source': '',
    'api-url': '',
    'cluster-id': '',
    'project-id': '',
    'cluster-name': '',
    'atlas-connection': '',
  };
  switch (settings.provider) {
    case 'direct':
      return {
        parameters: { ...none, 'admin-auth-source': settings.authSource },
        secrets: { MONGODB_ADMIN_USER: settings.adminUser, MONGODB_ADMIN_PASSWORD: settings.adminPassword },
      };
    case 'digitalocean':
      return {
        parameters: { ...none, 'api-url': settings.api.url, 'cluster-id': settings.clusterId },
        secrets: { DIGITALOCEAN_TOKEN: settings.api.token },
      };
    case 'atlas':
      return {
        parameters: {
          ...none,
          'api-url': settings.api.url,
          'project-id': settings.projectId,
          'cluster-name': settings.clusterName,
          'atlas-connection': settings.connection,
        },
        secrets: atlasSecrets(settings.api),
      };
  }
}

function atlasSecrets({ credentials }: AtlasApi): ProgramInput['secrets'] {
  return credentials.kind === 'digest'
    ? { ATLAS_PUBLIC_KEY: credentials.publicKey, ATLAS_PRIVATE_KEY: credentials.privateKey }
    : {
        ATLAS_CLIENT_ID: credentials.clientId,
        ATLAS_CLIENT_SECRET: credentials.clientSecret,
        ATLAS_ACCESS_TOKEN: credentials.sharedToken,
      };
}

function storageInput({ storage }: Instance, settings: Settings): ProgramInput {
  return {
    parameters: {
      type: storage.type,
      bucket: storage.name,
      region: storage.region,
      'endpoint-url': storage.endpointUrl,
      'make-public': settings.storage.makePublic,
      'cors-origins': storage.corsOrigins.join(','),
    },
    secrets: { STORAGE_ACCESS_KEY_ID: storage.accessKey.id, STORAGE_SECRET_ACCESS_KEY: storage.accessKey.secret },
  };
}
