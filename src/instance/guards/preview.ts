import { LaunchpadError } from '../../core/errors.ts';
import { type Fields, fieldsOf } from '../../core/fields.ts';
import { type Application, sameRepository, sourcesOf } from '../application/application.ts';
import type { Instance } from '../instance.ts';
import { defaultNames, formerNames, isDefaultBucket } from '../name.ts';
import type { GuardProblem } from './name-guards.ts';
import { UNIQUE_NAMES } from './neighbour-guards.ts';

/**
 * A pull request's instance, which is deployed from the pull request's branch. Its files are written for the target
 * branch, so that the merge changes nothing in them.
 */
export interface Preview {
  /** Short name of the pull request's branch. */
  readonly branch: string;
  /** AppProject that previews are put into; undefined: that of their file, which is the one that the action writes. */
  readonly project?: string | undefined;
  /** Whether the preview is being deprovisioned: it may have names that previews could have before. */
  readonly isEnding?: boolean | undefined;
}

/** A name that the instance does not have by default. */
export interface OwnName {
  readonly kind: string;
  readonly name: string;
  /** The default. */
  readonly own: string;
  /** Whether it is the default by the rule of before. */
  readonly isFormer: boolean;
}

/** The names that differ from the instance's default ones: these belong to no other instance, whatever it is called. */
export function chosenNames(instance: Instance): OwnName[] {
  const [defaults, former] = [defaultNames(instance.name), formerNames(instance.name)];
  return UNIQUE_NAMES.flatMap(([kind, nameOf, , byDefault]) => {
    const name = nameOf(instance);
    const own =
      byDefault === undefined
        ? `${defaults.bucket(NO_SUFFIX).slice(0, -NO_SUFFIX.length)}<7 hex digits>`
        : defaults[byDefault];
    if (byDefault === undefined ? isDefaultBucket(defaults, name) : name === own) return [];
    return [{ kind, name, own, isFormer: byDefault !== undefined && former[byDefault] === name }];
  });
}

const NO_SUFFIX = '0000000';

/**
 * Names other than the instance's default ones: the author of a pull request chooses them freely, and another name may be
 * that of another instance.
 */
export function previewProblems(instance: Instance): GuardProblem[] {
  return chosenNames(instance).map(({ kind, name, own }) => ({
    what: `the ${kind} ${name} is not ${own}, as it must be in a pull request`,
    remedy: `Name databases, users and the bucket launchpad-${instance.name} with the ending of their kind. Remove these keys from config.yml: the action then adds them.`,
  }));
}

/** As previews could be named before: by their own name, or beginning with it. These can still be deprovisioned. */
export function formerPreviewProblems(instance: Instance): GuardProblem[] {
  const own = `launchpad-${instance.name}`;
  return chosenNames(instance)
    .filter(({ name, isFormer }) => !isFormer && name !== own && !name.startsWith(`${own}-`))
    .map(({ kind, name }) => ({
      what: `the ${kind} ${name} is not named after this preview`,
      remedy: `Deprovision it by hand, or give config.yml names that begin with ${own}-.`,
    }));
}

/** The Application with the preview's branch as its source, and in the project of previews, whatever its file has. */
export function followPreview(
  application: Application,
  { branch, project }: Preview,
  repositoryUrl: string,
): Application {
  const { source, sources, ...spec } = application.spec;
  const follow = (one: unknown) =>
    isSourceOf(fieldsOf(one), repositoryUrl) ? { ...fieldsOf(one), targetRevision: branch } : one;
  return {
    ...application,
    spec: {
      ...spec,
      ...(project === undefined ? {} : { project }),
      ...(source === undefined ? {} : { source: follow(source) }),
      ...(Array.isArray(sources) ? { sources: sources.map(follow) } : {}),
    },
  };
}

function isSourceOf({ repoURL }: Fields, repositoryUrl: string): boolean {
  return typeof repoURL === 'string' && sameRepository(repoURL, repositoryUrl);
}

/**
 * The warning for an application.yml that names the pull request's branch, which is deleted after the merge; undefined for
 * any other.
 *
 * @param target branch that the pull request is to be merged into, and the repository
 */
export function strayRevision(
  { spec }: Application,
  { branch }: Preview,
  target: { readonly branch: string; readonly repositoryUrl: string },
): string | undefined {
  const index = sourcesOf(spec).findIndex(
    (source) => source.targetRevision === branch && isSourceOf(source, target.repositoryUrl),
  );
  if (branch === target.branch || index < 0) return undefined;
  const field = spec.sources === undefined ? 'spec.source' : `spec.sources[${index}]`;
  return `application.yml has ${field}.targetRevision ${branch}, the branch of the pull request: after the merge Argo CD would still follow it. Set it to ${target.branch}; the preview follows ${branch} whatever it says.`;
}

/**
 * Requires that the Application in the cluster is this preview's: it may also belong to another branch, another repository
 * or another pull request.
 *
 * @param spec of the Application in the cluster
 * @throws LaunchpadError `sandbox-taken`
 */
export function requireOwnPreview(name: string, spec: unknown, { branch }: Preview, repositoryUrl: string): void {
  const sources = sourcesOf(fieldsOf(spec));
  const own = sources.find((source) => isSourceOf(source, repositoryUrl));
  if (own?.targetRevision === branch) return;
  const { repoURL, targetRevision } = own ?? sources[0] ?? {};
  throw new LaunchpadError(
    'sandbox-taken',
    `Instance ${name} is in the cluster already: its Application follows ${String(targetRevision ?? 'HEAD')} of ${String(repoURL)}, and not this pull request's branch ${branch}. A pull request must not change it.`,
    { remedy: 'Give the new instance another name, or deprovision the existing one first.' },
  );
}
