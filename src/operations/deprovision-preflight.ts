/** What is found out of an instance that is to be taken down, before anything is touched, and once more under the Lease. */

import type { AccessCheck } from '../cluster/api/access.ts';
import { ownApplications } from '../cluster/argocd/application-deletion.ts';
import type { ApplicationObject } from '../cluster/argocd/application-status.ts';
import { isTerminating, ownNamespace } from '../cluster/namespace/namespace.ts';
import { storedSeed } from '../cluster/namespace/seed-secret.ts';
import { settleAll } from '../core/concurrency.ts';
import { LaunchpadError } from '../core/errors.ts';
import type { Progress } from '../core/progress.ts';
import { secretsOf } from '../instance/complete.ts';
import { PLAIN_NEW_INSTANCE } from '../instance/new/options.ts';
import { Seed } from '../instance/new/seed.ts';
import { applicationName, instancePaths, type Plan, type PlanContext, planInstance } from '../instance/plan.ts';
import type { BranchHeads } from '../repository/cluster-repository.ts';
import { readInstanceFiles, withMissing } from '../repository/instance-files.ts';
import { type Run, requireFit, runOf } from './preflight.ts';
import type { ProvisionRequest } from './request.ts';
import type { Session } from './session.ts';

/** What there is of the instance, as far as it can be seen from outside. */
export interface DeprovisionReading {
  /** What it has by config.yml, completed as provisioning does. */
  readonly plan: Plan;
  readonly context: PlanContext;
  /** The seed that it was completed with. */
  readonly seed: Seed;
  /** Whether that is the one that provisioning stored: what came from another is not the instance's. */
  readonly isSeedKnown: boolean;
  readonly applications: readonly ApplicationObject[];
  readonly namespace: 'absent' | 'active' | 'terminating';
  /** Whether the instance has a directory where what is in use is recorded. */
  readonly isRecorded: boolean;
  /** Paths of the files in the instance's directory. */
  readonly files: readonly string[];
}

/**
 * Reads what there is, and checks it against every guard: what is taken down must be the instance's own.
 *
 * @param remembered what an earlier reading found, as the seed goes with a namespace that is being deleted
 * @returns undefined where nothing is left that names the instance: no file, no namespace and no Application of it
 * @throws LaunchpadError, or an AggregateError of several
 */
export async function readForDeprovision(
  run: Run,
  heads: BranchHeads,
  remembered?: DeprovisionReading,
): Promise<DeprovisionReading | undefined> {
  const { request, progress, cluster, freshSeed } = run;
  const { instance, settings, isPreview } = request;
  const { directory } = instancePaths(settings, instance);
  const isRecorded = await heads.base.exists(directory);
  if (isPreview && isRecorded) throw inUse(directory);
  const expected = {
    name: applicationName(instance, settings),
    instance,
    repositoryUrl: run.context.repositoryUrl,
    path: `${directory}/env`,
  };
  const [bytes, namespace, applications, paths] = await settleAll([
    storedSeed(cluster, instance),
    ownNamespace(cluster, instance, { isRecorded }),
    ownApplications(cluster, expected),
    heads.head.paths(directory),
  ]);
  if (paths.length === 0 && namespace === undefined && applications.length === 0) return undefined;
  const { files, context } = await filesOf(run, heads);
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
  };
}

/**
 * The instance's files. What a new instance is made from matters only for one that never got its commit: its names may
 * come from there.
 */
async function filesOf({ request, context, templateSources }: Run, heads: BranchHeads) {
  const { instance, settings } = request;
  const files = await readInstanceFiles(heads, settings.instancesDirectory, instance);
  if (files.config !== undefined) return { files, context: { ...context, newInstance: PLAIN_NEW_INSTANCE } };
  return { files: await withMissing(files, templateSources, heads.head), context };
}

/** Whether the bucket's name is known; else provisioning made one up, and what it made it from is gone. */
export function isBucketKnown({ plan: { instance }, seed, isSeedKnown }: DeprovisionReading): boolean {
  return isSeedKnown || !seed.used || !instance.storage.name.endsWith(seed.bucketSuffix());
}

/** The bucket's name, with question marks for what is not known of it. */
export function shownBucket(reading: DeprovisionReading): string {
  const { name } = reading.plan.instance.storage;
  if (isBucketKnown(reading)) return name;
  const { length } = reading.seed.bucketSuffix();
  return name.slice(0, -length) + '?'.repeat(length);
}

function inUse(directory: string): LaunchpadError {
  return new LaunchpadError(
    'deprovision-refused',
    `${directory} exists on the base branch: the instance is in use, and was not only added by the pull request.`,
    {
      remedy:
        'Nothing was touched. To take the instance down, run on the base branch with operation: deprovision and confirm.',
    },
  );
}

export interface DeprovisionPreflightOptions {
  /** What the user of the kubeconfig must be allowed to do. */
  readonly checks: readonly AccessCheck[];
  readonly progress: Progress;
}

/**
 * Step 1 of taking down: everything that can be found out, and found wrong, before anything is touched.
 *
 * @throws LaunchpadError, or an AggregateError of several
 */
export async function deprovisionPreflight(
  session: Session,
  request: ProvisionRequest,
  { checks, progress }: DeprovisionPreflightOptions,
): Promise<{ run: Run; reading: DeprovisionReading | undefined }> {
  await requireFit(session, request, checks);
  const run = await runOf(session, request, progress);
  return { run, reading: await readForDeprovision(run, session.heads) };
}
