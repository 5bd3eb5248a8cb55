import { type Connection, writeConnection } from './connection-file.ts';
import { Deadline } from './deadline.ts';
import { DigitaloceanCluster } from './digitalocean/api.ts';
import { managedMysql } from './digitalocean/mysql-server.ts';
import { operationNamed, optional, placeIn, required } from './environment.ts';
import { deprovisionMysql } from './mysql/deprovision.ts';
import { provisionMysql } from './mysql/provision.ts';
import type { Login, Server } from './mysql/session.ts';
import { type Resource, runProvisioner, type Say } from './report.ts';

const { env } = process;
await runProvisioner((say) => {
  const operation = operationNamed(optional(env, 'OPERATION'));
  return operation === 'deprovision' ? deprovision(say) : provision(say);
});

async function provision(say: Say): Promise<Resource[]> {
  const { connection, ...access } = await adminAccess(say);
  const user = { user: required(env, 'MYSQL_USERNAME'), password: required(env, 'MYSQL_PASSWORD') };
  const resources = await provisionMysql({ ...access, database: required(env, 'MYSQL_DATABASE'), user }, say);
  if (connection !== undefined) await writeConnection(required(env, 'CONNECTION_FILE'), connection);
  return resources;
}

async function deprovision(say: Say): Promise<Resource[]> {
  const { server, admin } = await adminAccess(say);
  const names = { database: required(env, 'MYSQL_DATABASE'), user: required(env, 'MYSQL_USERNAME') };
  return await deprovisionMysql({ server, admin, ...names }, say);
}

interface Access {
  readonly server: Server;
  readonly admin: Login;
  /** Where a vendor's API says that the server is. */
  readonly connection?: Connection;
}

async function adminAccess(say: Say): Promise<Access> {
  if (required(env, 'MYSQL_PROVIDER') === 'digitalocean') return await digitalocean(say);
  const server = {
    host: required(env, 'MYSQL_HOST'),
    port: Number(required(env, 'MYSQL_PORT')),
    sslMode: required(env, 'MYSQL_SSL_MODE'),
    ca: optional(env, 'MYSQL_CA'),
    deadline: Deadline.of(env),
  };
  return {
    server,
    admin: { user: required(env, 'MYSQL_ADMIN_USER'), password: required(env, 'MYSQL_ADMIN_PASSWORD') },
  };
}

async function digitalocean(say: Say): Promise<Access> {
  const cluster = new DigitaloceanCluster({
    url: required(env, 'VENDOR_API_URL'),
    token: required(env, 'DIGITALOCEAN_TOKEN'),
    clusterId: required(env, 'DIGITALOCEAN_CLUSTER_ID'),
    sending: { say, deadline: Deadline.of(env) },
  });
  return await managedMysql(cluster, {
    wanted: placeIn(env, 'MYSQL_HOST', 'MYSQL_PORT'),
    trusted: placeIn(env, 'MYSQL_TRUSTED_HOST', 'MYSQL_TRUSTED_PORT'),
    sslMode: required(env, 'MYSQL_SSL_MODE'),
    ca: optional(env, 'MYSQL_CA'),
    adminUser: optional(env, 'MYSQL_ADMIN_USER'),
    adminPassword: optional(env, 'MYSQL_ADMIN_PASSWORD'),
  });
}
