import { randomUUID } from 'node:crypto';
import { type DigitaloceanBehaviour, usualBehaviour } from './digitalocean-behaviour.ts';
import { Cluster, type ClusterOptions } from './digitalocean-cluster.ts';
import { describeCluster } from './digitalocean-connection.ts';
import { addDatabase, deleteDatabase, getDatabase, listDatabases } from './digitalocean-databases.ts';
import { DigitaloceanError, errorAnswer, notFound } from './digitalocean-errors.ts';
import * as operations from './digitalocean-operations.ts';
import { addUser, deleteUser, getUser, listUsers, resetAuth, rolesOf, updateUser } from './digitalocean-users.ts';
import { type Address, type Answer, type HttpApi, type Incoming, startHttpApi } from './http-api.ts';
import { OperationTable, type Parameters, type Route, route, routeWithBody } from './schema.ts';

export interface DigitaloceanOptions extends Address {
  readonly token: string;
  readonly clusters: readonly ClusterOptions[];
}

/** DigitalOcean's API of managed databases, as far as the action uses it. */
export interface DigitaloceanApi extends HttpApi {
  readonly behaviour: DigitaloceanBehaviour;
  /** Users of a cluster, without its admin. */
  users(clusterId: string): ReadonlyMap<string, { readonly settings: operations.UserSettings | undefined }>;
  /** Names of the databases of a cluster. */
  dbs(clusterId: string): string[];
  /** Creates a user as another client of the API would, or replaces it. */
  addUser(clusterId: string, name: string, password: string, settings?: operations.UserSettings): Promise<void>;
}

/** Requests an hour; https://docs.digitalocean.com/reference/api/#rate-limit. */
const LIMIT = 5000;
const HOUR_S = 3600;

/**
 * Starts a stand-in for DigitalOcean's API. It holds databases by name, and users, which on a MongoDB cluster are made
 * on its server too. Operations and bodies: see digitalocean-operations.ts.
 */
export async function startDigitalocean(options: DigitaloceanOptions): Promise<DigitaloceanApi> {
  const behaviour = usualBehaviour();
  const clusters = new Map(options.clusters.map((item) => [item.id, new Cluster(item)]));
  const table = new OperationTable(routesTo(clusters, behaviour));
  const clusterOf = (id: string) => clusters.get(id) ?? notFound();
  const http = await startHttpApi(
    {
      operationOf: (method, path) => table.operationOf(method, path),
      answer: async (incoming) => withLimits(behaviour, await answer(table, options.token, behaviour, incoming)),
      broken: errorAnswer,
    },
    options,
  );
  const stopListening = http.stop;
  return Object.assign(http, {
    behaviour,
    users: (id: string) => new Map([...clusterOf(id).users].filter(([, { role }]) => role === 'normal')),
    dbs: (id: string) => [...clusterOf(id).dbs],
    addUser: async (id: string, name: string, password: string, settings?: operations.UserSettings) => {
      const { users, accounts } = clusterOf(id);
      await accounts?.put(name, password, rolesOf(settings), 0);
      users.set(name, { name, role: 'normal', settings, seenFrom: 0 });
    },
    stop: async () => {
      await stopListening();
      await Promise.all([...clusters.values()].map(async ({ accounts }) => await accounts?.close()));
    },
  });
}

function routesTo(clusters: ReadonlyMap<string, Cluster>, behaviour: DigitaloceanBehaviour): Route[] {
  const at = ({ id = '' }: Parameters) => clusters.get(id) ?? notFound();
  const nameIn = ({ name = '' }: Parameters) => name;
  return [
    route(operations.GET_CLUSTER, (path) => ({
      status: 200,
      body: { database: describeCluster(at(path), behaviour) },
    })),
    route(operations.GET_CA, (path) => getCa(at(path))),
    route(operations.LIST_DATABASES, (path) => listDatabases(at(path))),
    route(operations.GET_DATABASE, (path) => getDatabase(at(path), nameIn(path))),
    routeWithBody(operations.ADD_DATABASE, (path, { name }) => addDatabase(at(path), behaviour, name)),
    route(operations.DELETE_DATABASE, (path) => deleteDatabase(at(path), behaviour, nameIn(path))),
    route(operations.LIST_USERS, (path) => listUsers(at(path), behaviour)),
    route(operations.GET_USER, (path) => getUser(at(path), behaviour, nameIn(path))),
    routeWithBody(operations.ADD_USER, (path, user) => addUser(at(path), behaviour, user)),
    routeWithBody(operations.UPDATE_USER, (path, { settings }) =>
      updateUser(at(path), behaviour, nameIn(path), settings),
    ),
    route(operations.DELETE_USER, (path) => deleteUser(at(path), behaviour, nameIn(path))),
    routeWithBody(operations.RESET_AUTH, (path) => resetAuth(at(path), behaviour, nameIn(path))),
  ];
}

function getCa({ options }: Cluster): Answer {
  if (options.ca === undefined) return notFound();
  return { status: 200, body: { ca: { certificate: Buffer.from(options.ca, 'utf8').toString('base64') } } };
}

async function answer(
  table: OperationTable,
  token: string,
  behaviour: DigitaloceanBehaviour,
  incoming: Incoming,
): Promise<Answer> {
  try {
    if (incoming.headers.authorization !== `Bearer ${token}`) {
      throw new DigitaloceanError(401, 'Unable to authenticate you');
    }
    if (behaviour.requestsLeft !== undefined) {
      if (behaviour.requestsLeft <= 0) {
        throw new DigitaloceanError(429, 'API rate limit exceeded.', { 'retry-after': '1' });
      }
      behaviour.requestsLeft -= 1;
    }
    return await table.match(incoming).run();
  } catch (error) {
    return errorAnswer(error);
  }
}

/** Headers of every answer (specification/shared/headers.yml). */
function withLimits({ requestsLeft = LIMIT }: DigitaloceanBehaviour, { headers, ...rest }: Answer): Answer {
  return {
    ...rest,
    headers: {
      'ratelimit-limit': String(LIMIT),
      'ratelimit-remaining': String(requestsLeft),
      'ratelimit-reset': String(Math.ceil(Date.now() / 1000) + HOUR_S),
      'x-request-id': randomUUID(),
      ...headers,
    },
  };
}
