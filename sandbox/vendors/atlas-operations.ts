import { bodyOf, type Operation, type OperationWithBody, objectOf } from './schema.ts';

/*
 * From mongodb/mongodb-atlas-cli, tools/internal/specs/spec.yaml, commit 8ddea41a82 of 2026-08-21: schemas
 * CloudDatabaseUser, DatabaseUserRole, UserScope, ComponentLabel. Of a user, only what logs in by password (SCRAM) is
 * taken; roles on one collection and roles of one's own are not.
 */

export interface AtlasRole {
  readonly databaseName: string;
  readonly roleName: string;
}

export interface AtlasScope {
  readonly name: string;
  readonly type: 'CLUSTER' | 'DATA_LAKE' | 'STREAM';
}

/** Fields that name the user; a change has them at most to repeat them. */
export interface UserNames {
  readonly databaseName?: 'admin';
  readonly groupId?: string;
  readonly username?: string;
}

/** Fields that a change can have. */
export interface UserChange extends UserNames {
  readonly password?: string;
  readonly roles?: readonly AtlasRole[];
  readonly scopes?: readonly AtlasScope[];
}

export interface NewAtlasUser extends UserChange {
  readonly databaseName: 'admin';
  readonly groupId: string;
  readonly username: string;
  readonly password: string;
  readonly roles: readonly AtlasRole[];
}

const V2023_01_01 = 'application/vnd.atlas.2023-01-01+json';
const GROUP = '/api/atlas/v2/groups/{groupId}';
const USERS = `${GROUP}/databaseUsers`;
const USER = `${USERS}/{databaseName}/{username}`;

const TEXT = { type: 'string' };
const NONE = { type: 'string', enum: ['NONE'] };
const LABEL = objectOf({
  key: { type: 'string', minLength: 1, maxLength: 255 },
  value: { type: 'string', minLength: 1, maxLength: 255 },
});
/** Those for any database, and atlasAdmin, are of the database `admin` only. */
const ROLE = {
  anyOf: [
    roleOf(['dbAdmin', 'read', 'readWrite'], TEXT),
    roleOf(
      ['atlasAdmin', 'backup', 'clusterMonitor', 'dbAdminAnyDatabase', 'readAnyDatabase', 'readWriteAnyDatabase'],
      { type: 'string', enum: ['admin'] },
    ),
  ],
};
const SCOPE = objectOf(
  {
    name: { type: 'string', pattern: '^[a-zA-Z0-9][a-zA-Z0-9-]*$' },
    type: { type: 'string', enum: ['CLUSTER', 'DATA_LAKE', 'STREAM'] },
  },
  ['name', 'type'],
);
const FIELDS = {
  awsIAMType: NONE,
  databaseName: { type: 'string', enum: ['admin'] },
  deleteAfterDate: TEXT,
  description: { type: 'string', maxLength: 100 },
  groupId: TEXT,
  labels: { type: 'array', items: LABEL },
  ldapAuthType: NONE,
  oidcAuthType: NONE,
  password: { type: 'string', minLength: 8 },
  roles: { type: 'array', items: ROLE, minItems: 1 },
  scopes: { type: 'array', items: SCOPE },
  username: { type: 'string', minLength: 1, maxLength: 1024 },
  x509Type: NONE,
};

function roleOf(names: readonly string[], database: object): object {
  return objectOf({ databaseName: database, roleName: { type: 'string', enum: names } }, ['databaseName', 'roleName']);
}

function operation(name: string, method: string, path: string, mediaType = V2023_01_01): Operation {
  return { name, method, path, answers: [mediaType], isAcceptExact: true };
}

/** `tokenUrl` of the document's security scheme for service accounts. */
export const MAKE_TOKEN: OperationWithBody<{ readonly grant_type: 'client_credentials' }> = {
  name: 'createToken',
  method: 'POST',
  path: '/api/oauth/token',
  answers: ['application/json'],
  body: bodyOf(objectOf({ grant_type: { type: 'string', enum: ['client_credentials'] } }, ['grant_type']), [
    'application/x-www-form-urlencoded',
  ]),
};

/** RFC 7009 (https://www.mongodb.com/docs/atlas/api/service-accounts/revoke-oauth2-token). */
export const REVOKE_TOKEN: OperationWithBody<{ readonly token: string }> = {
  name: 'revokeToken',
  method: 'POST',
  path: '/api/oauth/revoke',
  answers: ['application/json'],
  body: bodyOf(objectOf({ token: TEXT, token_type_hint: { type: 'string', enum: ['access_token'] } }, ['token']), [
    'application/x-www-form-urlencoded',
  ]),
};

export const GET_CLUSTER = operation(
  'getGroupCluster',
  'GET',
  `${GROUP}/clusters/{clusterName}`,
  'application/vnd.atlas.2024-08-05+json',
);
export const GET_STATUS = operation('getGroupClusterStatus', 'GET', `${GROUP}/clusters/{clusterName}/status`);
export const GET_FLEX_CLUSTER = operation(
  'getGroupFlexCluster',
  'GET',
  `${GROUP}/flexClusters/{clusterName}`,
  'application/vnd.atlas.2024-11-13+json',
);
export const GET_USER = operation('getGroupDatabaseUser', 'GET', USER);
export const DELETE_USER = operation('deleteGroupDatabaseUser', 'DELETE', USER);

/** The document requires no password, but its text says that a user who logs in by SCRAM must have one. */
export const ADD_USER: OperationWithBody<NewAtlasUser> = {
  ...operation('createGroupDatabaseUser', 'POST', USERS),
  body: bodyOf(objectOf(FIELDS, ['databaseName', 'groupId', 'username', 'password', 'roles']), [V2023_01_01]),
};

/** The document has the schema of POST with its required fields; what is not given stays as it is. */
export const UPDATE_USER: OperationWithBody<UserChange> = {
  ...operation('updateGroupDatabaseUser', 'PATCH', USER),
  body: bodyOf(objectOf(FIELDS), [V2023_01_01]),
};
