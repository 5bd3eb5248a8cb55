import { writeConnection } from './connection-file.ts';
import { Deadline } from './deadline.ts';
import { DigitaloceanCluster } from './digitalocean/api.ts';
import { managedMysql } from './digitalocean/mysql-server.ts';
import { optional, placeIn, required } from './environment.ts';
import { provisionMysql } from './mysql/provision.ts';
import { type Resource, runProvisioner, type Say } from './report.ts';

const { env } = process;
await runProvisioner((say) => (required(env, 'MYSQL_PROVIDER') === 'digitalocean' ? digitalocean(say) : direct(say)));

async function direct(say: Say): Promise<Resource[]> {
  const server = {
    host: required(env, 'MYSQL_HOST'),
    port: Number(required(env, 'MYSQL_PORT')),
    sslMode: required(env, 'MYSQL_SSL_MODE'),
    ca: optional(env, 'MYSQL_CA'),
    deadline: Deadline.of(env),
  };
  const admin = { user: required(env, 'MYSQL_ADMIN_USER'), password: required(env, 'MYSQL_ADMIN_PASSWORD') };
  return await provisionMysql({ server, admin, ...wanted() }, say);
}

async function digitalocean(say: Say): Promise<Resource[]> {
  const cluster = new DigitaloceanCluster({
    url: required(env, 'VENDOR_API_URL'),
    token: required(env, 'DIGITALOCEAN_TOKEN'),
    clusterId: required(env, 'DIGITALOCEAN_CLUSTER_ID'),
    sending: { say, deadline: Deadline.of(env) },
  });
  const { server, admin, connection } = await managedMysql(cluster, {
    wanted: placeIn(env, 'MYSQL_HOST', 'MYSQL_PORT'),
    trusted: placeIn(env, 'MYSQL_TRUSTED_HOST', 'MYSQL_TRUSTED_PORT'),
    sslMode: required(env, 'MYSQL_SSL_MODE'),
    ca: optional(env, 'MYSQL_CA'),
    adminUser: optional(env, 'MYSQL_ADMIN_USER'),
    adminPassword: optional(env, 'MYSQL_ADMIN_PASSWORD'),
  });
  const resources = await provisionMysql({ server, admin, ...wanted() }, say);
  await writeConnection(required(env, 'CONNECTION_FILE'), connection);
  return resources;
}

/** What the server shall have for the instance. */
function wanted() {
  return {
    database: required(env, 'MYSQL_DATABASE'),
    user: { user: required(env, 'MYSQL_USERNAME'), password: required(env, 'MYSQL_PASSWORD') },
  };
}
