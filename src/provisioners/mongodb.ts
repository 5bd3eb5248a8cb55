import { AtlasCluster } from './atlas/api.ts';
import { type Authorization, digest, serviceAccount } from './atlas/authorization.ts';
import { atlasServer } from './atlas/cluster-server.ts';
import { writeConnection } from './connection-file.ts';
import { Deadline } from './deadline.ts';
import { DigitaloceanCluster } from './digitalocean/api.ts';
import { managedMongodb } from './digitalocean/mongodb-server.ts';
import { flag, optional, placeIn, required } from './environment.ts';
import type { Sending } from './http/send.ts';
import { provisionAtlas } from './mongodb/atlas.ts';
import { provisionManagedMongodb } from './mongodb/digitalocean.ts';
import { provisionMongodb } from './mongodb/direct.ts';
import type { Patience } from './mongodb/login.ts';
import { PasswordSecret } from './mongodb/password-secret.ts';
import type { ServerWishes } from './mongodb/server-wishes.ts';
import { hostAndPort } from './mongodb/session.ts';
import { endOnSigterm } from './mongodb/uninterrupted.ts';
import { type Resource, runProvisioner, type Say } from './report.ts';

const { env } = process;
const deadline = Deadline.of(env);
/** Vendors' changes reach their servers within seconds; a minute is what their documents leave room for. */
const patience: Patience = {
  intervalMs: Number(optional(env, 'PATIENCE_INTERVAL_MS') ?? 5_000),
  limitMs: Number(optional(env, 'PATIENCE_LIMIT_MS') ?? 60_000),
};

endOnSigterm();
await runProvisioner((say) => {
  switch (required(env, 'MONGODB_PROVIDER')) {
    case 'digitalocean':
      return digitalocean(say);
    case 'atlas':
      return atlas(say);
    default:
      return direct(say);
  }
});

async function direct(say: Say): Promise<Resource[]> {
  const { user, databases, secret } = common();
  const server = {
    hosts: [hostAndPort(required(env, 'MONGODB_HOST'), Number(required(env, 'MONGODB_PORT')))] as const,
    useSsl: flag(env, 'MONGODB_USE_SSL') ?? false,
    ca: optional(env, 'MONGODB_CA'),
    replicaSet: optional(env, 'MONGODB_REPLICA_SET'),
    deadline,
  };
  const admin = {
    user: required(env, 'MONGODB_ADMIN_USER'),
    password: required(env, 'MONGODB_ADMIN_PASSWORD'),
    authSource: required(env, 'MONGODB_ADMIN_AUTH_SOURCE'),
  };
  return await provisionMongodb({ server, admin, databases, user: { ...user, password: password() }, secret }, say);
}

async function digitalocean(say: Say): Promise<Resource[]> {
  const cluster = new DigitaloceanCluster({
    url: required(env, 'VENDOR_API_URL'),
    token: required(env, 'DIGITALOCEAN_TOKEN'),
    clusterId: required(env, 'DIGITALOCEAN_CLUSTER_ID'),
    sending: { say, deadline },
  });
  const { server, connection } = await managedMongodb(cluster, wishes());
  const configPassword = optional(env, 'MONGODB_PASSWORD');
  const resources = await provisionManagedMongodb({ cluster, server, ...common(), configPassword, patience }, say);
  await writeConnection(required(env, 'CONNECTION_FILE'), connection);
  return resources;
}

async function atlas(say: Say): Promise<Resource[]> {
  const url = required(env, 'VENDOR_API_URL');
  const sending = { service: "Atlas's API", say, deadline };
  const cluster = new AtlasCluster({
    url,
    projectId: required(env, 'ATLAS_PROJECT_ID'),
    clusterName: required(env, 'ATLAS_CLUSTER_NAME'),
    authorization: atlasAuthorization(url, sending),
    sending,
  });
  const { server, connection } = await atlasServer(cluster, wishes());
  const { user, databases, secret } = common();
  const task = { cluster, server, databases, user: { ...user, password: password() }, secret, patience, deadline };
  const resources = await provisionAtlas(task, say);
  await writeConnection(required(env, 'CONNECTION_FILE'), connection);
  return resources;
}

function atlasAuthorization(url: string, sending: Sending): Authorization {
  const clientId = optional(env, 'ATLAS_CLIENT_ID');
  return clientId === undefined
    ? digest({ publicKey: required(env, 'ATLAS_PUBLIC_KEY'), privateKey: required(env, 'ATLAS_PRIVATE_KEY') })
    : serviceAccount(url, { clientId, clientSecret: required(env, 'ATLAS_CLIENT_SECRET') }, sending);
}

function password(): string {
  return required(env, 'MONGODB_PASSWORD');
}

function wishes(): ServerWishes {
  return {
    wanted: placeIn(env, 'MONGODB_HOST', 'MONGODB_PORT'),
    trusted: placeIn(env, 'MONGODB_TRUSTED_HOST', 'MONGODB_TRUSTED_PORT'),
    useSsl: flag(env, 'MONGODB_USE_SSL'),
    ca: optional(env, 'MONGODB_CA'),
    replicaSet: optional(env, 'MONGODB_REPLICA_SET'),
  };
}

function common() {
  return {
    databases: [required(env, 'MONGODB_DATABASE'), required(env, 'FORUM_MONGODB_DATABASE')] as const,
    user: {
      user: required(env, 'MONGODB_USERNAME'),
      authSource: required(env, 'MONGODB_AUTH_SOURCE'),
      mechanism: optional(env, 'MONGODB_AUTH_MECHANISM'),
    },
    secret: new PasswordSecret({
      apiServer: {
        host: required(env, 'KUBERNETES_SERVICE_HOST'),
        port: required(env, 'KUBERNETES_SERVICE_PORT'),
        accountDirectory: optional(env, 'SERVICE_ACCOUNT_DIRECTORY') ?? '/var/run/secrets/kubernetes.io/serviceaccount',
      },
      namespace: required(env, 'NAMESPACE'),
      name: required(env, 'MONGODB_PASSWORD_SECRET'),
      workflowUid: required(env, 'WORKFLOW_UID'),
    }),
  };
}
