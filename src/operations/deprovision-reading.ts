/** What deprovisioning finds of an instance: before the run touches anything, and again under the Lease. */

import { ownApplications } from '../cluster/argocd/application-deletion.ts';
import type { ApplicationObject } from '../cluster/argocd/application-status.ts';
import { isTerminating, knownNames, requireOwn } from '../cluster/namespace/namespace.ts';
import { storedSeed } from '../cluster/namespace/secrets.ts';
import { requireOwnContent } from '../cluster/namespace/shared-namespace.ts';
import { INSTANCE_LABEL } from '../cluster/objects/names.ts';
import { settleAll } from '../core/concurrency.ts';
import { LaunchpadError } from '../core/errors.ts';
import { secretsOf } from '../instance/complete.ts';
import { requireUnprotected } from '../instance/guards/guards.ts';
import type { Preview } from '../instance/guards/preview.ts';
import { isReservedName } from '../instance/name.ts';
import { PLAIN_NEW_INSTANCE } from '../instance/new/options.ts';
import { Seed } from '../instance/new/seed.ts';
import { applicationName, instancePaths, type Plan, type PlanContext, planInstance } from '../instance/plan.ts';
import type { BranchHeads } from '../repository/cluster-repository.ts';
import { readInstanceFiles, withMissing } from '../repository/instance-files.ts';
import { onlyInCluster, type Run } from './preflight.ts';

/** What exists of the instance, as far as it can be seen from outside the cluster's network. */
export interface DeprovisionReading {
  /** What it has according to config.yml, completed as for provisioning. */
  readonly plan: Plan;
  readonly context: PlanContext;
  /** The seed that completed it. */
  readonly seed: Seed;
  /** Whether provisioning stored that seed: values from another seed are not the instance's. */
  readonly isSeedKnown: boolean;
  readonly applications: readonly ApplicationObject[];
  readonly namespace: 'absent' | 'active' | 'terminating';
  /** Whether the branch that is in use has a directory of the instance. */
  readonly isRecorded: boolean;
  /** Paths of the files in the instance's directory. */
  readonly files: readonly string[];
  /** Whether the names were also compared with those of instances that are only in the cluster. */
  readonly isComparedWithCluster: boolean;
}

/**
 * Reads what exists, and checks it against every guard: a run deletes only what is the instance's own.
 *
 * @param remembered the previous reading: a namespace that is being deleted takes the seed with it
 * @returns undefined if the instance has no file, no namespace and no Application
 * @throws LaunchpadError, or an AggregateError of several
 */
export async function readForDeprovision(
  run: Run,
  heads: BranchHeads,
  remembered?: DeprovisionReading,
): Promise<DeprovisionReading | undefined> {
  const { request, progress, cluster, freshSeed } = run;
  const { instance, settings, isPreview } = request;
  const { directory, config } = instancePaths(settings, instance);
  const isRecorded = await heads.base.exists(directory);
  if (isPreview && isRecorded) throw inUse(directory);
  requireUnprotected(await heads.base.read(config), config, instance);
  const expected = {
    name: applicationName(instance, settings),
    instance,
    repositoryUrl: run.context.repositoryUrl,
    path: `${directory}/env`,
    argocdNamespace: run.context.argocdNamespace,
  };
  const [bytes, namespaces, applications, paths] = await settleAll([
    storedSeed(cluster, instance),
    run.namespaces.current(cluster, instance).then((found) => {
      if (found.own !== undefined) requireOwn(found.own, instance, { isRecorded });
      return found;
    }),
    ownApplications(cluster, expected),
    heads.head.paths(directory),
  ]);
  const { own: namespace, instances: inCluster } = namespaces;
  if (paths.length === 0 && namespace === undefined && applications.length === 0) return undefined;
  if (namespace !== undefined) await requireOwnNamespace(run, applications);
  const found = await filesOf(run, heads);
  const isLabelled = namespace?.metadata?.labels?.[INSTANCE_LABEL] === instance;
  const { preview } = found.context;
  const checked = preview === undefined ? found.context : ending(found.context, preview, isLabelled);
  const names = { ...remembered?.context.known, ...knownNames(namespace) };
  const context = { ...checked, known: names };
  const files = { ...found.files, others: [...found.files.others, ...onlyInCluster(inCluster, found.files, instance)] };
  const seenBefore = remembered?.isSeedKnown === true ? remembered.seed.bytes : undefined;
  const known = bytes ?? seenBefore;
  const seed = Seed.from(known ?? freshSeed);
  const plan = planInstance(files, seed, context);
  for (const secret of [...secretsOf(plan.instance), ...seed.passwords]) progress.secret(secret);
  return {
    plan,
    context,
    seed,
    isSeedKnown: known !== undefined,
    applications,
    namespace: namespace === undefined ? 'absent' : isTerminating(namespace) ? 'terminating' : 'active',
    isRecorded,
    files: paths,
    isComparedWithCluster: inCluster !== undefined,
  };
}

/**
 * Requires of an instance whose name is reserved that it has its namespace for itself.
 *
 * @throws LaunchpadError `namespace-shared`
 */
export async function requireOwnNamespace(
  { cluster, request: { instance, settings } }: Run,
  applications: readonly ApplicationObject[],
): Promise<void> {
  if (!isReservedName(instance)) return;
  await requireOwnContent(cluster, { instance, application: applicationName(instance, settings), applications });
}

/** A preview with names that previews could have before is known as this pull request's by the label of its namespace. */
function ending(context: PlanContext, preview: Preview, isLabelled: boolean): PlanContext {
  return { ...context, preview: { ...preview, isEnding: isLabelled } };
}

/**
 * The instance's files. The options of a new instance matter only without a config.yml: the names may come from them.
 */
async function filesOf({ request, context, templateSources }: Run, heads: BranchHeads) {
  const { instance, settings } = request;
  const files = await readInstanceFiles(heads, settings.instancesDirectory, instance);
  if (files.config !== undefined) return { files, context: { ...context, newInstance: PLAIN_NEW_INSTANCE } };
  return { files: await withMissing(files, templateSources, heads), context };
}

/** Whether the bucket's name is known; else provisioning generated it from a seed that does not exist any more. */
export function isBucketKnown({ plan: { instance }, seed, isSeedKnown }: DeprovisionReading): boolean {
  return isSeedKnown || !seed.used || !instance.storage.name.endsWith(seed.bucketSuffix());
}

/** The bucket's name, with an asterisk for the unknown part. */
export function shownBucket(reading: DeprovisionReading): string {
  const { name } = reading.plan.instance.storage;
  if (isBucketKnown(reading)) return name;
  const { length } = reading.seed.bucketSuffix();
  return `${name.slice(0, -length)}*`;
}

function inUse(directory: string): LaunchpadError {
  return new LaunchpadError(
    'deprovision-refused',
    `${directory} exists on the base branch: the instance is in use, and was not only added by the pull request.`,
    {
      remedy:
        'Nothing was touched. To deprovision the instance, run on the base branch with operation: deprovision and confirm.',
    },
  );
}
