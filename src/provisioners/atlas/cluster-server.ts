import { agreedTls, bare, chooseEndpoint, type Place, type RequestedServer } from '../endpoint.ts';
import type { Server } from '../mongodb/session.ts';
import type { Connection } from '../pod.ts';
import { ProvisionerError } from '../provisioner-error.ts';
import type { AtlasCluster } from './api.ts';

/** MongoDB's port, which a host found by DNS has too. */
const PORT = 27017;

/**
 * The cluster as users log in to it: by the standard form of its connection string, which names its members and the
 * replica set. What config.yml gets is the form that is found by DNS, as it is one host and outlives the members.
 *
 * @throws ProvisionerError where it has no address yet, or config.yml names another host
 */
export async function atlasServer(
  cluster: AtlasCluster,
  { wanted, trusted, useSsl, ca, replicaSet }: RequestedServer,
): Promise<{ readonly server: Server; readonly connection: Connection }> {
  const { standard, srv, state } = await cluster.connectionStrings();
  const members = standard === undefined ? undefined : parseStandard(standard);
  const [first] = members?.hosts ?? [];
  if (members === undefined || first === undefined) {
    throw new ProvisionerError(
      'atlas-no-address',
      `Cluster ${cluster.name} of Atlas has no connection string yet${state === '' ? '' : ` (it is ${state})`}.`,
      { host: cluster.host, hint: 'Wait until the cluster is made, then run again.' },
    );
  }
  const name = srv === undefined ? undefined : bare(srv).replace(/[/?].*/s, '');
  for (const one of placesIn(wanted)) {
    chooseEndpoint({
      wanted: one,
      trusted,
      known: [...(name === undefined ? [] : [{ host: name, port: PORT }]), ...members.hosts],
      keys: { host: 'MONGODB_HOST', port: 'MONGODB_PORT' },
      source: "Atlas's API",
    });
  }
  const tls = agreedTls(useSsl, members.useSsl, { host: first.host, source: "Atlas's API" });
  const [head, ...tail] = members.hosts.map(({ host, port }) => `${host}:${port}`);
  return {
    server: { hosts: [head ?? '', ...tail], useSsl: tls, ca, replicaSet: members.replicaSet },
    connection: {
      host: name === undefined ? first.host : `mongodb+srv://${name}`,
      port: name === undefined ? first.port : PORT,
      replicaSet: replicaSet ?? members.replicaSet,
      useSsl: tls,
    },
  };
}

/** config.yml may have one host, or all members as the connection string lists them, each with a port of its own. */
function placesIn({ host, port }: Place): Place[] {
  const listed = bare(host ?? '').split(',');
  return listed.map((one) => {
    const [, name = '', own] = /^(.*?)(?::(\d+))?$/.exec(one) ?? [];
    return { host: name === '' ? undefined : name, port: own === undefined ? port : Number(own) };
  });
}

/** `mongodb://host:port,host:port/?ssl=true&replicaSet=…`, as Atlas gives it. */
function parseStandard(text: string) {
  const [, hosts = '', options = ''] = /^mongodb:\/\/([^/?]+)(?:\/[^?]*)?(\?.*)?$/.exec(text) ?? [];
  const parameters = new URLSearchParams(options);
  const useSsl = parameters.get('ssl') ?? parameters.get('tls');
  return {
    hosts: hosts
      .split(',')
      .filter((host) => host !== '')
      .map((host) => ({ host: host.replace(/:\d+$/, ''), port: Number(/:(\d+)$/.exec(host)?.[1] ?? PORT) })),
    replicaSet: parameters.get('replicaSet') ?? undefined,
    useSsl: useSsl !== 'false',
  };
}
