import type { MongoClient } from 'mongodb';
import { type Pod, pollInPod } from '../pod.ts';
import type { Resource } from '../report.ts';
import { isAuthenticationFailure, isExisting, isUnauthorized } from './errors.ts';
import type { Login, Server } from './server.ts';
import { connected } from './session.ts';

/** How long a vendor's change may take until the servers know it. */
export interface Patience {
  /** Milliseconds between two logins. */
  readonly intervalMs: number;
  /** Milliseconds after which a denied login counts. */
  readonly limitMs: number;
}

/** Whether the user's password is right. Any error but a failed login is a failure, and no reason to set it anew. */
export async function logsIn(server: Server, user: Login, pod: Pod): Promise<boolean> {
  try {
    return await connected(server, user, pod, async () => true);
  } catch (error) {
    if (isAuthenticationFailure(error)) return false;
    throw error;
  }
}

/**
 * The first of these passwords that logs in; tried in turn again and again, as a change that a vendor's API has taken
 * reaches the servers later. Undefined where none did.
 */
export async function passwordThatLogsIn(
  server: Server,
  user: Omit<Login, 'password'>,
  passwords: readonly string[],
  patience: Patience,
  pod: Pod,
): Promise<string | undefined> {
  const candidates = [...new Set(passwords)];
  if (candidates.length === 0) return undefined;
  const seconds = patience.limitMs / 1000;
  const onWait = () =>
    pod.log(`The login of ${user.user} is denied; it is tried again for ${seconds} s, as changes take time.`);
  const tryAll = async () => {
    for (const password of candidates) if (await logsIn(server, { ...user, password }, pod)) return password;
    return undefined;
  };
  return await pollInPod(pod, tryAll, { ...patience, onWait });
}

/** The empty collection by which a database without any comes to be. */
const COLLECTION = 'launchpad_provision';

/**
 * The user logs in and reads in both databases: what the instance is going to do. A database without collections does not
 * exist yet: it gets an empty one, which readWrite may create
 * (https://www.mongodb.com/docs/manual/reference/built-in-roles/#mongodb-authrole-readWrite).
 *
 * @param created gets the databases that were created
 */
export async function openDatabases(
  server: Server,
  user: Login,
  databases: readonly string[],
  created: Set<string>,
  pod: Pod,
): Promise<void> {
  await connected(server, user, pod, async (client) => {
    for (const name of databases) {
      const database = client.db(name);
      const collections = await database.listCollections({}, { nameOnly: true }).toArray();
      if (collections.length > 0) continue;
      // Before the command: where its answer is lost, the next try finds the collection.
      created.add(name);
      await database.command({ create: COLLECTION }).catch(ignoreExisting);
    }
  });
}

/** Another run has created it meanwhile. */
function ignoreExisting(error: unknown): void {
  if (!isExisting(error)) throw error;
}

/** The databases as the report has them. */
export function databaseResources(databases: readonly string[], created: ReadonlySet<string>): Resource[] {
  return databases.map((name) => ({
    kind: 'MongoDB database',
    name,
    state: created.has(name) ? 'created' : 'unchanged',
  }));
}

/** Whether the user may read and write in these databases, as far as the server tells the user itself. */
export async function mayWrite(server: Server, user: Login, databases: readonly string[], pod: Pod): Promise<boolean> {
  const ask = async (client: MongoClient) => {
    const { authInfo } = await client.db('admin').command({ connectionStatus: 1 });
    const roles: readonly { readonly role?: unknown; readonly db?: unknown }[] = authInfo?.authenticatedUserRoles ?? [];
    if (roles.length > 0) {
      return databases.every((database) => roles.some(({ role, db }) => isWriting(role, db, database)));
    }
    for (const database of databases) await client.db(database).listCollections({}, { nameOnly: true }).toArray();
    return true;
  };
  try {
    return await connected(server, user, pod, ask);
  } catch (error) {
    if (isUnauthorized(error)) return false;
    throw error;
  }
}

/** Built-in roles that give what readWrite does (https://www.mongodb.com/docs/manual/reference/built-in-roles/). */
function isWriting(role: unknown, db: unknown, database: string): boolean {
  if (db === database) return role === 'readWrite' || role === 'dbOwner';
  return db === 'admin' && (role === 'readWriteAnyDatabase' || role === 'root' || role === 'atlasAdmin');
}
