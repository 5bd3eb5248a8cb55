import type { Db } from 'mongodb';
import type { Pod } from '../pod.ts';
import { isNotFound } from './errors.ts';
import type { Login, Server } from './server.ts';
import { connect } from './session.ts';

/**
 * Drops all collections of the databases as a user with readWrite: that role includes dropCollection on all but system
 * collections and on system.js, and not dropDatabase
 * (https://www.mongodb.com/docs/manual/reference/built-in-roles/#mongodb-authrole-readWrite). A database is gone with its
 * last collection.
 *
 * @param emptied gets the databases that had something
 */
export async function dropCollections(
  server: Server,
  user: Login,
  databases: readonly string[],
  emptied: Set<string>,
  pod: Pod,
): Promise<void> {
  const client = await connect(server, user, pod);
  try {
    for (const name of databases) {
      const database = client.db(name);
      const collections = (await namesIn(database)).filter(isDroppable);
      if (collections.length > 0) emptied.add(name);
      for (const collection of collections) await drop(database, collection);
      const left = await namesIn(database);
      if (left.length > 0) pod.log(`Database ${name} still has ${left.join(', ')}, which its user may not drop.`);
    }
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
