import type { ConfigFile, ConfigValue } from './config/config-file.ts';
import type { Instance } from './instance.ts';

/** Where a server is, as the vendor's API told a workflow: what config.yml gets where it does not say. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly replicaSet: string | undefined;
  readonly useSsl: boolean;
}

/** What the workflows found out that config.yml shall say. */
export interface Findings {
  /** The password that the user of MongoDB really has. */
  readonly mongodbPassword: string;
  readonly mysql: Connection | undefined;
  readonly mongodb: Connection | undefined;
}

/** The keys that config.yml lacks and that a connection tells. */
export function connectionEdits(
  config: ConfigFile,
  { mysql, mongodb }: Instance,
  found: Pick<Findings, 'mysql' | 'mongodb'>,
): Map<string, ConfigValue> {
  const edits = new Map<string, ConfigValue>();
  if (found.mysql !== undefined && mysql.host === undefined) edits.set('MYSQL_HOST', found.mysql.host);
  if (found.mysql !== undefined && mysql.port === undefined) edits.set('MYSQL_PORT', String(found.mysql.port));
  if (found.mongodb === undefined) return edits;
  const { host, port, replicaSet, useSsl } = found.mongodb;
  if (mongodb.host === undefined) edits.set('MONGODB_HOST', host);
  if (mongodb.port === undefined) edits.set('MONGODB_PORT', String(port));
  if (replicaSet !== undefined && !config.has('MONGODB_REPLICA_SET')) edits.set('MONGODB_REPLICA_SET', replicaSet);
  if (mongodb.useSsl === undefined) edits.set('MONGODB_USE_SSL', useSsl);
  return edits;
}
