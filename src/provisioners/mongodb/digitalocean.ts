import { hintOf } from '../causes.ts';
import type { DigitaloceanCluster } from '../digitalocean/api.ts';
import { extended, type ManagedUser, suffices } from '../digitalocean/managed-cluster.ts';
import { refuseSystemNames } from '../guards.ts';
import { type Pod, pollInPod } from '../pod.ts';
import { ProvisionerError } from '../provisioner-error.ts';
import type { Resource } from '../report.ts';
import { mayWrite, openDatabases, type Patience, passwordThatLogsIn } from './login.ts';
import type { PasswordSecret } from './password-secret.ts';
import { hostOf, type Login, type Server } from './server.ts';
import { step } from './session.ts';

/** What the managed cluster shall have: two databases, and a user with readWrite on both. */
export interface ManagedMongodbTask {
  readonly cluster: DigitaloceanCluster;
  readonly server: Server;
  readonly databases: readonly [string, string];
  /** The user as it logs in; the API chooses the password. */
  readonly user: Omit<Login, 'password'>;
  /** The password of config.yml, if it has one. */
  readonly configPassword: string | undefined;
  readonly secret: PasswordSecret;
  readonly patience: Patience;
}

type State = Resource['state'];

/**
 * Brings the managed cluster to the state that the task describes by the vendor's API, one call after another, and
 * leaves the password in the Secret once a login with it succeeded. A user whose password works is never deleted.
 *
 * @throws ProvisionerError
 */
export async function provisionManagedMongodb(task: ManagedMongodbTask, pod: Pod): Promise<Resource[]> {
  const { cluster, server, user, databases, secret } = task;
  const existing = await cluster.findUser(user.user);
  // A new password for it would lock out whoever administers the cluster.
  const admin = existing?.isPrimary === true ? user.user : undefined;
  refuseSystemNames({ service: 'MongoDB', host: cluster.host, databases, user: user.user, admin });
  const resources = await ensureDatabases(task);
  const { state, password } = await ensureUser(task, existing, pod);
  const login = { ...user, password };
  const settingsState = await ensureSettings(task, login, pod);
  await step(pod, server, `opening ${databases.join(' and ')} as ${user.user}`, () =>
    openDatabases(server, login, databases, new Set(), pod),
  );
  await secret.verify(password);
  const userState = state === 'unchanged' ? settingsState : state;
  return [...resources, { kind: 'MongoDB user', name: user.user, state: userState }];
}

async function ensureDatabases({ cluster, databases }: ManagedMongodbTask): Promise<Resource[]> {
  const present = new Set(await cluster.databases());
  const resources: Resource[] = [];
  for (const name of databases) {
    const isNew = !present.has(name);
    if (isNew) await cluster.createDatabase(name);
    resources.push({ kind: 'MongoDB database', name, state: isNew ? 'created' : 'unchanged' });
  }
  return resources;
}

interface Access {
  readonly state: State;
  readonly password: string;
}

/** The user, and a password that logs in. */
async function ensureUser(task: ManagedMongodbTask, existing: ManagedUser | undefined, pod: Pod): Promise<Access> {
  const { cluster, user, databases, secret } = task;
  await secret.probe();
  if (existing === undefined) {
    const settings = extended(undefined, databases);
    const made = await cluster.createUser(user.user, settings, keeping(secret, pod));
    if (made !== undefined) {
      const password = shownPassword(task, made);
      await untilSeen(task, pod);
      return { state: 'created', password: await proven(task, password, pod) };
    }
    await untilSeen(task, pod);
  }
  const candidates = [await secret.read(), task.configPassword].filter((password) => password !== undefined);
  const working = await step(pod, task.server, `the login of ${user.user}`, () =>
    passwordThatLogsIn(task.server, user, candidates, task.patience, pod),
  );
  if (working !== undefined) return { state: 'unchanged', password: working };
  pod.log(
    candidates.length === 0
      ? `User ${user.user} exists and its password is not known: requesting a new one.`
      : `No known password of ${user.user} logs in: a new one is asked for.`,
  );
  const reset = await cluster.resetPassword(user.user, keeping(secret, pod));
  return { state: 'updated', password: await proven(task, shownPassword(task, reset), pod) };
}

