import type { Pod } from '../pod.ts';
import { ProvisionerError } from '../provisioner-error.ts';
import type { Resource } from '../report.ts';
import { type AtlasUserTask, ensureAtlasUser } from './atlas-user.ts';
import { dropCollections } from './collections.ts';
import { isUnauthorized } from './errors.ts';
import { hostOf } from './server.ts';
import { step } from './session.ts';

/** What the project shall have no more: the user, and what is in its two databases. */
export type AtlasDeprovision = Omit<AtlasUserTask, 'prepare'>;

/**
 * Empties the databases, then deletes the user. Atlas's API drops no database, and the project's API key is no user of
 * the server: so it is done as the instance's own user, brought to where provisioning would have it (its password set
 * where it does not log in). A user that is gone is made again for that long: its databases may still hold data, and
 * nobody else could look.
 *
 * @throws ProvisionerError
 */
export async function deprovisionAtlas(target: AtlasDeprovision, pod: Pod): Promise<Resource[]> {
  const { cluster, server, user, databases } = target;
  const isThere = (await cluster.findUser(user.user)) !== undefined;
  if (!isThere)
    pod.log(`User ${user.user} does not exist: creating it to check its databases, and deleting it afterwards.`);
  await ensureAtlasUser({ ...target, prepare: async () => undefined }, pod);
  const emptied = new Set<string>();
  await step(pod, server, 'dropping collections', () => emptyDatabases(target, emptied, pod));
  await cluster.deleteUser(user.user);
  return [
    ...databases.map((name): Resource => {
      return { kind: 'MongoDB database', name, state: emptied.has(name) ? 'deleted' : 'absent' };
    }),
    { kind: 'MongoDB user', name: user.user, state: isThere ? 'deleted' : 'absent' },
  ];
}

async function emptyDatabases(
  { server, user, databases }: AtlasDeprovision,
  emptied: Set<string>,
  pod: Pod,
): Promise<void> {
  try {
    await dropCollections(server, user, databases, emptied, pod);
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    const host = hostOf(server);
    throw new ProvisionerError(
      'mongodb-privileges',
      `MongoDB at ${host}: user ${user.user} may not drop the collections of ${databases.join(' and ')}.`,
      { host, hint: 'Run again in a minute: the change of its roles may still be on its way.', cause: error },
    );
  }
}
