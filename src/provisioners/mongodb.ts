import { randomBytes } from 'node:crypto';
import { AtlasCluster } from './atlas/api.ts';
import { type Authorization, digest, serviceAccount } from './atlas/authorization.ts';
import { atlasServer } from './atlas/cluster-server.ts';
import { writeConnection } from './connection-file.ts';
import { Deadline } from './deadline.ts';
import { DigitaloceanCluster } from './digitalocean/api.ts';
import { managedMongodb } from './digitalocean/mongodb-server.ts';
import { flag, operationNamed, optional, placeIn, required } from './environment.ts';
import type { Sending } from './http/send.ts';
import { provisionAtlas } from './mongodb/atlas-user.ts';
import { endOnSigterm } from './mongodb/defer-sigterm.ts';
import { deprovisionAtlas } from './mongodb/deprovision-atlas.ts';
import { deprovisionManagedMongodb } from './mongodb/deprovision-digitalocean.ts';
import { deprovisionMongodb } from './mongodb/deprovision-direct.ts';
import { provisionManagedMongodb } from './mongodb/digitalocean.ts';
import { provisionMongodb } from './mongodb/direct.ts';
import type { Patience } from './mongodb/login.ts';
import { PasswordSecret } from './mongodb/password-secret.ts';
import { hostAndPort } from './mongodb/session.ts';
import { type Resource, runProvisioner, type Say } from './report.ts';
import type { RequestedServer } from './requested-server.ts';
import { SHORTEST_PASSWORD } from './short-password.ts';

const { env } = process;
const deadline = Deadline.of(env);
/** Vendors' changes reach their servers within seconds; a minute is what their documents leave room for. */
const patience: Patience = {
  intervalMs: Number(optional(env, 'PATIENCE_INTERVAL_MS') ?? 5_000),
  limitMs: Number(optional(env, 'PATIENCE_LIMIT_MS') ?? 60_000),
};

endOnSigterm();
await runProvisioner((say) => {
  const operation = operationNamed(optional(env, 'OPERATION'));
  return operation === 'deprovision' ? deprovision(say) : provision(say);
});

async function provision(say: Say): Promise<Resource[]> {
  const { user, databases } = names();
  const secret = passwordSecret();
  switch (required(env, 'MONGODB_PROVIDER')) {
    case 'digitalocean': {
      const cluster = digitaloceanCluster(say);
      const { server, connection } = await managedMongodb(cluster, requested());
      const configPassword = optional(env, 'MONGODB_PASSWORD');
      const task = { cluster, server, databases, user, configPassword, secret, patience };
      const resources = await provisionManagedMongodb(task, say);
      await writeConnection(required(env, 'CONNECTION_FILE'), connection);
      return resources;
    }
    case 'atlas': {
      const cluster = atlasCluster(say);
      const { server, connection } = await atlasServer(cluster, requested());
      const login = { ...user, password: required(env, 'MONGODB_PASSWORD') };
      const resources = await provisionAtlas(
        { cluster, server, databases, user: login, secret, patience, deadline },
        say,
      );
      await writeConnection(required(env, 'CONNECTION_FILE'), connection);
      return resources;
    }
    default: {
      const login = { ...user, password: required(env, 'MONGODB_PASSWORD') };
      return await provisionMongodb({ ...directAccess(), databases, user: login, secret }, say);
    }
  }
}

async function deprovision(say: Say): Promise<Resource[]> {
  const { user, databases } = names();
  switch (required(env, 'MONGODB_PROVIDER')) {
    case 'digitalocean': {
      const cluster = digitaloceanCluster(say);
      // Refuses a config.yml that means another server, as provisioning does.
      await managedMongodb(cluster, requested());
      return await deprovisionManagedMongodb({ cluster, databases, user: user.user });
    }
    case 'atlas': {
      const cluster = atlasCluster(say);
      const { server } = await atlasServer(cluster, requested());
      const login = { ...user, password: deprovisionPassword() };
      return await deprovisionAtlas({ cluster, server, databases, user: login, patience, deadline }, say);
    }
    default:
      return await deprovisionMongodb({ ...directAccess(), databases, user }, say);
  }
}

