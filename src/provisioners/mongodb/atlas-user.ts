import { poll } from '../../core/retry.ts';
import type { AtlasCluster } from '../atlas/api.ts';
import type { AtlasUser, Role, Scope } from '../atlas/users.ts';
import { hintOf } from '../causes.ts';
import { SHORTEST_PASSWORD, shortPassword } from '../guards.ts';
import type { Pod } from '../pod.ts';
import { ProvisionerError } from '../provisioner-error.ts';
import type { Resource } from '../report.ts';
import { databaseResources, openDatabases, type Patience, passwordThatLogsIn } from './login.ts';
import type { PasswordSecret } from './password-secret.ts';
import { hostOf, type Login, type Server } from './server.ts';
import { step } from './session.ts';

/** The user that the project shall have: with readWrite on two databases, and on this cluster only. */
export interface AtlasUserTask {
  readonly cluster: AtlasCluster;
  readonly server: Server;
  readonly databases: readonly [string, string];
  readonly user: Login;
  readonly patience: Patience;
  /** What must have succeeded before the user is made or changed. */
  readonly prepare: () => Promise<void>;
}

type State = Resource['state'];

/**
 * Makes the user, or adds to the one that is there what it lacks: roles, the cluster, and the password where it does not
 * log in. Returns once a login with the password has succeeded.
 *
 * @throws ProvisionerError
 */
export async function ensureAtlasUser(task: AtlasUserTask, pod: Pod): Promise<State> {
  const existing = await task.cluster.findUser(task.user.user);
  return existing === undefined ? await createUser(task, pod) : await convergeUser(task, existing, pod);
}

async function createUser(task: AtlasUserTask, pod: Pod): Promise<State> {
  const { cluster, user, databases, prepare } = task;
  requireLength(task, false);
  await prepare();
  const existing = await cluster.createUser(user.user, user.password, rolesOn(databases));
  // It was made since, or by a call whose answer was lost.
  if (existing !== undefined) return await convergeUser(task, existing, pod);
  await untilApplied(task, pod);
  await proven(task, pod);
  return 'created';
}

/** What is missing of roles and scopes is added; the password is set only where it does not log in. */
async function convergeUser(task: AtlasUserTask, existing: AtlasUser, pod: Pod): Promise<State> {
  const { cluster, server, user, databases, patience, prepare } = task;
  if (!existing.hasPassword) {
    throw new ProvisionerError(
      'atlas-user-kind',
      `User ${user.user} of the Atlas project logs in by a certificate or an external identity, not by a password.`,
      { host: cluster.host, hint: hintOf('atlas-user-kind') },
    );
  }
  if (existing.deletedAt !== undefined) {
    pod.warn(
      `Atlas will delete user ${user.user} by itself at ${existing.deletedAt} (deleteAfterDate), and the instance cannot log in after that. Make the user permanent in Atlas (Database Access).`,
    );
  }
  await untilApplied(task, pod);
  const works = await step(pod, server, `the login of ${user.user}`, () =>
    passwordThatLogsIn(server, user, [user.password], { ...patience, limitMs: 0 }, pod),
  );
  const roles = missingRoles(existing.roles, databases);
  const scopes = missingScopes(existing.scopes, cluster.name);
  if (works !== undefined && roles.length === 0 && scopes.length === 0) return 'unchanged';
  if (works === undefined) {
    requireLength(task, true);
    pod.log(`The password of ${user.user} does not log in: setting it again.`);
  }
  await prepare();
  await cluster.updateUser(user.user, {
    roles: [...existing.roles, ...roles],
    ...(scopes.length === 0 ? {} : { scopes: [...existing.scopes, ...scopes] }),
    ...(works === undefined ? { password: user.password } : {}),
  });
  await untilApplied(task, pod);
  await proven(task, pod);
  return 'updated';
}

function rolesOn(databases: readonly string[]): Role[] {
  return databases.map((databaseName) => ({ databaseName, roleName: 'readWrite' }));
}

function missingRoles(roles: readonly Role[], databases: readonly string[]): Role[] {
  const everywhere = ['readWriteAnyDatabase', 'atlasAdmin'];
  if (roles.some(({ databaseName, roleName }) => databaseName === 'admin' && everywhere.includes(roleName))) return [];
  const has = (role: Role) =>
    roles.some(
      ({ databaseName, roleName, collectionName }) =>
        databaseName === role.databaseName && roleName === role.roleName && collectionName === undefined,
    );
  return rolesOn(databases).filter((role) => !has(role));
}

/** A user without scopes may use every cluster. */
function missingScopes(scopes: readonly Scope[], name: string): Scope[] {
  const has = scopes.length === 0 || scopes.some((scope) => scope.type === 'CLUSTER' && scope.name === name);
  return has ? [] : [{ name, type: 'CLUSTER' }];
}

/** Waits until Atlas has brought all changes to the cluster; where it does not tell, the login shows it. */
async function untilApplied({ cluster, patience }: AtlasUserTask, pod: Pod): Promise<void> {
  const isDone = await poll(async () => ((await cluster.isApplied()) === false ? undefined : true), {
    intervalMs: Math.min(2000, patience.intervalMs),
    limitMs: pod.remainingMs(),
    onWait: () =>
      pod.log(`A change is on its way to cluster ${cluster.name} (changeStatus PENDING): it is waited for.`),
    clock: pod.clock,
  });
  if (isDone) return;
  throw new ProvisionerError(
    'atlas-pending',
    `Atlas has not brought the change to cluster ${cluster.name} within the time of the run.`,
    { host: cluster.host, hint: hintOf('atlas-pending') },
  );
}

/** The status may say APPLIED before it has heard of the change: a denied login counts only after a while. */
async function proven({ server, user, patience }: AtlasUserTask, pod: Pod): Promise<void> {
  const working = await step(pod, server, `the login of ${user.user}`, () =>
    passwordThatLogsIn(server, user, [user.password], patience, pod),
  );
  if (working !== undefined) return;
  throw new ProvisionerError(
    'mongodb-password-refused',
    `MongoDB at ${hostOf(server)} denies user ${user.user} the login ${patience.limitMs / 1000} s after Atlas's API has taken the password.`,
    { host: hostOf(server), hint: hintOf('mongodb-password-refused') },
  );
}

function requireLength({ server, user }: AtlasUserTask, exists: boolean): void {
  if (user.password.length >= SHORTEST_PASSWORD) return;
  throw shortPassword('MongoDB', { user: user.user, exists, host: hostOf(server) });
}

/** What the cluster of Atlas shall have: a user with readWrite on two databases. */
export interface AtlasTask extends Omit<AtlasUserTask, 'prepare'> {
  /** Where the password is left for the action. */
  readonly secret: PasswordSecret;
}

/**
 * Brings the project to the state that the task describes by the API, and leaves the password in the Secret once a login
 * with it succeeded.
 *
 * @throws ProvisionerError
 */
export async function provisionAtlas(task: AtlasTask, pod: Pod): Promise<Resource[]> {
  const { server, user, databases, secret } = task;
  const state = await ensureAtlasUser({ ...task, prepare: () => secret.probe() }, pod);
  const created = new Set<string>();
  await step(pod, server, `opening ${databases.join(' and ')} as ${user.user}`, () =>
    openDatabases(server, user, databases, created, pod),
  );
  await secret.verify(user.password);
  pod.log(`User ${user.user} has readWrite on ${databases.join(' and ')}.`);
  return [...databaseResources(databases, created), { kind: 'MongoDB user', name: user.user, state }];
}
