/**
 * The story of a dry run: what provisioning would do, found out by everything that it reads and by server-side applies
 * that the API server answers without storing them. Nothing is written: the cluster's client and the repository refuse to.
 */

import { comparisonAccess, requiredAccess } from '../cluster/api/required-access.ts';
import { plannedObjects } from '../cluster/dry-run/planned-objects.ts';
import type { Progress } from '../core/progress.ts';
import type { PlanReport } from '../core/report.ts';
import type { Hidden } from '../instance/hidden-values.ts';
import { instanceApplication } from '../instance/plan.ts';
import { keysToCome, plannedFiles } from '../instance/planned-files.ts';
import { describePlan, describeReport, planReport } from './describe.ts';
import { preflight, type Reading, type Run } from './preflight.ts';
import type { ProvisionRequest } from './request.ts';
import type { Session } from './session.ts';
import { preparationOf, submissionOf } from './workflows.ts';

/**
 * Plans the provisioning of one instance. It takes no Lease, as it changes nothing that another run could miss.
 *
 * @param signal cancels it
 * @throws LaunchpadError, or an AggregateError of several: whatever a run would fail at before it touches anything
 */
export async function dryRun(
  request: ProvisionRequest,
  session: Session,
  progress: Progress,
  signal: AbortSignal,
): Promise<PlanReport> {
  const { instance } = request;
  const cluster = session.cluster.until(signal).readOnly();
  const repository = session.repository.readOnly();
  const checks = [...requiredAccess(instance, request), ...comparisonAccess(instance)];
  const checked = await progress.phase('Check the instance', () =>
    preflight({ ...session, cluster, repository }, request, { checks, progress, signal }),
  );
  signal.throwIfAborted();
  return await progress.phase('Plan', () => planRun(checked.run, checked.reading));
}

/** What would be done in the cluster, by the functions that a run takes it from, and in the repository. */
async function planRun({ request, progress, cluster, context }: Run, reading: Reading): Promise<PlanReport> {
  const { plan } = reading;
  const hidden = hiddenIn(reading);
  progress.info(shown(describePlan(plan, undefined), hidden));
  const resources = await plannedObjects(cluster, {
    preparation: preparationOf(request),
    submission: submissionOf(request, plan),
    application: instanceApplication(plan.application, context),
  });
  const report = planReport(request, plan, {
    resources,
    files: plannedFiles(plan, context, hidden),
    laterKeys: keysToCome(plan, request.settings),
    bucket: shown(plan.instance.storage.name, hidden),
  });
  progress.info(describeReport(report));
  return report;
}

/** Secrets are hidden; so is the suffix of a bucket's name that no run has stored yet, as each would make another one. */
function hiddenIn({ plan: { instance, additions }, seed, stored }: Reading): Hidden {
  const { mysql, mongodb, storage } = instance;
  const suffix = seed.bucketSuffix();
  const isMadeUp = [...additions.values()].includes(storage.name) && storage.name.endsWith(suffix);
  const placeholder = storage.name.slice(0, -suffix.length) + '?'.repeat(suffix.length);
  return {
    secrets: [
      mysql.password,
      mongodb.password ?? '',
      storage.accessKey.id,
      storage.accessKey.secret,
      ...seed.passwords,
    ],
    replacements: new Map(isMadeUp && !stored ? [[storage.name, placeholder]] : []),
  };
}

function shown(text: string, { replacements }: Hidden): string {
  return [...replacements].reduce((reported, [from, to]) => reported.replaceAll(from, to), text);
}