/** A call that shows a password once is not cut off from writing it down. */
function keeping(secret: PasswordSecret, pod: Pod): (work: () => Promise<ManagedUser>) => Promise<ManagedUser> {
  return async (work) =>
    await pod.undivided(async () => {
      const user = await work();
      if (user.password !== undefined) await secret.keep(user.password);
      return user;
    });
}

/** @throws ProvisionerError `digitalocean-credentials-hidden` */
function shownPassword({ cluster }: ManagedMongodbTask, { name, password }: ManagedUser): string {
  if (password !== undefined) return password;
  throw new ProvisionerError(
    'digitalocean-credentials-hidden',
    `DigitalOcean's API at ${cluster.host} generated a password for user ${name}, but does not show it.`,
    {
      host: cluster.host,
      hint: 'Give the token of input digitalocean-token the scope database:view_credentials, then run again: a new password is requested.',
    },
  );
}

/** A user that was just made may be unknown to the API for a while. */
async function untilSeen({ cluster, user, patience }: ManagedMongodbTask, pod: Pod): Promise<void> {
  const seen = await pollInPod(pod, () => cluster.findUser(user.user), {
    intervalMs: Math.min(1000, patience.intervalMs),
    limitMs: patience.limitMs,
    onWait: () => pod.log(`User ${user.user} was created: waiting until the API lists it.`),
  });
  if (seen !== undefined) return;
  throw new ProvisionerError(
    'digitalocean-user-unseen',
    `DigitalOcean's API at ${cluster.host} made user ${user.user}, but does not know it after ${patience.limitMs / 1000} s.`,
    { host: cluster.host, hint: hintOf('digitalocean-user-unseen') },
  );
}

/** The password once it logs in. @throws ProvisionerError `mongodb-password-refused` where it never does */
async function proven(task: ManagedMongodbTask, password: string, pod: Pod): Promise<string> {
  const { server, user, patience } = task;
  const working = await step(pod, server, `the login of ${user.user}`, () =>
    passwordThatLogsIn(server, user, [password], patience, pod),
  );
  if (working !== undefined) return working;
  throw new ProvisionerError(
    'mongodb-password-refused',
    `MongoDB at ${hostOf(server)} denies user ${user.user} the login with the password that DigitalOcean's API made ${patience.limitMs / 1000} s ago.`,
    { host: hostOf(server), hint: 'Run again: the new password is kept in the cluster, and tried first.' },
  );
}

/** The user's role on both databases. Where the API does not tell, the server does. */
async function ensureSettings(task: ManagedMongodbTask, login: Login, pod: Pod): Promise<State> {
  const { cluster, server, user, databases } = task;
  if (await isSufficient(task, login, pod)) return 'unchanged';
  const settings = (await cluster.findUser(user.user))?.settings;
  // A change to readWrite would take dbAdmin away.
  const isChanged =
    settings?.role !== 'dbAdmin' && (await cluster.updateUser(user.user, extended(settings, databases)));
  if (isChanged && (await becomesSufficient(task, login, pod))) return 'updated';
  throw new ProvisionerError(
    'digitalocean-user-settings',
    `User ${user.user} of DigitalOcean's cluster ${cluster.id} does not have readWrite on ${databases.join(' and ')}, and the API does not change that.`,
    {
      host: hostOf(server),
      hint: hintOf('digitalocean-user-settings', { cluster: cluster.id, user: user.user }),
    },
  );
}

/** A change that the API has taken may reach the servers later. */
async function becomesSufficient(task: ManagedMongodbTask, login: Login, pod: Pod): Promise<boolean> {
  const ask = async () => (await isSufficient(task, login, pod)) || undefined;
  return (await pollInPod(pod, ask, task.patience)) ?? false;
}

async function isSufficient(task: ManagedMongodbTask, login: Login, pod: Pod): Promise<boolean> {
  const { cluster, server, user, databases } = task;
  const settings = (await cluster.findUser(user.user))?.settings;
  if (settings !== undefined) return suffices(settings, databases);
  return await step(pod, server, `looking at the roles of ${user.user}`, () => mayWrite(server, login, databases, pod));
}
