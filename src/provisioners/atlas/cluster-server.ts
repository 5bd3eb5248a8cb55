import { hintOf } from '../causes.ts';
import { agreedTls, bare, chooseEndpoint, type Place, type RequestedServer, tlsOf } from '../endpoint.ts';
import type { Server } from '../mongodb/server.ts';
import type { Connection } from '../pod.ts';
import { ProvisionerError } from '../provisioner-error.ts';
import type { AtlasCluster } from './api.ts';
import type { ConnectionKind, ConnectionStrings, DescribedCluster } from './described-cluster.ts';

/** MongoDB's port, which a host found by DNS has too. */
const PORT = 27017;

const SOURCE = "Atlas's API";

/**
 * The cluster as users log in to it: by the standard form of its connection string, which names its members and the
 * replica set. What config.yml gets is the form that is found by DNS, as it is one host and outlives the members.
 *
 * @param kind the way to the cluster, unless config.yml names a host of another one
 * @throws ProvisionerError where users cannot log in to it, it has no such address, or config.yml names another host
 */
export async function atlasServer(
  cluster: AtlasCluster,
  { wanted, trusted, useSsl, ca, replicaSet }: RequestedServer,
  kind: ConnectionKind = 'standard',
): Promise<{ readonly server: Server; readonly connection: Connection }> {
  const ways = waysTo(await cluster.ready());
  const way = chooseWay(cluster, ways, { kind, wanted, trusted });
  const { members, name } = way;
  for (const one of placesIn(wanted)) {
    const keys = { host: 'MONGODB_HOST', port: 'MONGODB_PORT' };
    chooseEndpoint({ wanted: one, trusted, known: placesOf(way), keys, source: SOURCE });
  }
  const [first] = placesOf(way);
  const tls = agreedTls(useSsl, way.useSsl, { host: (members[0] ?? first).host, source: SOURCE });
  const [head, ...tail] = members.map(({ host, port }) => `${host}:${port}`);
  return {
    server: {
      // Without a list of members they are found by DNS.
      ...(head === undefined ? { hosts: [first.host], srv: true } : { hosts: [head, ...tail] }),
      useSsl: tls,
      ca,
      replicaSet: way.replicaSet,
    },
    connection: {
      host: name === undefined ? first.host : `mongodb+srv://${name}`,
      port: first.port,
      replicaSet: replicaSet ?? way.replicaSet,
      useSsl: tls,
    },
  };
}

interface KnownPlace {
  readonly host: string;
  readonly port: number;
}

/** A way to the cluster, by its two connection strings. */
interface Way {
  readonly kind: ConnectionKind;
  readonly members: readonly KnownPlace[];
  /** The name that DNS has the members under. */
  readonly name: string | undefined;
  readonly replicaSet: string | undefined;
  readonly useSsl: boolean;
}

function waysTo({ ways }: DescribedCluster): Way[] {
  return ways.map(wayBy).filter(({ members, name }) => members.length > 0 || name !== undefined);
}

/** `mongodb://host:port,host:port/?ssl=true&replicaSet=…` and `mongodb+srv://name`, as Atlas gives them. */
function wayBy({ kind, standard = '', srv }: ConnectionStrings): Way {
  const [, hosts = '', options = ''] = /^mongodb:\/\/([^/?]+)(?:\/[^?]*)?(\?.*)?$/.exec(standard) ?? [];
  return {
    kind,
    members: hosts
      .split(',')
      .filter((host) => host !== '')
      .map((host) => ({ host: host.replace(/:\d+$/, ''), port: Number(/:(\d+)$/.exec(host)?.[1] ?? PORT) })),
    name: srv === undefined ? undefined : bare(srv).replace(/[/?].*/s, ''),
    replicaSet: new URLSearchParams(options).get('replicaSet') ?? undefined,
    useSsl: tlsOf(standard, srv),
  };
}

/** The places of a way, the name in DNS first. */
function placesOf({ name, members }: Way): readonly [KnownPlace, ...KnownPlace[]] {
  const [first = { host: name ?? '', port: PORT }, ...others] = members;
  return name === undefined || members.length === 0
    ? [first, ...others]
    : [{ host: name, port: PORT }, first, ...others];
}

interface Choice {
  readonly kind: ConnectionKind;
  readonly wanted: Place;
  readonly trusted: Place;
}

/**
 * The way that config.yml's host belongs to, else the one of that kind; among several private endpoints the one that the
 * settings name.
 *
 * @throws ProvisionerError `atlas-no-address`, `atlas-endpoint-choice`
 */
function chooseWay(cluster: AtlasCluster, ways: readonly Way[], { kind, wanted, trusted }: Choice): Way {
  const has = (place: Place) => {
    const hosts = placesIn(place).map(({ host }) => host);
    return (way: Way) => placesOf(way).some(({ host }) => hosts.includes(host.toLowerCase()));
  };
  const own = ways.find(has(wanted));
  if (own !== undefined) return own;
  const ofKind = ways.filter((way) => way.kind === kind);
  const [only] = ofKind;
  const { name, host } = cluster;
  if (only === undefined) {
    const others = [...new Set(ways.map((way) => way.kind))].join(', ') || 'none';
    throw new ProvisionerError(
      'atlas-no-address',
      `Cluster ${name} of Atlas has no ${kind} connection string (it has: ${others}).`,
      { host, hint: hintOf('atlas-no-address') },
    );
  }
  const chosen = ofKind.length === 1 ? only : ofKind.find(has(trusted));
  if (chosen !== undefined) return chosen;
  throw new ProvisionerError(
    'atlas-endpoint-choice',
    `Cluster ${name} of Atlas has ${ofKind.length} private endpoints: ${ofKind.map((way) => placesOf(way)[0].host).join(', ')}.`,
    { host, hint: hintOf('atlas-endpoint-choice') },
  );
}

/** config.yml may have one host, or all members as the connection string lists them, each with a port of its own. */
function placesIn({ host, port }: Place): Place[] {
  const listed = bare(host ?? '').split(',');
  return listed.map((one) => {
    const [, name = '', own] = /^(.*?)(?::(\d+))?$/.exec(one) ?? [];
    return { host: name === '' ? undefined : name, port: own === undefined ? port : Number(own) };
  });
}
