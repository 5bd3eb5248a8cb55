import { LaunchpadError } from '../../core/errors.ts';
import { isFields } from '../../core/fields.ts';
import { type Application, sameRepository } from '../application/application.ts';
import type { Instance } from '../instance.ts';
import { defaultNames } from '../name.ts';
import type { GuardProblem } from './name-guards.ts';

/**
 * What a pull request adds: an instance that is deployed from the pull request's branch, and is not in use. Its files are
 * written for the branch that it is to be merged into, so that nothing of them changes by the merge.
 */
export interface Preview {
  /** Short name of the pull request's branch. */
  readonly branch: string;
}

/** Databases, users and a bucket that are not the sandbox's own by their names: whoever opens a pull request chooses them. */
export function previewProblems({ name, mysql, mongodb, storage }: Instance): GuardProblem[] {
  const defaults = defaultNames(name);
  const names: readonly (readonly [what: string, value: string, byDefault?: string])[] = [
    ['MySQL database', mysql.database, defaults.mysqlDatabase],
    ['MySQL user', mysql.username, defaults.mysqlUser],
    ['MongoDB database', mongodb.database, defaults.mongodbDatabase],
    ['MongoDB database', mongodb.forumDatabase, defaults.forumDatabase],
    ['MongoDB user', mongodb.username, defaults.mongodbUser],
    ['bucket', storage.name],
  ];
  const own = `launchpad-${name}`;
  // A default that was cut to its limit may not begin with the whole name.
  const isOwn = (value: string, byDefault?: string) =>
    value === own || value === byDefault || value.startsWith(`${own}-`);
  return names
    .filter(([, value, byDefault]) => !isOwn(value, byDefault))
    .map(([what, value]) => ({
      what: `the ${what} ${value} is not the sandbox's own by its name, as what a pull request adds must be`,
      remedy: `Name databases, users and the bucket ${own}, or let them begin with ${own}-; remove a key to get its default.`,
    }));
}

/** The Application with its source at the sandbox's branch, whatever its file says. */
export function followPreview(application: Application, { branch }: Preview): Application {
  const { source } = application.spec;
  const from = isFields(source) ? source : {};
  return { ...application, spec: { ...application.spec, source: { ...from, targetRevision: branch } } };
}

/**
 * What to say of an application.yml that names the pull request's branch, which is gone after the merge; undefined where
 * it does not.
 *
 * @param target branch that the pull request is to be merged into
 */
export function strayRevision(application: Application, { branch }: Preview, target: string): string | undefined {
  const { source } = application.spec;
  if (branch === target || !isFields(source) || source.targetRevision !== branch) return undefined;
  return `application.yml has spec.source.targetRevision ${branch}, the branch of the pull request: after the merge Argo CD would go on following it. Set it to ${target}; the sandbox follows ${branch} whatever it says.`;
}

/**
 * Requires that the Application that is in the cluster is this sandbox's: one by the same name may be in use from another
 * branch or repository, or be another pull request's.
 *
 * @param spec of the Application that is there
 * @throws LaunchpadError `sandbox-taken`
 */
export function requireOwnPreview(name: string, spec: unknown, { branch }: Preview, repositoryUrl: string): void {
  const source = isFields(spec) && isFields(spec.source) ? spec.source : {};
  const { repoURL, targetRevision } = source;
  const isSame = typeof repoURL === 'string' && sameRepository(repoURL, repositoryUrl);
  if (isSame && targetRevision === branch) return;
  throw new LaunchpadError(
    'sandbox-taken',
    `Instance ${name} is in the cluster already: its Application follows ${String(targetRevision ?? 'HEAD')} of ${String(repoURL)}, and not this pull request's branch ${branch}. A pull request must not change it.`,
    { remedy: 'Give the new instance another name, or take the one that is there down first.' },
  );
}
