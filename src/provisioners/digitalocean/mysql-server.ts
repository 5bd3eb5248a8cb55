import { hintOf } from '../causes.ts';
import { chooseEndpoint, type Place } from '../endpoint.ts';
import type { Login, Server } from '../mysql/session.ts';
import type { Connection } from '../pod.ts';
import { ProvisionerError } from '../provisioner-error.ts';
import type { DigitaloceanCluster } from './api.ts';
import { connectionsOf } from './managed-cluster.ts';

/** What config.yml and the settings say of the server. */
export interface RequestedMysqlServer {
  readonly wanted: Place;
  readonly trusted: Place;
  readonly sslMode: string;
  /** Certificate authority, PEM; without one it is the cluster's own. */
  readonly ca: string | undefined;
  readonly adminUser: string | undefined;
  readonly adminPassword: string | undefined;
}

/**
 * The managed MySQL cluster and its administrator. Users are made by SQL, and not by the API: those that the API makes
 * have the administrator's rights on every database, and it has no grants.
 *
 * @throws ProvisionerError where it is no MySQL cluster, config.yml names another host, or the token does not show the
 *   administrator's password
 */
export async function managedMysql(
  cluster: DigitaloceanCluster,
  { wanted, trusted, sslMode, ca, adminUser, adminPassword }: RequestedMysqlServer,
): Promise<{ readonly server: Server; readonly admin: Login; readonly connection: Connection }> {
  const managed = await cluster.ready('mysql');
  const connections = connectionsOf(managed);
  const endpoint = chooseEndpoint({
    wanted,
    trusted,
    known: connections,
    keys: { host: 'MYSQL_HOST', port: 'MYSQL_PORT' },
    source: "DigitalOcean's API",
  });
  const shown = connections.find(({ user, password }) => user !== undefined && password !== undefined);
  const user = adminUser ?? shown?.user;
  // A password is that of the API's administrator only.
  const password = adminPassword ?? (user === shown?.user ? shown?.password : undefined);
  if (user === undefined || password === undefined) throw credentialsHidden(cluster, adminUser);
  // A cluster without TLS is none of DigitalOcean's own.
  const hasTls = connections.every(({ ssl }) => ssl);
  const isVerified = sslMode === 'verify-ca' && hasTls;
  return {
    server: {
      ...endpoint,
      sslMode: hasTls ? sslMode : 'preferred',
      ca: ca ?? (isVerified ? await cluster.authority() : undefined),
    },
    admin: { user, password },
    connection: { ...endpoint, useSsl: hasTls },
  };
}

function credentialsHidden({ id, host }: DigitaloceanCluster, adminUser: string | undefined): ProvisionerError {
  const who = adminUser === undefined ? 'the administrator' : `user ${adminUser}`;
  return new ProvisionerError(
    'digitalocean-credentials-hidden',
    `DigitalOcean's API at ${host} does not show the password of ${who} of cluster ${id}.`,
    {
      host,
      hint: hintOf('digitalocean-credentials-hidden'),
    },
  );
}
