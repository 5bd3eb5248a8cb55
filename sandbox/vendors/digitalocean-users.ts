import { randomBytes } from 'node:crypto';
import type { DigitaloceanBehaviour } from './digitalocean-behaviour.ts';
import { alone, type Cluster, type ManagedUser } from './digitalocean-cluster.ts';
import { DigitaloceanError, notFound } from './digitalocean-errors.ts';
import type { NewUser, UserSettings } from './digitalocean-operations.ts';
import type { Answer } from './http-api.ts';
import type { MongodbRole } from './mongodb-accounts.ts';

const ROLES = {
  readOnly: ['read', 'readAnyDatabase'],
  readWrite: ['readWrite', 'readWriteAnyDatabase'],
  dbAdmin: ['dbAdmin', 'dbAdminAnyDatabase'],
} as const;

/** Roles that a user of these settings has on a MongoDB server (models/user_settings.yml, `mongo_user_settings`). */
export function rolesOf(settings: UserSettings | undefined, isReadonly = false): MongodbRole[] {
  const mongo = settings?.mongo_user_settings;
  if (mongo === undefined) return [{ role: isReadonly ? 'readAnyDatabase' : 'readWriteAnyDatabase', db: 'admin' }];
  const [own, everywhere] = ROLES[mongo.role];
  return mongo.databases.map((db) => (db === 'admin' ? { role: everywhere, db } : { role: own, db }));
}

/** The users that can be read: those that were made a while ago. */
export function listUsers({ users }: Cluster, behaviour: DigitaloceanBehaviour): Answer {
  const seen = [...users.values()].filter(isSeen);
  return { status: 200, body: { users: seen.map((user) => read(user, behaviour)) } };
}

export function getUser({ users }: Cluster, behaviour: DigitaloceanBehaviour, name: string): Answer {
  const user = users.get(name);
  return user !== undefined && isSeen(user) ? { status: 200, body: { user: read(user, behaviour) } } : notFound();
}

export async function addUser(cluster: Cluster, behaviour: DigitaloceanBehaviour, wanted: NewUser): Promise<Answer> {
  const { name, settings, mysql_settings: mysqlSettings, readonly: isReadonly } = wanted;
  const isForMongodb = settings?.mongo_user_settings !== undefined || isReadonly !== undefined;
  if (cluster.options.engine === 'mysql' ? isForMongodb : mysqlSettings !== undefined) {
    throw new DigitaloceanError(422, `these settings are not supported for ${cluster.options.engine}`);
  }
  return await alone(cluster, behaviour.changeMs, async () => {
    if (cluster.users.has(name)) throw new DigitaloceanError(behaviour.existingStatus, `user ${name} already exists`);
    const password = newPassword();
    const seenFrom = Date.now() + behaviour.notFoundMs;
    await cluster.accounts?.put(name, password, rolesOf(settings, isReadonly), behaviour.propagationMs);
    const user: ManagedUser = { name, role: 'normal', settings, seenFrom };
    cluster.users.set(name, user);
    const body = { ...withPassword(user, password, behaviour), ...(settings === undefined ? {} : { settings }) };
    return { status: 201, body: { user: body } };
  });
}

/** Its text names other engines only, so what it does for MongoDB is `behaviour.updateSettings`. */
export async function updateUser(
  cluster: Cluster,
  { updateSettings, propagationMs }: DigitaloceanBehaviour,
  name: string,
  settings: UserSettings,
): Promise<Answer> {
  const user = normalUser(cluster, name);
  const { engine } = cluster.options;
  if (engine !== 'mongodb' || updateSettings === 'refused') {
    const product = engine === 'mongodb' ? 'MongoDB' : 'MySQL';
    throw new DigitaloceanError(422, `updating the settings of users is not supported for ${product}`);
  }
  if (updateSettings === 'not implemented') throw new DigitaloceanError(501, 'Not Implemented');
  if (updateSettings === 'applied') {
    await cluster.accounts?.update(name, { roles: rolesOf(settings) }, propagationMs);
    user.settings = settings;
  }
  return { status: 201, body: { user: shown(user) } };
}

export async function deleteUser(cluster: Cluster, behaviour: DigitaloceanBehaviour, name: string): Promise<Answer> {
  return await alone(cluster, behaviour.changeMs, async () => {
    normalUser(cluster, name);
    await cluster.accounts?.drop(name, behaviour.propagationMs);
    cluster.users.delete(name);
    return { status: 204 };
  });
}

export async function resetAuth(cluster: Cluster, behaviour: DigitaloceanBehaviour, name: string): Promise<Answer> {
  const user = normalUser(cluster, name);
  const password = newPassword();
  await cluster.accounts?.update(name, { password }, behaviour.propagationMs);
  return { status: 200, body: { user: { ...read(user, behaviour), ...withPassword(user, password, behaviour) } } };
}

/** The admin is left alone: the stand-in itself logs in as it. */
function normalUser({ users }: Cluster, name: string): ManagedUser {
  const user = users.get(name);
  if (user === undefined) return notFound();
  if (user.role === 'primary') throw new DigitaloceanError(422, `user ${name} is the primary user`);
  return user;
}

/** Random, as the vendor's are: one cannot be chosen. */
function newPassword(): string {
  return randomBytes(12).toString('hex');
}

function isSeen({ seenFrom }: ManagedUser): boolean {
  return Date.now() >= seenFrom;
}

/** Passwords are never read back (digitalocean/terraform-provider-digitalocean#814). */
function read(user: ManagedUser, { getLacksSettings }: DigitaloceanBehaviour): object {
  return getLacksSettings ? { name: user.name, role: user.role } : shown(user);
}

function shown({ name, role, settings }: ManagedUser): object {
  return { name, role, ...(settings === undefined ? {} : { settings }) };
}

function withPassword({ name, role }: ManagedUser, password: string, { hidesCredentials }: DigitaloceanBehaviour) {
  return { name, role, ...(hidesCredentials ? {} : { password }) };
}
