import { randomBytes } from 'node:crypto';
import { ATLAS_CLUSTER_NAME, ATLAS_PROJECT_ID, DIGITALOCEAN_CLUSTER_ID } from '../../core/vendor-ids.ts';
import { AtlasCluster } from '../atlas/api.ts';
import { type Authorization, digest, serviceAccount } from '../atlas/authorization.ts';
import { atlasServer } from '../atlas/cluster-server.ts';
import { CONNECTION_KINDS, type ConnectionKind } from '../atlas/described-cluster.ts';
import { DigitaloceanCluster } from '../digitalocean/api.ts';
import { managedMongodb } from '../digitalocean/mongodb-server.ts';
import type { RequestedServer } from '../endpoint.ts';
import { type Environment, flag, operationNamed, optional, placeIn, required, requiredId } from '../environment.ts';
import { refuseSystemNames, SHORTEST_PASSWORD } from '../guards.ts';
import type { Sending } from '../http/send.ts';
import { type Connection, type Pod, writeConnection } from '../pod.ts';
import type { Resource } from '../report.ts';
import { provisionAtlas } from './atlas-user.ts';
import { deprovisionAtlas, deprovisionManagedMongodb, deprovisionMongodb } from './deprovision.ts';
import { provisionManagedMongodb } from './digitalocean.ts';
import { provisionMongodb } from './direct.ts';
import type { Patience } from './login.ts';
import { PasswordSecret } from './password-secret.ts';
import { addressOf, type Server, tutorHost } from './server.ts';
import { factsOf, needsTls, type ServerFacts } from './server-facts.ts';

/**
 * Provisions or deprovisions MongoDB, by the variables that the WorkflowTemplate sets.
 *
 * @throws ProvisionerError; Error for a variable that is absent or wrong
 */
export async function runMongodb(env: Environment, pod: Pod): Promise<Resource[]> {
  const operation = operationNamed(optional(env, 'OPERATION'));
  const { user, databases } = names(env);
  const host = optional(env, 'MONGODB_HOST') ?? optional(env, 'VENDOR_API_URL') ?? '';
  const admin = optional(env, 'MONGODB_ADMIN_USER');
  refuseSystemNames({ service: 'MongoDB', host, databases, user: user.user, admin });
  return operation === 'deprovision' ? await deprovision(env, pod) : await provision(env, pod);
}

/** Vendors' changes reach their servers within seconds; a minute is what their documents leave room for. */
function patienceOf(env: Environment): Patience {
  return {
    intervalMs: Number(optional(env, 'PATIENCE_INTERVAL_MS') ?? 5_000),
    limitMs: Number(optional(env, 'PATIENCE_LIMIT_MS') ?? 60_000),
  };
}

async function provision(env: Environment, pod: Pod): Promise<Resource[]> {
  const { user, databases } = names(env);
  const secret = passwordSecret(env, pod);
  const patience = patienceOf(env);
  switch (required(env, 'MONGODB_PROVIDER')) {
    case 'digitalocean': {
      const cluster = digitaloceanCluster(env, pod);
      const { server, connection } = await managedMongodb(cluster, requested(env), pod);
      const configPassword = optional(env, 'MONGODB_PASSWORD');
      const task = { cluster, server, databases, user, configPassword, secret, patience };
      const resources = await provisionManagedMongodb(task, pod);
      const login = { ...user, password: (await secret.read()) ?? '' };
      await report(env, { ...connection, server: await factsOf(server, login, pod) });
      return resources;
    }
    case 'atlas': {
      const login = { ...user, password: required(env, 'MONGODB_PASSWORD') };
      const cluster = atlasCluster(env, pod);
      const { server, connection } = await atlasServer(cluster, requested(env), connectionKind(env));
      const resources = await provisionAtlas({ cluster, server, databases, user: login, secret, patience }, pod);
      await report(env, { ...connection, server: await factsOf(server, login, pod) });
      return resources;
    }
    default: {
      const login = { ...user, password: required(env, 'MONGODB_PASSWORD') };
      const access = await directAccess(env, pod);
      const resources = await provisionMongodb({ ...access, databases, user: login, secret }, pod);
      await report(env, { ...access.connection, server: await factsOf(access.server, login, pod) });
      return resources;
    }
  }
}

interface Found extends Partial<Connection> {
  readonly server: ServerFacts;
}

async function report(env: Environment, found: Found): Promise<void> {
  await writeConnection(required(env, 'CONNECTION_FILE'), found);
}

async function deprovision(env: Environment, pod: Pod): Promise<Resource[]> {
  const { user, databases } = names(env);
  switch (required(env, 'MONGODB_PROVIDER')) {
    case 'digitalocean': {
      const cluster = digitaloceanCluster(env, pod);
      // Refuses a config.yml that means another server, as provisioning does.
      await managedMongodb(cluster, requested(env), pod);
      return await deprovisionManagedMongodb({ cluster, databases, user: user.user });
    }
    case 'atlas': {
      const login = { ...user, password: deprovisionPassword(env) };
      const cluster = atlasCluster(env, pod);
      const { server } = await atlasServer(cluster, requested(env), connectionKind(env));
      return await deprovisionAtlas({ cluster, server, databases, user: login, patience: patienceOf(env) }, pod);
    }
    default:
      return await deprovisionMongodb({ ...(await directAccess(env, pod)), databases, user }, pod);
  }
}

