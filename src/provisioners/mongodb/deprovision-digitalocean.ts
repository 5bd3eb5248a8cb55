import type { DigitaloceanCluster } from '../digitalocean/api.ts';
import { refuseSystemNames } from '../guards.ts';
import type { Resource } from '../report.ts';

/** What the managed cluster shall have no more: two databases, and a user. */
export interface ManagedMongodbDeprovision {
  /** One that is known to be there, so that a 404 is about what is in it. */
  readonly cluster: DigitaloceanCluster;
  readonly databases: readonly [string, string];
  readonly user: string;
}

/**
 * Deletes the databases and the user by the vendor's API, one call after another; what is gone already is left so. What
 * is there is read first: an answer that was lost makes the second try find nothing.
 *
 * @throws ProvisionerError
 */
export async function deprovisionManagedMongodb(target: ManagedMongodbDeprovision): Promise<Resource[]> {
  const { cluster, databases, user } = target;
  const existing = await cluster.findUser(user);
  const admin = existing?.isPrimary === true ? user : undefined;
  refuseSystemNames({ service: 'MongoDB', host: cluster.host, databases, user, admin });
  const present = new Set(await cluster.databases());
  const resources: Resource[] = [];
  for (const name of databases) {
    const isDeleted = (await cluster.deleteDatabase(name)) || present.has(name);
    resources.push({ kind: 'MongoDB database', name, state: isDeleted ? 'deleted' : 'absent' });
  }
  const isDeleted = (await cluster.deleteUser(user)) || existing !== undefined;
  return [...resources, { kind: 'MongoDB user', name: user, state: isDeleted ? 'deleted' : 'absent' }];
}
