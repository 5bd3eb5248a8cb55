import { bodyOf, type Operation, type OperationWithBody, objectOf } from './schema.ts';

/*
 * From digitalocean/openapi, specification/resources/databases/, commit 7c1300c4 of 2026-08-07: databases_*.yml and
 * models/{database,database_user,user_settings,mysql_settings}.yml. Fields for other engines (access lists of Kafka and
 * OpenSearch, replication of PostgreSQL) and those that are read-only are left out, so that sending them is refused.
 */

/** `settings.mongo_user_settings` of a user. */
interface MongoUserSettings {
  readonly databases: readonly string[];
  readonly role: 'readOnly' | 'readWrite' | 'dbAdmin';
}

export interface UserSettings {
  readonly mongo_user_settings?: MongoUserSettings;
}

export interface MysqlSettings {
  readonly auth_plugin: 'mysql_native_password' | 'caching_sha2_password';
}

export interface NewUser {
  readonly name: string;
  readonly settings?: UserSettings;
  readonly mysql_settings?: MysqlSettings;
  readonly readonly?: boolean;
}

const NAME = { type: 'string', minLength: 1 };
const JSON_ONLY = ['application/json'];
const SETTINGS = objectOf({
  // The document requires neither field; what one of them alone would mean is unknown, so both are required here.
  mongo_user_settings: objectOf(
    {
      databases: { type: 'array', items: NAME, minItems: 1 },
      role: { type: 'string', enum: ['readOnly', 'readWrite', 'dbAdmin'] },
    },
    ['databases', 'role'],
  ),
});
const MYSQL_SETTINGS = objectOf(
  { auth_plugin: { type: 'string', enum: ['mysql_native_password', 'caching_sha2_password'] } },
  ['auth_plugin'],
);

const CLUSTER = '/v2/databases/{id}';

function operation(name: string, method: string, path: string): Operation {
  return { name, method, path, answers: JSON_ONLY };
}

export const GET_CLUSTER = operation('databases_get_cluster', 'GET', CLUSTER);
export const GET_CA = operation('databases_get_ca', 'GET', `${CLUSTER}/ca`);
export const LIST_DATABASES = operation('databases_list', 'GET', `${CLUSTER}/dbs`);
export const GET_DATABASE = operation('databases_get', 'GET', `${CLUSTER}/dbs/{name}`);
export const DELETE_DATABASE = operation('databases_delete', 'DELETE', `${CLUSTER}/dbs/{name}`);
export const LIST_USERS = operation('databases_list_users', 'GET', `${CLUSTER}/users`);
export const GET_USER = operation('databases_get_user', 'GET', `${CLUSTER}/users/{name}`);
export const DELETE_USER = operation('databases_delete_user', 'DELETE', `${CLUSTER}/users/{name}`);

export const ADD_DATABASE: OperationWithBody<{ readonly name: string }> = {
  ...operation('databases_add', 'POST', `${CLUSTER}/dbs`),
  body: bodyOf(objectOf({ name: NAME }, ['name']), JSON_ONLY),
};

export const ADD_USER: OperationWithBody<NewUser> = {
  ...operation('databases_add_user', 'POST', `${CLUSTER}/users`),
  body: bodyOf(
    objectOf({ name: NAME, settings: SETTINGS, mysql_settings: MYSQL_SETTINGS, readonly: { type: 'boolean' } }, [
      'name',
    ]),
    JSON_ONLY,
  ),
};

export const UPDATE_USER: OperationWithBody<{ readonly settings: UserSettings }> = {
  ...operation('databases_update_user', 'PUT', `${CLUSTER}/users/{name}`),
  body: bodyOf(objectOf({ settings: SETTINGS }, ['settings']), JSON_ONLY),
};

export const RESET_AUTH: OperationWithBody<{ readonly mysql_settings?: MysqlSettings }> = {
  ...operation('databases_reset_auth', 'POST', `${CLUSTER}/users/{name}/reset_auth`),
  body: bodyOf(objectOf({ mysql_settings: MYSQL_SETTINGS }), JSON_ONLY),
};
