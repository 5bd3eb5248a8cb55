import type { Db } from 'mongodb';
import type { Pod } from '../pod.ts';
import { connect, isNotFound, type Login, type Server } from './session.ts';

/**
 * Drops all collections of the databases as a user with readWrite: that role includes dropCollection on all but system
 * collections and on system.js, and not dropDatabase
 * (https://www.mongodb.com/docs/manual/reference/built-in-roles/#mongodb-authrole-readWrite). A database is gone with its
 * last collection.
 *
 * @returns the databases that had something
 */
export async function dropCollections(
  server: Server,
  user: Login,
  databases: readonly string[],
  pod: Pod,
): Promise<ReadonlySet<string>> {
  const client = await connect(server, user, pod);
  try {
    const emptied = new Set<string>();
    for (const name of databases) {
      const database = client.db(name);
      const collections = (await namesIn(database)).filter(isDroppable);
      for (const collection of collections) await drop(database, collection);
      if (collections.length > 0) emptied.add(name);
      const left = await namesIn(database);
      if (left.length > 0) pod.log(`Database ${name} still has ${left.join(', ')}, which its user may not drop.`);
    }
    return emptied;
  } finally {
    await client.close().catch(() => undefined);
  }
}

async function namesIn(database: Db): Promise<string[]> {
  return (await database.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
}

function isDroppable(collection: string): boolean {
  return !collection.startsWith('system.') || collection === 'system.js';
}

/** What goes with another collection, as the buckets of time series do, is gone when its turn comes. */
async function drop(database: Db, collection: string): Promise<void> {
  try {
    await database.command({ drop: collection });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
