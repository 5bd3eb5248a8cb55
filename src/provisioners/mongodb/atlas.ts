import type { Resource, Say } from '../report.ts';
import { type AtlasUserTask, ensureAtlasUser } from './atlas-user.ts';
import { proveAccess, step } from './login.ts';
import type { PasswordSecret } from './password-secret.ts';

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
