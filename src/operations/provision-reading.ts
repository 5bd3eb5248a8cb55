/** What provisioning finds of an instance: before the run touches anything, and again under the Lease. */

import type { AccessCheck } from '../cluster/api/access.ts';
import { isOwn, knownNames, readyNamespace } from '../cluster/namespace/namespace.ts';
import type { FoundNamespaces } from '../cluster/namespace/namespaces.ts';
import { storedSeed } from '../cluster/namespace/secrets.ts';
import type { KubeObject } from '../cluster/objects/objects.ts';
import { settleAll } from '../core/concurrency.ts';
import { LaunchpadError } from '../core/errors.ts';
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
import { check, onlyInCluster, type Run, waitOptions } from './preflight.ts';
import type { ProvisionRequest } from './request.ts';
import type { Session } from './session.ts';

/** A plan and the seed that it was made with. */
export interface ProvisionReading {
  readonly plan: Plan;
  readonly seed: Seed;
  /** Whether the seed is in the cluster already. Before the Lease it is looked for only if a value comes from it. */
  readonly isSeedStored: boolean;
  /** What the operator should look at besides the plan's warnings. */
  readonly warnings: readonly string[];
  /** The instance's namespace if it exists. */
  readonly namespace: KubeObject | undefined;
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
  const namespaces = session.namespaces.recent(request.instance);
  // Where the permissions are missing, that is the error.
  namespaces.catch(() => undefined);
  const read = async (run: Run, heads: BranchHeads) =>
    await readForProvision(run, heads, await namespaces, { isLeased: false, signal });
  const checked = await check(session, request, { checks, progress, read });
  warnOfStrayRevision(checked.run, checked.reading);
  const warnings = [...checked.reading.plan.warnings, ...checked.reading.warnings];
  for (const line of warnings) progress.warning(line);
  progress.record({ warnings });
  return checked;
}

const UNLISTED =
  'Namespaces cannot be listed: names are not compared with those of instances that are only in the cluster. Grant "list namespaces" to compare them.';

interface ReadOptions {
  readonly isLeased: boolean;
  /** False where a list shows that no seed is stored. */
  readonly hasSeed?: boolean;
  readonly signal: AbortSignal;
}

/**
 * Requires that the namespace is the instance's own, waits until an old one is deleted, then plans from the files of these
 * commits and from the stored seed, if there is one. Changes nothing.
 */
export async function readForProvision(
  run: Run,
  heads: BranchHeads,
  { own, instances: inCluster }: FoundNamespaces,
  { isLeased, hasSeed = true, signal }: ReadOptions,
): Promise<ProvisionReading> {
  const { request, progress, cluster, context, templateSources, otherInstances, freshSeed } = run;
  const { instance, settings } = request;
  if (request.operation === 'configure') await requireInstance(run, heads);
  const isRecorded = await heads.base.exists(instancePaths(settings, instance).directory);
  if (!isRecorded && !isOwn(own, instance)) requireNewName(instance);
  const namespace = await readyNamespace(cluster, instance, own, { isRecorded, ...waitOptions(run, signal) });
  const seedBytes = async () => (namespace === undefined ? undefined : await storedSeed(cluster, instance));
  const [files, known] = await settleAll([
    readInstanceFiles(heads, settings.instancesDirectory, instance).then((found) =>
      withMissing(found, templateSources, heads),
    ),
    isLeased && hasSeed ? seedBytes() : undefined,
  ]);
  if (inCluster === undefined) progress.info(UNLISTED);
  const templateSource =
    files.templateSource ?? (request.isPreview ? await templateIfReadable(templateSources, heads) : undefined);
  const others = [
    ...files.others,
    ...otherInstances.othersThan(instance),
    ...onlyInCluster(inCluster, files, instance),
  ];
  const names = knownNames(namespace);
  const planFrom = (bytes: Uint8Array | undefined) => {
    const seed = Seed.from(bytes ?? freshSeed);
    const plan = planInstance({ ...files, templateSource, others }, seed, { ...context, known: names });
    return { plan, seed, isSeedStored: bytes !== undefined };
  };
  let planned = planFrom(known);
  if (!isLeased && planned.seed.used) planned = planFrom(await seedBytes());
  const { plan, seed } = planned;
  otherInstances.add(plan);
  for (const secret of [...secretsOf(plan.instance), ...seed.passwords]) progress.secret(secret);
  return { ...planned, namespace, warnings: namesWarnings(run, planned, names) };
}

/** Operation `configure` creates no instance: its name may be mistyped. */
async function requireInstance({ request, repository }: Run, { head }: BranchHeads): Promise<void> {
  const { instance, settings } = request;
  const { config } = instancePaths(settings, instance);
  if (await head.exists(config)) return;
  throw new LaunchpadError(
    'instance-missing',
    `Instance ${instance} cannot be configured: branch ${repository.branch} has no ${config}. Nothing was changed.`,
    { remedy: `Check the name of the instance. To create ${instance}, run operation: provision.` },
  );
}

/** A commit that is not on the branch any more has left resources, which the namespace names. */
function namesWarnings(
  { request: { instance } }: Run,
  { plan, seed, isSeedStored }: Pick<ProvisionReading, 'plan' | 'seed' | 'isSeedStored'>,
  known: Partial<ResourceNames>,
): string[] {
  const names = Object.values(resourceNames(plan.instance));
  const left = Object.values(known).filter((name) => !names.includes(name));
  const isLost = seed.used && Object.keys(known).length > 0 && !isSeedStored;
  return [
    ...(isLost
      ? [
          `config.yml of ${instance} has lost what a run added (a force-push, or a deleted file or key). Databases, users and bucket are kept; new passwords are set.`,
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

/**
 * Requires that new passwords do not become public: config.yml holds them as plain text.
 *
 * @throws LaunchpadError `public-repository`
 */
export async function requirePrivateRepository({ request, progress }: Run, plan: Plan): Promise<void> {
  const { isPublic, hosted } = request;
  if (isPublic === undefined || !writesPassword(plan)) return;
  const repository = `${hosted.owner}/${hosted.name}`;
  const answer = await isPublic();
  if (answer === undefined) {
    progress.warning(
      `Cannot determine whether ${repository} is public. The new passwords in config.yml are plain text: keep it private.`,
    );
  }
  if (answer !== true) return;
  throw new LaunchpadError(
    'public-repository',
    `${repository} is a public repository: everybody could read the new passwords in config.yml.`,
    { remedy: 'Make the repository private; or, if that is acceptable, set allow-public-repository: true.' },
  );
}

function writesPassword({ files, additions, wanted }: Plan): boolean {
  return files.config === undefined || [...additions.keys(), ...wanted.keys()].some((key) => key.includes('PASSWORD'));
}
