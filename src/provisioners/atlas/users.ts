import { listIn, textIn } from '../../core/fields.ts';
import { type ApiAnswer, fieldsIn, need } from '../http/send.ts';
import { errorCodeOf } from './errors.ts';

/** Users that log in by password (SCRAM) are in this database. */
export const USER_DATABASE = 'admin';

export interface Role {
  readonly databaseName: string;
  readonly roleName: string;
  /** Of a role on one collection. */
  readonly collectionName?: string;
}

/** What a user is limited to; without any, all clusters of the project. */
export interface Scope {
  readonly name: string;
  readonly type: string;
}

export interface AtlasUser {
  readonly roles: readonly Role[];
  readonly scopes: readonly Scope[];
  /** Whether it logs in by a password, and not by a certificate or an identity of another system. */
  readonly hasPassword: boolean;
  /** When Atlas deletes it by itself. */
  readonly deletedAt: string | undefined;
}

export function userPath(username: string): string {
  return `/databaseUsers/${USER_DATABASE}/${encodeURIComponent(username)}`;
}

/** GET and DELETE have codes of their own for it. */
export function isUserAbsent(error: unknown): boolean {
  return ['USERNAME_NOT_FOUND', 'USER_NOT_FOUND'].includes(errorCodeOf(error));
}

/** The user in an answer. @throws InvalidAnswer without its name, which the document requires */
export function userOf(answer: ApiAnswer): AtlasUser {
  const user = fieldsIn(answer);
  need(answer, 'username', textIn(user, 'username'));
  const otherWays = ['awsIAMType', 'ldapAuthType', 'oidcAuthType', 'x509Type'];
  return {
    roles: listIn(user, 'roles').map((role) => {
      const collectionName = textIn(role, 'collectionName');
      const named = { databaseName: textIn(role, 'databaseName') ?? '', roleName: textIn(role, 'roleName') ?? '' };
      return collectionName === undefined ? named : { ...named, collectionName };
    }),
    scopes: listIn(user, 'scopes').map((scope) => ({
      name: textIn(scope, 'name') ?? '',
      type: textIn(scope, 'type') ?? '',
    })),
    hasPassword: otherWays.every((way) => (textIn(user, way) ?? 'NONE') === 'NONE'),
    deletedAt: textIn(user, 'deleteAfterDate'),
  };
}
