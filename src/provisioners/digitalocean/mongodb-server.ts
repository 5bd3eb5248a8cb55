import { agreedTls, bare, chooseEndpoint, hostAndPort, type RequestedServer, tlsOf } from '../endpoint.ts';
import { addressOf, type Dns, type Server, tutorHost } from '../mongodb/server.ts';
import type { Connection, Pod } from '../pod.ts';
import type { DigitaloceanCluster } from './api.ts';
import { type ClusterConnection, connectionsOf } from './managed-cluster.ts';

/**
 * The managed MongoDB cluster as users log in to it. Its address comes from the API, and with it whether it is found by
 * DNS (the `uri` begins with `mongodb+srv://`) and the name of the replica set.
 *
 * @throws ProvisionerError where it is no MongoDB cluster, or config.yml names another host
 */
export async function managedMongodb(
  cluster: DigitaloceanCluster,
  requested: RequestedServer,
  pod: Pod,
  dns?: Dns,
): Promise<{ readonly server: Server; readonly connection: Connection }> {
  const managed = await cluster.ready('mongodb');
  const connections = connectionsOf(managed);
  const { wanted, trusted } = requested;
  const { host, port } = chooseEndpoint({
    wanted,
    trusted,
    known: connections,
    keys: { host: 'MONGODB_HOST', port: 'MONGODB_PORT' },
    source: "DigitalOcean's API",
  });
  const chosen = connections.find((one) => bare(one.host) === host);
  // A host of the settings that the API does not know.
  const named = { host: wanted.host ?? trusted.host ?? host, port };
  const address = chosen === undefined ? await addressOf(named, pod, dns) : addressBy(chosen, host, port);
  const useSsl = agreedTls(requested.useSsl, hasTls(chosen), { host, source: "DigitalOcean's API" });
  const replicaSet = requested.replicaSet ?? replicaSetIn(chosen?.uri ?? '');
  const ca = useSsl ? (requested.ca ?? (await cluster.authority())) : undefined;
  return {
    server: { ...address, useSsl, ca, replicaSet },
    connection: { host: tutorHost(address), port, replicaSet, useSsl },
  };
}

function addressBy({ uri }: ClusterConnection, host: string, port: number) {
  const srv = uri.startsWith('mongodb+srv://');
  return { hosts: [srv ? host : hostAndPort(host, port)] as const, srv };
}

/** The string decides; one that leaves it open is of a cluster of which the API's own field says it. */
function hasTls(connection: ClusterConnection | undefined): boolean {
  if (connection === undefined) return true;
  const { uri, ssl } = connection;
  return /[?&](ssl|tls)=/i.test(uri) || uri.startsWith('mongodb+srv://') ? tlsOf(uri) : ssl;
}

function replicaSetIn(uri: string): string | undefined {
  return /[?&]replicaSet=([^&]+)/.exec(uri)?.[1];
}