/** The password that the user is deprovisioned with: that of config.yml, or a generated one. */
function deprovisionPassword(env: Environment): string {
  const known = optional(env, 'MONGODB_PASSWORD') ?? '';
  return known.length >= SHORTEST_PASSWORD ? known : randomBytes(24).toString('base64url');
}

async function directAccess(env: Environment, pod: Pod) {
  const port = Number(required(env, 'MONGODB_PORT'));
  const address = await addressOf({ host: required(env, 'MONGODB_HOST'), port }, pod);
  const { hosts, srv } = address;
  const wanted = flag(env, 'MONGODB_USE_SSL');
  const server: Server = {
    hosts,
    srv,
    // With SRV records a client uses TLS unless it is told otherwise.
    useSsl: wanted ?? srv,
    ca: optional(env, 'MONGODB_CA'),
    replicaSet: optional(env, 'MONGODB_REPLICA_SET'),
  };
  const admin = {
    user: required(env, 'MONGODB_ADMIN_USER'),
    password: required(env, 'MONGODB_ADMIN_PASSWORD'),
    authSource: optional(env, 'MONGODB_ADMIN_AUTH_SOURCE'),
  };
  if (srv) {
    const connection = { host: tutorHost(address), port, useSsl: server.useSsl };
    return { server, admin, connection };
  }
  if (wanted !== undefined) return { server, admin };
  const look = { service: 'MongoDB', host: hosts[0], doing: `the login of ${admin.user}` };
  const useSsl = await pod.step(look, () => needsTls(server, admin));
  return { server: { ...server, useSsl }, admin };
}

function digitaloceanCluster(env: Environment, pod: Pod): DigitaloceanCluster {
  return new DigitaloceanCluster({
    url: required(env, 'VENDOR_API_URL'),
    token: required(env, 'DIGITALOCEAN_TOKEN'),
    clusterId: requiredId(env, 'DIGITALOCEAN_CLUSTER_ID', DIGITALOCEAN_CLUSTER_ID, 'mongodb-cluster-id'),
    pod,
  });
}

/** The way to the cluster. @throws Error for a word that is none */
function connectionKind(env: Environment): ConnectionKind {
  const word = optional(env, 'ATLAS_CONNECTION') ?? 'standard';
  const kind = CONNECTION_KINDS.find((one) => one === word);
  if (kind !== undefined) return kind;
  throw new Error(
    `The variable ATLAS_CONNECTION is ${JSON.stringify(word)}: it must be ${CONNECTION_KINDS.join(', ')}.`,
  );
}

function atlasCluster(env: Environment, pod: Pod): AtlasCluster {
  const url = required(env, 'VENDOR_API_URL');
  const sending = { service: "Atlas's API", pod };
  return new AtlasCluster({
    url,
    projectId: requiredId(env, 'ATLAS_PROJECT_ID', ATLAS_PROJECT_ID, 'atlas-project-id'),
    clusterName: requiredId(env, 'ATLAS_CLUSTER_NAME', ATLAS_CLUSTER_NAME, 'atlas-cluster-name'),
    authorization: atlasAuthorization(env, url, sending),
    sending,
  });
}

function atlasAuthorization(env: Environment, url: string, sending: Sending): Authorization {
  const clientId = optional(env, 'ATLAS_CLIENT_ID');
  if (clientId === undefined)
    return digest({ publicKey: required(env, 'ATLAS_PUBLIC_KEY'), privateKey: required(env, 'ATLAS_PRIVATE_KEY') });
  const clientSecret = required(env, 'ATLAS_CLIENT_SECRET');
  return serviceAccount(url, { clientId, clientSecret, sharedToken: optional(env, 'ATLAS_ACCESS_TOKEN') }, sending);
}

function requested(env: Environment): RequestedServer {
  return {
    wanted: placeIn(env, 'MONGODB_HOST', 'MONGODB_PORT'),
    trusted: placeIn(env, 'MONGODB_TRUSTED_HOST', 'MONGODB_TRUSTED_PORT'),
    useSsl: flag(env, 'MONGODB_USE_SSL'),
    ca: optional(env, 'MONGODB_CA'),
    replicaSet: optional(env, 'MONGODB_REPLICA_SET'),
  };
}

/** What the instance has on the server. */
function names(env: Environment) {
  return {
    databases: [required(env, 'MONGODB_DATABASE'), required(env, 'FORUM_MONGODB_DATABASE')] as const,
    user: {
      user: required(env, 'MONGODB_USERNAME'),
      authSource: required(env, 'MONGODB_AUTH_SOURCE'),
      mechanism: optional(env, 'MONGODB_AUTH_MECHANISM'),
    },
  };
}

function passwordSecret(env: Environment, pod: Pod): PasswordSecret {
  return new PasswordSecret({
    pod,
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
