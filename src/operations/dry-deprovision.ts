/**
 * The story of a dry run of taking an instance down: what there is of it, as far as it can be seen from outside. Nothing is
 * written: the cluster's client and the repository refuse to.
 */
import { deprovisionAccess } from '../cluster/api/required-access.ts';
import type { Progress } from '../core/progress.ts';
import type { PlanReport } from '../core/report.ts';
import type { DeprovisionReading } from './deprovision-preflight.ts';
import { deprovisionPreflight } from './deprovision-preflight.ts';
import {
  deprovisionPlan,
  describeDeprovision,
  describeDeprovisionPlan,
  describeNotFound,
  unknownBucket,
} from './describe-deprovision.ts';
import type { ProvisionRequest } from './request.ts';
import type { Session } from './session.ts';

/**
 * Plans the taking down of one instance. It takes no Lease, as it changes nothing that another run could miss.
 *
 * @param signal cancels it
 * @throws LaunchpadError, or an AggregateError of several: whatever a run would fail at before it touches anything
 */
export async function dryDeprovision(
  request: ProvisionRequest,
  session: Session,
  progress: Progress,
  signal: AbortSignal,
): Promise<PlanReport> {
  const cluster = session.cluster.until(signal).readOnly();
  const repository = session.repository.readOnly();
  const checks = deprovisionAccess(request.instance);
  const { reading } = await progress.phase('Check the instance', () =>
    deprovisionPreflight({ ...session, cluster, repository }, request, { checks, progress }),
  );
  signal.throwIfAborted();
  return await progress.phase('Plan', async () => plan(request, reading, progress));
}

function plan(request: ProvisionRequest, reading: DeprovisionReading | undefined, progress: Progress): PlanReport {
  const report = deprovisionPlan(request, reading);
  if (reading === undefined) {
    progress.info(describeNotFound(request.instance));
    return report;
  }
  progress.info(describeDeprovision(reading, undefined));
  const warning = unknownBucket(reading, request.instance);
  if (warning !== undefined) progress.warning(warning);
  progress.info(describeDeprovisionPlan(report));
  return report;
}
