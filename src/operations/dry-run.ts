/**
 * The story of a dry run: what a run would do. It reads all that a run reads, and sends server-side applies that the API
 * server answers without storing them. It writes nothing: the cluster's client and the repository refuse to. It takes no
 * Lease, because it changes nothing that another run could miss.
 */

import { comparisonAccess, deprovisionAccess, requiredAccess } from '../cluster/api/required-access.ts';
import { plannedObjects } from '../cluster/dry-run/planned-objects.ts';
import type { Progress } from '../core/progress.ts';
import type { PlanReport } from '../core/report.ts';
import type { Hidden } from '../instance/hidden-values.ts';
import { resourceNames } from '../instance/instance.ts';
import { instanceApplication } from '../instance/plan.ts';
import { keysToCome, plannedFiles } from '../instance/planned-files.ts';
import { type DeprovisionReading, readForDeprovision } from './deprovision-reading.ts';
import { deprovisionWarnings, describeDeprovision, describeNotFound, describePlan } from './describe.ts';
import { check, type Run } from './preflight.ts';
import { checkForProvision, type ProvisionReading } from './provision-reading.ts';
import { deprovisionPlan, provisionPlan } from './reports.ts';
import type { ProvisionRequest } from './request.ts';
import type { Session } from './session.ts';
import { preparationOf, submissionOf } from './workflows.ts';

/**
 * Plans the provisioning of one instance.
 *
 * @param signal cancels it
 * @throws LaunchpadError, or an AggregateError of several: all that stops a run before it touches anything
 */
export async function dryProvision(
  request: ProvisionRequest,
  session: Session,
  progress: Progress,
  signal: AbortSignal,
): Promise<PlanReport> {
  const { instance } = request;
  const checks = [...requiredAccess(instance, request), ...comparisonAccess(instance)];
  const { run, reading } = await progress.phase('Check the instance', () =>
    checkForProvision(readOnly(session, signal), request, { checks, progress, signal }),
  );
  signal.throwIfAborted();
  return await progress.phase('Plan', () => planProvision(run, reading));
}

/**
 * Plans the deprovisioning of one instance.
 *
 * @param signal cancels it
 * @throws LaunchpadError, or an AggregateError of several: all that stops a run before it touches anything
 */
export async function dryDeprovision(
  request: ProvisionRequest,
  session: Session,
  progress: Progress,
  signal: AbortSignal,
): Promise<PlanReport> {
  const checks = deprovisionAccess(request.instance, request);
  const { run, reading } = await progress.phase('Check the instance', () =>
    check(readOnly(session, signal), request, { checks, progress, read: readForDeprovision }),
  );
  signal.throwIfAborted();
  return await progress.phase('Plan', async () => planDeprovision(run, reading));
}

function readOnly(session: Session, signal: AbortSignal): Session {
  const { cluster, repository } = session;
  return { ...session, cluster: cluster.until(signal).readOnly(), repository: repository.readOnly() };
}

/** The plan uses the functions by which a run makes its objects and files. */
async function planProvision({ request, progress, cluster, context }: Run, reading: ProvisionReading) {
  const { plan } = reading;
  const hidden = hiddenIn(reading);
  progress.info(shown(describePlan(plan, undefined), hidden));
  const resources = await plannedObjects(cluster, {
    preparation: preparationOf(request),
    submission: submissionOf(request, plan, 'provision'),
    application: instanceApplication(plan.application, context),
    names: hidden.replacements.size === 0 ? resourceNames(plan.instance) : undefined,
  });
  return provisionPlan(request, plan, {
    resources,
    files: plannedFiles(plan, context, hidden),
    laterKeys: keysToCome(plan, request.settings),
    bucket: shown(plan.instance.storage.name, hidden),
  });
}

function planDeprovision({ request, progress }: Run, reading: DeprovisionReading | undefined): PlanReport {
  const report = deprovisionPlan(request, reading);
  if (reading === undefined) {
    progress.info(describeNotFound(request.instance));
    return report;
  }
  progress.info(describeDeprovision(reading, undefined));
  for (const warning of deprovisionWarnings(reading)) progress.warning(warning);
  return report;
}

/** Secrets are hidden, and so is the suffix of a bucket's name that no seed in the cluster fixes: each run generates another. */
function hiddenIn({ plan: { instance, additions }, seed, isSeedStored }: ProvisionReading): Hidden {
  const { mysql, mongodb, storage } = instance;
  const suffix = seed.bucketSuffix();
  const isGenerated = [...additions.values()].includes(storage.name) && storage.name.endsWith(suffix);
  const placeholder = `${storage.name.slice(0, -suffix.length)}*`;
  return {
    secrets: [
      mysql.password,
      mongodb.password ?? '',
      storage.accessKey.id,
      storage.accessKey.secret,
      ...seed.passwords,
    ],
    replacements: new Map(isGenerated && !isSeedStored ? [[storage.name, placeholder]] : []),
  };
}

function shown(text: string, { replacements }: Hidden): string {
  return [...replacements].reduce((result, [from, to]) => result.replaceAll(from, to), text);
}
