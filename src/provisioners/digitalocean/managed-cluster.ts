import { type Fields, fieldsOf, textIn, textsIn } from '../../core/fields.ts';
import type { ApiAnswer } from '../http/send.ts';
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

/** @throws ProvisionerError `digitalocean-engine` */
export function requireEngine(
  { id, host }: { readonly id: string; readonly host: string },
  cluster: ManagedCluster,
  engine: string,
): ManagedCluster {
  if (cluster.engine === engine) return cluster;
  throw new ProvisionerError(
    'digitalocean-engine',
    `DigitalOcean's cluster ${id} is one of ${cluster.engine || 'an unknown engine'}, not of ${engine}.`,
    { host, hint: `Set input ${engine}-cluster-id to the ID of a cluster of ${engine}.` },
  );
}

/** Undefined where the answer has no address. */
export function connectionOf(connection: Fields): ClusterConnection | undefined {
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

export function userOf({ body }: ApiAnswer): ManagedUser {
  const user = fieldsOf(fieldsOf(body).user);
  return {
    name: textIn(user, 'name') ?? '',
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
