import type { Db, Document, MongoClient } from 'mongodb';
import { SHORTEST_PASSWORD, shortPassword } from '../guards.ts';
import type { Pod } from '../pod.ts';
import type { Resource } from '../report.ts';
import { isAlreadyThere } from './errors.ts';
import { databaseResources, logsIn, openDatabases } from './login.ts';
import type { PasswordSecret } from './password-secret.ts';
import { type Credentials, hostOf, type Login, type Server } from './server.ts';
import { connectAdmin, step } from './session.ts';

/** What the server shall have: a user with readWrite on two databases. */
export interface MongodbTask {
  readonly server: Server;
  readonly admin: Credentials;
  /** The main and the forum database. */
  readonly databases: readonly [string, string];
  readonly user: Login;
  /** Where the password is left for the action. */
  readonly secret: PasswordSecret;
}

type State = Resource['state'];

/**
 * Brings the server to the state that the task describes, changes nothing that is right already, and leaves the
 * password in the Secret once a login with it succeeded.
 *
 * @throws ProvisionerError
 */
export async function provisionMongodb(task: MongodbTask, pod: Pod): Promise<Resource[]> {
  const { server, user, databases, secret } = task;
  const admin = await connectAdmin(server, task.admin, pod);
  try {
    const userState = await ensureUser(admin, task, pod);
    const roleState = await step(pod, server, `granting to ${user.user}`, () => ensureRoles(admin, task));
    const created = new Set<string>();
    await step(pod, server, `opening ${databases.join(' and ')} as ${user.user}`, () =>
      openDatabases(server, user, databases, created, pod),
    );
    await secret.verify(user.password);
    pod.log(`User ${user.user} has readWrite on ${databases.join(' and ')}.`);
    const state = userState === 'unchanged' ? roleState : userState;
    return [...databaseResources(databases, created), { kind: 'MongoDB user', name: user.user, state }];
  } finally {
    await admin.close().catch(() => undefined);
  }
}

async function ensureUser(admin: MongoClient, task: MongodbTask, pod: Pod): Promise<State> {
  const { server, user, secret } = task;
  const { user: name, password: pwd } = user;
  const users = admin.db(user.authSource);
  const exists = (await step(pod, server, `looking for user ${name}`, () => findUser(users, name))) !== undefined;
  if (exists && (await step(pod, server, `the login of ${name}`, () => logsIn(server, user, pod)))) return 'unchanged';
  if (pwd.length < SHORTEST_PASSWORD) throw shortPassword('MongoDB', { user: name, exists, host: hostOf(server) });
  await secret.probe();
  if (!exists) {
    await step(pod, server, `creating user ${name}`, () => createUser(users, name, pwd));
    return 'created';
  }
  pod.log(`The password of ${name} does not log in: it is set to the one of config.yml.`);
  await step(pod, server, `setting the password of user ${name}`, () => users.command({ updateUser: name, pwd }));
  return 'updated';
}

/** A user that was not there a moment ago was made by a call whose answer was lost; the login proves it later. */
async function createUser(users: Db, name: string, pwd: string): Promise<void> {
  try {
    await users.command({ createUser: name, pwd, roles: [] });
  } catch (error) {
    if (!isAlreadyThere(error)) throw error;
  }
}

/** Grants what is missing: `updateUser` would replace the roles, and take away what somebody else gave. */
async function ensureRoles(admin: MongoClient, { user, databases }: MongodbTask): Promise<State> {
  const users = admin.db(user.authSource);
  const roles = (await findUser(users, user.user))?.roles ?? [];
  const has = (database: string) => roles.some(({ role, db }) => role === 'readWrite' && db === database);
  const missing = databases.filter((database) => !has(database));
  if (missing.length === 0) return 'unchanged';
  const granted = missing.map((db) => ({ role: 'readWrite', db }));
  await users.command({ grantRolesToUser: user.user, roles: granted });
  return 'updated';
}

interface UserInfo {
  readonly roles: readonly { readonly role: string; readonly db: string }[];
}

/** A user of this database. */
export async function findUser(users: Db, name: string): Promise<UserInfo | undefined> {
  const answer: Document & { users?: UserInfo[] } = await users.command({
    usersInfo: { user: name, db: users.databaseName },
  });
  return answer.users?.[0];
}
