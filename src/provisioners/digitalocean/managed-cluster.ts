import { type Fields, fieldsOf, textIn, textsIn } from '../../core/fields.ts';
import { hintOf } from '../causes.ts';
import { type ApiAnswer, fieldsIn, need } from '../http/send.ts';
import { ProvisionerError } from '../provisioner-error.ts';

/** Where a managed cluster is reached. */
export interface ClusterConnection {
  readonly host: string;
  readonly port: number;
  readonly uri: string;
  readonly ssl: boolean;
  /** The cluster's administrator; only a token with `database:view_credentials` sees it. */
  readonly user: string | undefined;
  readonly password: string | undefined;
}

export interface ManagedCluster {
  /** Such as `mongodb` or `mysql`. */
  readonly engine: string;
  /** `creating`, `online`, `resizing`, `migrating` or `forking`; empty where the API does not tell. */
  readonly status: string;
  readonly public: ClusterConnection | undefined;
  readonly private: ClusterConnection | undefined;
}

export interface ManagedUser {
  readonly name: string;
  /** Whether it is the cluster's administrator. */
  readonly isPrimary: boolean;
  /** Only in the answers of the call that made the user, and of reset_auth. */
  readonly password: string | undefined;
  /** Undefined where the API does not tell. */
  readonly settings: MongoUserSettings | undefined;
}

/** The places where a cluster is reached: the public one first, as it is reached from everywhere. */
export function connectionsOf(cluster: ManagedCluster): ClusterConnection[] {
  return [cluster.public, cluster.private].filter((connection) => connection !== undefined);
}

/** The cluster in an answer. @throws InvalidAnswer without its engine, which the document requires */
export function clusterOf(answer: ApiAnswer): ManagedCluster {
  const database = fieldsOf(fieldsIn(answer).database);
  return {
    engine: need(answer, 'database.engine', textIn(database, 'engine')),
    status: textIn(database, 'status') ?? '',
    public: connectionOf(fieldsOf(database.connection)),
    private: connectionOf(fieldsOf(database.private_connection)),
  };
}

/** Whether the API takes changes of the cluster; `active` is an older word for `online`. */
export function isReady({ status }: ManagedCluster): boolean {
  return ['online', 'active', ''].includes(status);
}

/** The error for a cluster that is not online when the time is up. */
export function notReady(
  { id, host }: { readonly id: string; readonly host: string },
  status: string,
): ProvisionerError {
  return new ProvisionerError(
    'digitalocean-cluster-state',
    `DigitalOcean's cluster ${id} is ${status}, and not online within the time of the run. Nothing was changed.`,
    { host, hint: hintOf('digitalocean-cluster-state', { cluster: id }) },
  );
}

/** @throws ProvisionerError `digitalocean-engine` */
export function requireEngine(
  { id, host }: { readonly id: string; readonly host: string },
  cluster: ManagedCluster,
  engine: string,
): ManagedCluster {
  if (cluster.engine === engine) return cluster;
  throw new ProvisionerError(
    'digitalocean-engine',
    `DigitalOcean's cluster ${id} is one of ${cluster.engine}, not of ${engine}.`,
    { host, hint: `Set input ${engine}-cluster-id to the ID of a cluster of ${engine}.` },
  );
}

/** Undefined where the answer has no address. */
function connectionOf(connection: Fields): ClusterConnection | undefined {
  const host = textIn(connection, 'host');
  const { port } = connection;
  if (host === undefined || typeof port !== 'number') return undefined;
  return {
    host,
    port,
    uri: textIn(connection, 'uri') ?? '',
    ssl: connection.ssl !== false,
    user: textIn(connection, 'user'),
    password: textIn(connection, 'password'),
  };
}

/** The user in an answer. @throws InvalidAnswer without its name, which the document requires */
export function userOf(answer: ApiAnswer): ManagedUser {
  const user = fieldsOf(fieldsIn(answer).user);
  return {
    name: need(answer, 'user.name', textIn(user, 'name')),
    isPrimary: textIn(user, 'role') === 'primary',
    password: textIn(user, 'password'),
    settings: settingsOf(user),
  };
}

/** What a user of a managed MongoDB cluster may do: one role for all of the databases. */
export interface MongoUserSettings {
  /** `admin` stands for all databases. */
  readonly databases: readonly string[];
  readonly role: 'readOnly' | 'readWrite' | 'dbAdmin';
}

/** The settings in a user of the API; undefined where it does not tell them. */
function settingsOf(user: Fields): MongoUserSettings | undefined {
  const settings = fieldsOf(fieldsOf(user.settings).mongo_user_settings);
  const role = textIn(settings, 'role');
  if (role !== 'readOnly' && role !== 'readWrite' && role !== 'dbAdmin') return undefined;
  return { databases: textsIn(settings, 'databases'), role };
}

/** Whether the user may read and write in these databases. */
export function suffices({ databases, role }: MongoUserSettings, needed: readonly string[]): boolean {
  const has = (database: string) => databases.includes(database) || databases.includes('admin');
  return role === 'readWrite' && needed.every(has);
}

/** The settings with what is missing added, and nothing taken away. */
export function extended(settings: MongoUserSettings | undefined, needed: readonly string[]): MongoUserSettings {
  return { databases: [...new Set([...(settings?.databases ?? []), ...needed])], role: 'readWrite' };
}
