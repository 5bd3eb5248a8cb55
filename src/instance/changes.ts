import { LaunchpadError } from '../errors.ts';
import { ConfigFile } from './config-file.ts';
import { changedKeys } from './keys.ts';
import { type InstanceFiles, instanceApplication, instancePaths, type Plan, type PlanContext } from './plan.ts';

/** The two files as they shall stand in the cluster repository. */
export interface FilesToWrite {
  readonly config: Uint8Array;
  readonly application: Uint8Array;
}

/**
 * What the cluster repository shall hold after the run: the newest files, with the keys that config.yml lacked and the
 * MongoDB password set. What somebody else changed meanwhile is kept, unless it is what the run worked from.
 *
 * @param newest the files at the commit that the new one follows
 * @param mongodbPassword the password that the user of MongoDB really has
 * @throws LaunchpadError `config-changed` where a used key of config.yml is not what the plan was made from, or the file
 *   appeared or vanished
 */
export function filesToWrite(
  plan: Plan,
  newest: InstanceFiles,
  mongodbPassword: string,
  context: PlanContext,
): FilesToWrite {
  const application = newest.application ?? plan.application;
  instanceApplication(application, context);
  return { config: configToWrite(plan, newest.config, mongodbPassword, context), application };
}

/** Keys of config.yml that the run sets: their values are secret, the names are not. */
export function keysToSet(plan: Plan, mongodbPassword: string): string[] {
  const edits = editsOf(plan, mongodbPassword);
  return [...edits.keys()].filter((key) => plan.config.text(key) !== edits.get(key));
}

/** The commit's message: what it is, and the run that made it. */
export function commitMessage({ instance, files }: Plan, runUrl: string | undefined): string {
  const isNew = files.config === undefined || files.application === undefined;
  const subject = `${isNew ? 'feat: add' : 'chore: update'} instance ${instance.name}`;
  return runUrl === undefined ? subject : `${subject}\n\n${runUrl}`;
}

function configToWrite(
  plan: Plan,
  newest: Uint8Array | undefined,
  mongodbPassword: string,
  { name, settings }: PlanContext,
): Uint8Array {
  const edits = editsOf(plan, mongodbPassword);
  const intended = plan.config.edit(edits);
  if (plan.files.config === undefined && newest === undefined) return intended;
  if (newest !== undefined && Buffer.compare(newest, intended) === 0) return intended;
  const path = instancePaths(settings, name).config;
  if (plan.files.config === undefined) throw changedMeanwhile(path, 'the file appeared');
  if (newest === undefined) throw changedMeanwhile(path, 'the file vanished');

  const current = ConfigFile.parse(newest, path);
  const changed = changedKeys(plan.config, current).filter((key) => current.text(key) !== edits.get(key));
  if (changed.length > 0) throw changedMeanwhile(path, `keys ${changed.join(', ')}`);
  return current.edit(edits);
}

function editsOf(plan: Plan, mongodbPassword: string): Map<string, string> {
  return new Map([...plan.additions, ['MONGODB_PASSWORD', mongodbPassword]]);
}

function changedMeanwhile(path: string, what: string): LaunchpadError {
  return new LaunchpadError('config-changed', `${path} changed while provisioning (${what}): run again.`, {
    remedy: 'Run again: nothing was committed, and the new run starts from the file as it is now.',
  });
}
