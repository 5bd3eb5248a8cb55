import { LaunchpadError } from '../../core/errors.ts';
import { fieldsOf } from '../../core/fields.ts';
import { type Application, sameRepository } from '../application/application.ts';
import type { Instance } from '../instance.ts';
import { defaultNames } from '../name.ts';
import type { GuardProblem } from './name-guards.ts';
import { UNIQUE_NAMES } from './neighbour-guards.ts';

/**
 * A pull request's instance, which is deployed from the pull request's branch. Its files are written for the target
 * branch, so that the merge changes nothing in them.
 */
export interface Preview {
  /** Short name of the pull request's branch. */
  readonly branch: string;
}

/** Names that could be another instance's: the author of a pull request chooses them freely. */
export function previewProblems(instance: Instance): GuardProblem[] {
  const defaults = defaultNames(instance.name);
  const own = `launchpad-${instance.name}`;
  return UNIQUE_NAMES.flatMap(([kind, nameOf, , byDefault]) => {
    const name = nameOf(instance);
    // A default that was cut to its limit may not begin with the whole name.
    const isDefault = byDefault !== undefined && name === defaults[byDefault];
    if (isDefault || name === own || name.startsWith(`${own}-`)) return [];
    return [
      {
        what: `the ${kind} ${name} is not the preview's own by its name, as what a pull request adds must be`,
        remedy: `Name databases, users and the bucket ${own}, or let them begin with ${own}-; remove a key to get its default.`,
      },
    ];
  });
}

/** The Application with the preview's branch as its source, whatever its file has. */
export function followPreview(application: Application, { branch }: Preview): Application {
  const source = { ...fieldsOf(application.spec.source), targetRevision: branch };
  return { ...application, spec: { ...application.spec, source } };
}

/**
 * The warning for an application.yml that names the pull request's branch, which is deleted after the merge; undefined for
 * any other.
 *
 * @param target branch that the pull request is to be merged into
 */
export function strayRevision(application: Application, { branch }: Preview, target: string): string | undefined {
  if (branch === target || fieldsOf(application.spec.source).targetRevision !== branch) return undefined;
  return `application.yml has spec.source.targetRevision ${branch}, the branch of the pull request: after the merge Argo CD would go on following it. Set it to ${target}; the preview follows ${branch} whatever it says.`;
}

/**
 * Requires that the Application in the cluster is this preview's: it may also belong to another branch, another repository
 * or another pull request.
 *
 * @param spec of the Application in the cluster
 * @throws LaunchpadError `sandbox-taken`
 */
export function requireOwnPreview(name: string, spec: unknown, { branch }: Preview, repositoryUrl: string): void {
  const { repoURL, targetRevision } = fieldsOf(fieldsOf(spec).source);
  const isSame = typeof repoURL === 'string' && sameRepository(repoURL, repositoryUrl);
  if (isSame && targetRevision === branch) return;
  throw new LaunchpadError(
    'sandbox-taken',
    `Instance ${name} is in the cluster already: its Application follows ${String(targetRevision ?? 'HEAD')} of ${String(repoURL)}, and not this pull request's branch ${branch}. A pull request must not change it.`,
    { remedy: 'Give the new instance another name, or deprovision the existing one first.' },
  );
}
