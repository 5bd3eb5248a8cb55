import type { Db, Document, MongoClient } from 'mongodb';
import { ProvisionerError, type Say } from '../report.ts';
import { connect, hostOf, isAuthenticationFailure, type Login, mongodbError, type Server } from './session.ts';

/**
 * Logs in as the admin.
 *
 * @throws ProvisionerError
 */
export async function connectAdmin(server: Server, admin: Login, say: Say): Promise<MongoClient> {
  try {
    return await connect(server, admin, say);
  } catch (error) {
    if (!isAuthenticationFailure(error)) throw mongodbError(error, server, 'the login of the admin');
    const host = hostOf(server);
    throw new ProvisionerError(
      'mongodb-access-denied',
      `MongoDB at ${host} denies the admin user ${admin.user} the login.`,
      {
        host,
        hint: 'Check inputs mongodb-admin-user, mongodb-admin-password and mongodb-auth-source.',
        cause: error,
      },
    );
  }
}

export interface UserInfo {
  readonly roles: readonly { readonly role: string; readonly db: string }[];
}

/** A user that is made in this database. */
export async function findUser(users: Db, name: string): Promise<UserInfo | undefined> {
  const answer: Document & { users?: UserInfo[] } = await users.command({
    usersInfo: { user: name, db: users.databaseName },
  });
  return answer.users?.[0];
}