/** The password by which the user is taken down: that of config.yml, or one for that purpose only. */
function deprovisionPassword(): string {
  const known = optional(env, 'MONGODB_PASSWORD') ?? '';
  return known.length >= SHORTEST_PASSWORD ? known : randomBytes(24).toString('base64url');
}

function directAccess() {
  return {
    server: {
      hosts: [hostAndPort(required(env, 'MONGODB_HOST'), Number(required(env, 'MONGODB_PORT')))] as const,
      useSsl: flag(env, 'MONGODB_USE_SSL') ?? false,
      ca: optional(env, 'MONGODB_CA'),
      replicaSet: optional(env, 'MONGODB_REPLICA_SET'),
      deadline,
    },
    admin: {
      user: required(env, 'MONGODB_ADMIN_USER'),
      password: required(env, 'MONGODB_ADMIN_PASSWORD'),
      authSource: required(env, 'MONGODB_ADMIN_AUTH_SOURCE'),
    },
  };
}

function digitaloceanCluster(say: Say): DigitaloceanCluster {
  return new DigitaloceanCluster({
    url: required(env, 'VENDOR_API_URL'),
    token: required(env, 'DIGITALOCEAN_TOKEN'),
    clusterId: required(env, 'DIGITALOCEAN_CLUSTER_ID'),
    sending: { say, deadline },
  });
}

function atlasCluster(say: Say): AtlasCluster {
  const url = required(env, 'VENDOR_API_URL');
  const sending = { service: "Atlas's API", say, deadline };
  return new AtlasCluster({
    url,
    projectId: required(env, 'ATLAS_PROJECT_ID'),
    clusterName: required(env, 'ATLAS_CLUSTER_NAME'),
    authorization: atlasAuthorization(url, sending),
    sending,
  });
}

function atlasAuthorization(url: string, sending: Sending): Authorization {
  const clientId = optional(env, 'ATLAS_CLIENT_ID');
  return clientId === undefined
    ? digest({ publicKey: required(env, 'ATLAS_PUBLIC_KEY'), privateKey: required(env, 'ATLAS_PRIVATE_KEY') })
    : serviceAccount(url, { clientId, clientSecret: required(env, 'ATLAS_CLIENT_SECRET') }, sending);
}

function requested(): RequestedServer {
  return {
    wanted: placeIn(env, 'MONGODB_HOST', 'MONGODB_PORT'),
    trusted: placeIn(env, 'MONGODB_TRUSTED_HOST', 'MONGODB_TRUSTED_PORT'),
    useSsl: flag(env, 'MONGODB_USE_SSL'),
    ca: optional(env, 'MONGODB_CA'),
    replicaSet: optional(env, 'MONGODB_REPLICA_SET'),
  };
}

/** What the instance has on the server. */
function names() {
  return {
    databases: [required(env, 'MONGODB_DATABASE'), required(env, 'FORUM_MONGODB_DATABASE')] as const,
    user: {
      user: required(env, 'MONGODB_USERNAME'),
      authSource: required(env, 'MONGODB_AUTH_SOURCE'),
      mechanism: optional(env, 'MONGODB_AUTH_MECHANISM'),
    },
  };
}

function passwordSecret(): PasswordSecret {
  return new PasswordSecret({
    apiServer: {
      host: required(env, 'KUBERNETES_SERVICE_HOST'),
      port: required(env, 'KUBERNETES_SERVICE_PORT'),
      accountDirectory: optional(env, 'SERVICE_ACCOUNT_DIRECTORY') ?? '/var/run/secrets/kubernetes.io/serviceaccount',
    },
    namespace: required(env, 'NAMESPACE'),
    name: required(env, 'MONGODB_PASSWORD_SECRET'),
    workflowUid: required(env, 'WORKFLOW_UID'),
  });
}
