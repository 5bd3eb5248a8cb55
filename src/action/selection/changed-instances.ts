import { LaunchpadError } from '../../core/errors.ts';
import { parseInstanceName } from '../../instance/name.ts';
import type { FileChange } from '../../repository/changed-files.ts';

/**
 * The instances that a change is about: those whose config.yml or application.yml it adds or changes. One that only loses
 * files is reported, and left as it is.
 *
 * @throws LaunchpadError `instance-name-invalid` with every directory that cannot be an instance's
 */
export function changedInstances(changes: readonly FileChange[], instancesDirectory: string): Selection {
  const nameIn = (path: string) => {
    const [, file = ''] = path.split(`${instancesDirectory}/`, 2);
    const [, name] = /^([^/]+)\/(?:config|application)\.yml$/.exec(file) ?? [];
    return path.startsWith(`${instancesDirectory}/`) ? name : undefined;
  };
  const namesOf = (paths: readonly (string | undefined)[]) =>
    new Set(paths.flatMap((path) => (path === undefined ? [] : (nameIn(path) ?? []))));
  const changed = namesOf(changes.flatMap(({ path, isRemoved }) => (isRemoved ? [] : path)));
  const deleted = namesOf(changes.flatMap(({ path, isRemoved, renamedFrom }) => (isRemoved ? path : renamedFrom)));
  const instances = [...changed].sort();
  requireNames(instances, instancesDirectory);
  return { instances, notes: [...deleted.difference(changed)].sort().map(left) };
}

function left(name: string): string {
  return `Instance ${name}: its files are removed or renamed here. The instance itself is left as it is: operation deprovision removes one.`;
}

function requireNames(names: readonly string[], instancesDirectory: string): void {
  const problems = names.flatMap((name) => {
    try {
      parseInstanceName(name);
      return [];
    } catch (error) {
      if (error instanceof LaunchpadError) return [`  - ${instancesDirectory}/${name}`];
      throw error;
    }
  });
  if (problems.length === 0) return;
  throw new LaunchpadError(
    'instance-name-invalid',
    ['The change has directories whose names no instance may have:', ...problems].join('\n'),
    {
      remedy:
        'Choose names of at most 40 lower-case letters, digits and hyphens that begin with a letter and are not reserved, or name the instances by input instance.',
    },
  );
}

/** Which instances a step is about. */
export interface Selection {
  readonly instances: readonly string[];
  /** What the operator should know: what is left out, and why. */
  readonly notes: readonly string[];
}
