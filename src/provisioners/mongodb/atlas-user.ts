import { setTimeout } from 'node:timers/promises';
import type { AtlasCluster, AtlasUser, Role, Scope } from '../atlas/api.ts';
import type { Deadline } from '../deadline.ts';
import { ProvisionerError, type Resource, type Say } from '../report.ts';
import { SHORTEST_PASSWORD, shortPassword } from '../short-password.ts';
import { type Patience, passwordThatLogsIn, proveAccess, step } from './login.ts';
import type { PasswordSecret } from './password-secret.ts';
import { hostOf, type Login, type Server } from './session.ts';

/** The user that the project shall have: with readWrite on two databases, and on this cluster only. */
export interface AtlasUserTask {
  readonly cluster: AtlasCluster;
  readonly server: Server;
  readonly databases: readonly [string, string];
  readonly user: Login;
  readonly patience: Patience;
  readonly deadline: Deadline;
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
export async function ensureAtlasUser(task: AtlasUserTask, say: Say): Promise<State> {
  const existing = await task.cluster.findUser(task.user.user);
  return existing === undefined ? await createUser(task, say) : await convergeUser(task, existing, say);
}

async function createUser(task: AtlasUserTask, say: Say): Promise<State> {
  const { cluster, user, databases, prepare } = task;
  requireLength(task, false);
  await prepare();
  if (await cluster.createUser(user.user, user.password, rolesOn(databases))) {
    await untilApplied(task, say);
    await proven(task, say);
    return 'created';
  }
  // It was made since, or by a call whose answer was lost.
  const made = await cluster.findUser(user.user);
  if (made === undefined) {
    throw new ProvisionerError(
      'atlas-user-conflict',
      `Atlas's API at ${cluster.host} says that user ${user.user} exists, and does not find it.`,
      { host: cluster.host, hint: 'Run again in a minute; else look for the user in Database Access of the project.' },
    );
  }
  return await convergeUser(task, made, say);
}

/** What is missing of roles and scopes is added; the password is set only where it does not log in. */
async function convergeUser(task: AtlasUserTask, existing: AtlasUser, say: Say): Promise<State> {
  const { cluster, server, user, databases, patience, prepare } = task;
  if (!existing.hasPassword) {
    throw new ProvisionerError(
      'atlas-user-kind',
      `User ${user.user} of the Atlas project logs in by a certificate or a foreign identity, not by a password.`,
      { host: cluster.host, hint: 'Set another MONGODB_USERNAME in config.yml, or remove it.' },
    );
  }
  await untilApplied(task, say);
  const works = await step(server, `the login of ${user.user}`, () =>
    passwordThatLogsIn(server, user, [user.password], { ...patience, limitMs: 0 }, say),
  );
  const roles = missingRoles(existing.roles, databases);
  const scopes = missingScopes(existing.scopes, cluster.name);
  if (works !== undefined && roles.length === 0 && scopes.length === 0) return 'unchanged';
  if (works === undefined) {
    requireLength(task, true);
    say(`The password of ${user.user} does not log in: it is set anew.`);
  }
  await prepare();
  await cluster.updateUser(user.user, {
    roles: [...existing.roles, ...roles],
    ...(scopes.length === 0 ? {} : { scopes: [...existing.scopes, ...scopes] }),
    ...(works === undefined ? { password: user.password } : {}),
  });
  await untilApplied(task, say);
  await proven(task, say);
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
async function untilApplied({ cluster, patience, deadline }: AtlasUserTask, say: Say): Promise<void> {
  for (let isFirst = true; (await cluster.isApplied()) === false; isFirst = false) {
    if (deadline.remainingMs() < patience.intervalMs) {
      throw new ProvisionerError(
        'atlas-pending',
        `Atlas has not brought the change to cluster ${cluster.name} within the time of the run.`,
        { host: cluster.host, hint: 'Run again: what is done already is kept.' },
      );
    }
    if (isFirst) say(`A change is on its way to cluster ${cluster.name} (changeStatus PENDING): it is waited for.`);
    await setTimeout(Math.min(2000, patience.intervalMs));
  }
}

/** The status may say APPLIED before it has heard of the change: a denied login counts only after a while. */
async function proven({ server, user, patience }: AtlasUserTask, say: Say): Promise<void> {
  const working = await step(server, `the login of ${user.user}`, () =>
    passwordThatLogsIn(server, user, [user.password], patience, say),
  );
  if (working !== undefined) return;
  throw new ProvisionerError(
    'mongodb-password-refused',
    `MongoDB at ${hostOf(server)} denies user ${user.user} the login ${patience.limitMs / 1000} s after Atlas's API has taken the password.`,
    { host: hostOf(server), hint: 'Run again in a minute: the change may still be on its way.' },
  );
}

function requireLength({ server, user }: AtlasUserTask, exists: boolean): void {
  if (user.password.length >= SHORTEST_PASSWORD) return;
  throw shortPassword('MongoDB', { user: user.user, exists, host: hostOf(server) });
}

/** What the cluster of Atlas shall have: a user with readWrite on two databases. MongoDB makes these at the first write. */
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
export async function provisionAtlas(task: AtlasTask, say: Say): Promise<Resource[]> {
  const { server, user, databases, secret } = task;
  const state = await ensureAtlasUser({ ...task, prepare: () => secret.probe() }, say);
  await step(server, `the login of ${user.user}`, () => proveAccess(server, user, databases, say));
  await secret.verify(user.password);
  say(`User ${user.user} has readWrite on ${databases.join(' and ')}; MongoDB makes a database at the first write.`);
  return [{ kind: 'MongoDB user', name: user.user, state }];
}
