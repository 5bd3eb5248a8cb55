/** What provisioning finds of an instance: before the run touches anything, and again under the Lease. */

import type { AccessCheck } from '../cluster/api/access.ts';
import { hasOwnNamespace, knownNames, readyNamespace } from '../cluster/namespace/namespace.ts';
import { storedSeed } from '../cluster/namespace/seed-secret.ts';
import { settleAll } from '../core/concurrency.ts';
import type { Progress } from '../core/progress.ts';
import { parseApplication } from '../instance/application/application.ts';
import { secretsOf } from '../instance/complete.ts';
import { strayRevision } from '../instance/guards/preview.ts';
import { type ResourceNames, resourceNames } from '../instance/instance.ts';
import { requireNewName } from '../instance/name.ts';
import { Seed } from '../instance/new/seed.ts';
import { instancePaths, type Plan, planInstance } from '../instance/plan.ts';
import type { BranchHeads } from '../repository/cluster-repository.ts';
import { readInstanceFiles, templateIfReadable, withMissing } from '../repository/instance-files.ts';
import { check, instancesInCluster, onlyInCluster, type Run, waitOptions } from './preflight.ts';
import type { ProvisionRequest } from './request.ts';
import type { Session } from './session.ts';

/** A plan and the seed that it was made with. */
export interface ProvisionReading {
  readonly plan: Plan;
  readonly seed: Seed;
  /** Whether the seed is in the cluster already. */
  readonly isSeedStored: boolean;
  /** What the operator should look at besides the plan's warnings. */
  readonly warnings: readonly string[];
}

interface ProvisionCheckOptions {
  /** What the user of the kubeconfig must be allowed to do. */
  readonly checks: readonly AccessCheck[];
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Step 1 of provisioning and of its dry run. Touches nothing.
 *
 * @throws LaunchpadError, or an AggregateError of several
 */
export async function checkForProvision(
  session: Session,
  request: ProvisionRequest,
  { checks, progress, signal }: ProvisionCheckOptions,
): Promise<{ run: Run; reading: ProvisionReading }> {
  const read = async (run: Run, heads: BranchHeads) => await readForProvision(run, heads, signal);
  const checked = await check(session, request, { checks, progress, read });
  warnOfStrayRevision(checked.run, checked.reading);
  const warnings = [...checked.reading.plan.warnings, ...checked.reading.warnings];
  for (const line of warnings) progress.warning(line);
  progress.record({ warnings });
  return checked;
}

const UNLISTED =
  'Namespaces cannot be listed: names are not compared with those of instances that are only in the cluster. Grant "list namespaces" to compare them.';

/**
 * Requires that the namespace is the instance's own, waits until an old one is deleted, then plans from the files of these
 * commits and from the stored seed, if there is one. Changes nothing.
 */
export async function readForProvision(run: Run, heads: BranchHeads, signal: AbortSignal): Promise<ProvisionReading> {
  const { request, progress, cluster, context, templateSources, otherInstances, freshSeed } = run;
  const { instance, settings } = request;
  const isRecorded = await heads.base.exists(instancePaths(settings, instance).directory);
  if (!isRecorded && !(await hasOwnNamespace(cluster, instance))) requireNewName(instance);
  const namespace = await readyNamespace(cluster, instance, { isRecorded, ...waitOptions(run, signal) });
  const [files, bytes, inCluster] = await settleAll([
    readInstanceFiles(heads, settings.instancesDirectory, instance).then((found) =>
      withMissing(found, templateSources, heads),
    ),
    storedSeed(cluster, instance),
    instancesInCluster(run),
  ]);
  if (inCluster === undefined) progress.info(UNLISTED);
  const templateSource =
    files.templateSource ?? (request.isPreview ? await templateIfReadable(templateSources, heads) : undefined);
  const seed = Seed.from(bytes ?? freshSeed);
  const others = [
    ...files.others,
    ...otherInstances.othersThan(instance),
    ...onlyInCluster(inCluster, files, instance),
  ];
  const known = knownNames(namespace);
  const plan = planInstance({ ...files, templateSource, others }, seed, { ...context, known });
  otherInstances.add(plan);
  for (const secret of [...secretsOf(plan.instance), ...seed.passwords]) progress.secret(secret);
  return {
    plan,
    seed,
    isSeedStored: bytes !== undefined,
    warnings: namesWarnings(run, plan, known, bytes !== undefined),
  };
}

/** A commit that is not on the branch any more has left resources, which the namespace names. */
function namesWarnings(
  { request: { instance } }: Run,
  { instance: planned, files }: Plan,
  known: Partial<ResourceNames>,
  isSeedStored: boolean,
): string[] {
  const names = Object.values(resourceNames(planned));
  const left = Object.values(known).filter((name) => !names.includes(name));
  const isLost = files.config === undefined && Object.keys(known).length > 0 && !isSeedStored;
  return [
    ...(isLost
      ? [
          `config.yml of ${instance} is not on the branch any more (a force-push, or a deleted file). Its databases, users and bucket are kept; their passwords are set again.`,
        ]
      : []),
    ...(left.length > 0
      ? [`The run will not use what ${instance} used before: ${left.join(', ')}. It remains: delete it by hand.`]
      : []),
  ];
}

function warnOfStrayRevision({ context, progress }: Run, { plan }: ProvisionReading): void {
  const { name, settings, preview } = context;
  if (preview === undefined) return;
  const written = parseApplication(plan.application, instancePaths(settings, name).application);
  const stray = strayRevision(written, preview, context);
  if (stray !== undefined) progress.warning(stray);
}
