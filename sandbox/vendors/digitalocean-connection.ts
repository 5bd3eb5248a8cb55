import type { DigitaloceanBehaviour } from './digitalocean-behaviour.ts';
import type { Cluster, ClusterOptions } from './digitalocean-cluster.ts';

/** The cluster in the form of models/database_cluster_read.yml. */
export function describeCluster({ options }: Cluster, { hidesCredentials, statuses }: DigitaloceanBehaviour): object {
  const showsCredentials = !hidesCredentials;
  const { id, engine, server, publicHost = server.host, privateHost = server.host } = options;
  return {
    id,
    name: `sandbox-${engine}`,
    engine,
    version: engine === 'mongodb' ? '8.0' : '8',
    status: statuses.shift() ?? 'online',
    region: 'nyc3',
    num_nodes: 1,
    size: 'db-s-1vcpu-1gb',
    connection: connectionTo(publicHost, options, showsCredentials),
    private_connection: connectionTo(privateHost, options, showsCredentials),
  };
}

function connectionTo(host: string, options: ClusterOptions, showsCredentials: boolean): object {
  const { engine, server, admin, ssl } = options;
  const { adminUser: user, adminPassword: password } = admin;
  const database = engine === 'mongodb' ? 'admin' : 'defaultdb';
  const credentials = showsCredentials ? `${encodeURIComponent(user)}:${encodeURIComponent(password)}@` : '';
  return {
    uri: uriTo(host, database, credentials, options),
    database,
    host,
    port: server.port,
    ...(showsCredentials ? { user, password } : {}),
    ssl,
  };
}

function uriTo(host: string, database: string, credentials: string, options: ClusterOptions): string {
  const { engine, server, ssl, replicaSet, srv = false } = options;
  const place = `${credentials}${host}`;
  if (engine === 'mysql') return `mysql://${place}:${server.port}/${database}${ssl ? '?ssl-mode=REQUIRED' : ''}`;
  const query = new URLSearchParams({
    ...(ssl ? { tls: 'true' } : {}),
    authSource: 'admin',
    ...(replicaSet === undefined ? {} : { replicaSet }),
  });
  return `${srv ? `mongodb+srv://${place}` : `mongodb://${place}:${server.port}`}/${database}?${query}`;
}
