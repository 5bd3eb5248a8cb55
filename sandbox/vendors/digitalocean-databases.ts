import type { DigitaloceanBehaviour } from './digitalocean-behaviour.ts';
import { alone, type Cluster } from './digitalocean-cluster.ts';
import { DigitaloceanError, notFound } from './digitalocean-errors.ts';
import type { Answer } from './http-api.ts';

/** Databases of a cluster, by name: making one makes nothing on the server yet. */
export function listDatabases({ dbs }: Cluster): Answer {
  return { status: 200, body: { dbs: [...dbs].map((name) => ({ name })) } };
}

export function getDatabase({ dbs }: Cluster, name: string): Answer {
  return dbs.has(name) ? { status: 200, body: { db: { name } } } : notFound();
}

export async function addDatabase(cluster: Cluster, behaviour: DigitaloceanBehaviour, name: string): Promise<Answer> {
  return await alone(cluster, behaviour.changeMs, async () => {
    if (cluster.dbs.has(name)) throw new DigitaloceanError(behaviour.existingStatus, `database ${name} already exists`);
    cluster.dbs.add(name);
    return { status: 201, body: { db: { name } } };
  });
}

export async function deleteDatabase(cluster: Cluster, { changeMs }: DigitaloceanBehaviour, name: string) {
  return await alone(cluster, changeMs, async (): Promise<Answer> => {
    if (!cluster.dbs.delete(name)) return notFound();
    await cluster.accounts?.dropDatabase(name);
    return { status: 204 };
  });
}
