import type { Admin } from '../databases/mysql.ts';
import { AtlasAccess, type AtlasCredentials } from './atlas-access.ts';
import { type AtlasBehaviour, usualBehaviour } from './atlas-behaviour.ts';
import { type AtlasCluster, getCluster, getFlexCluster, getStatus } from './atlas-clusters.ts';
import { AtlasError, errorAnswer } from './atlas-errors.ts';
import * as operations from './atlas-operations.ts';
import { AtlasUsers } from './atlas-users.ts';
import { type Address, type Answer, type HttpApi, type Incoming, startHttpApi } from './http-api.ts';
import { MongodbAccounts, type Server } from './mongodb-accounts.ts';
import { mediaTypesIn, OperationTable, type Parameters, type Route, route, routeWithBody } from './schema.ts';

export interface AtlasOptions extends Address, AtlasCredentials {
  /** Project, 24 hexadecimal digits. */
  readonly projectId: string;
  readonly cluster: AtlasCluster;
  /** Server that stands for the cluster. */
  readonly server: Server;
  readonly admin: Admin;
}

/** The MongoDB Atlas Administration API, as far as the action uses it: a project with one cluster. */
export interface AtlasApi extends HttpApi {
  readonly behaviour: AtlasBehaviour;
  /** Users of the project by name. */
  users(): ReadonlyMap<
    string,
    { readonly roles: readonly operations.AtlasRole[]; readonly scopes: readonly operations.AtlasScope[] }
  >;
  /** Creates a user as another client of the API would, or replaces it. */
  addUser(
    name: string,
    password: string,
    roles: readonly operations.AtlasRole[],
    scopes?: readonly operations.AtlasScope[],
  ): Promise<void>;
  /** How many access tokens are good. */
  tokens(): number;
  /** Ends all tokens before their time, so that the next request with one is answered by 401. */
  revokeTokens(): void;
}

/**
 * Starts a stand-in for the Atlas Administration API. It holds the users of a project, and makes them on the server
 * that stands for its cluster. Operations and bodies: see atlas-operations.ts.
 */
export async function startAtlas(options: AtlasOptions): Promise<AtlasApi> {
  const { projectId, cluster, server, admin } = options;
  const behaviour = usualBehaviour();
  const access = new AtlasAccess(options);
  const accounts = new MongodbAccounts(server, admin);
  const users = new AtlasUsers(projectId, cluster.name, accounts, behaviour);
  const table = new OperationTable(routesTo(cluster, users, access, behaviour));
  const http = await startHttpApi(
    {
      operationOf: (method, path) => table.operationOf(method, path),
      answer: async (incoming) => {
        try {
          return await answer(incoming, { projectId, table, access, behaviour });
        } catch (error) {
          return errorAnswer(error);
        }
      },
      broken: errorAnswer,
    },
    options,
  );
  const stopListening = http.stop;
  return Object.assign(http, {
    behaviour,
    users: () => users.held,
    addUser: async (
      name: string,
      password: string,
      roles: readonly operations.AtlasRole[],
      scopes: readonly operations.AtlasScope[] = [],
    ) => await users.set(name, { password, roles, scopes }, 0),
    tokens: () => access.tokens,
    revokeTokens: () => access.revokeTokens(),
    stop: async () => {
      await stopListening();
      await accounts.close();
    },
  });
}

function routesTo(cluster: AtlasCluster, users: AtlasUsers, access: AtlasAccess, behaviour: AtlasBehaviour): Route[] {
  const name = ({ clusterName = '' }: Parameters) => clusterName;
  const group = ({ groupId = '' }: Parameters) => groupId;
  const user = ({ databaseName = '', username = '' }: Parameters) => [databaseName, username] as const;
  return [
    routeWithBody(operations.MAKE_TOKEN, (_, __, incoming) => access.makeToken(incoming, behaviour.tokenLimit)),
    routeWithBody(operations.REVOKE_TOKEN, (_, { token }, incoming) => access.revokeToken(incoming, token)),
    route(operations.GET_CLUSTER, (path) => getCluster(cluster, behaviour, group(path), name(path))),
    route(operations.GET_FLEX_CLUSTER, (path) => getFlexCluster(cluster, behaviour, group(path), name(path))),
    route(operations.GET_STATUS, (path) => getStatus(cluster, users, behaviour, group(path), name(path))),
    routeWithBody(operations.ADD_USER, (_, wanted) => users.add(wanted)),
    route(operations.GET_USER, (path) => users.get(...user(path))),
    routeWithBody(operations.UPDATE_USER, (path, change) => users.update(...user(path), change)),
    route(operations.DELETE_USER, (path) => users.remove(...user(path))),
  ];
}

interface Project {
  readonly projectId: string;
  readonly table: OperationTable;
  readonly access: AtlasAccess;
  readonly behaviour: AtlasBehaviour;
}

async function answer(incoming: Incoming, { projectId, table, access, behaviour }: Project): Promise<Answer> {
  const match = table.match(incoming);
  // A token is asked for with other credentials than everything else, and outside the versioned API.
  if (match.operation === operations.MAKE_TOKEN || match.operation === operations.REVOKE_TOKEN)
    return await match.run();
  access.check(incoming);
  if (!behaviour.isOnAccessList) {
    const address = '127.0.0.1';
    const detail = `IP address ${address} is not allowed to access this resource.`;
    throw new AtlasError(403, 'IP_ADDRESS_NOT_ON_ACCESS_LIST', detail, { parameters: [address] });
  }
  if (!behaviour.isAllowed) {
    throw new AtlasError(403, 'USER_UNAUTHORIZED', 'Current user is not authorized to perform this action.');
  }
  const { groupId = '' } = match.parameters;
  if (groupId !== projectId) {
    throw new AtlasError(404, 'GROUP_NOT_FOUND', `No group with ID ${groupId} exists.`, { parameters: [groupId] });
  }
  const { goneMediaType } = behaviour;
  const named = [...mediaTypesIn(incoming.headers.accept), ...mediaTypesIn(incoming.headers['content-type'])];
  if (goneMediaType !== undefined && named.includes(goneMediaType.toLowerCase())) {
    throw new AtlasError(410, 'VERSION_GONE', `Version ${goneMediaType} is no longer available.`);
  }
  const done = await match.run();
  const [mediaType = 'application/json'] = match.operation.answers;
  return { ...done, headers: { 'content-type': `${mediaType};charset=utf-8`, ...done.headers } };
}
