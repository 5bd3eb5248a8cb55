/**
 * The story of a dry run of taking an instance down: what there is of it, as far as it can be seen from outside. Nothing is
 * written: the cluster's client and the repository refuse to.
 */
import { removalAccess } from '../cluster/api/required-access.ts';
import type { Progress } from '../core/progress.ts';
import type { PlanReport } from '../core/report.ts';
import type { RemovalReading } from './deprovision-preflight.ts';
import { removalPreflight } from './deprovision-preflight.ts';
import {
  describeGone,
  describeRemoval,
  describeRemovalPlan,
  removalPlan,
  unknownBucket,
} from './describe-deprovision.ts';
import type { ProvisionRequest } from './request.ts';
import type { Surroundings } from './session.ts';

/**
 * Plans the taking down of one instance. It takes no Lease, as it changes nothing that another run could miss.
 *
 * @param signal cancels it
 * @throws LaunchpadError, or an AggregateError of several: whatever a run would fail at before it touches anything
 */
export async function dryDeprovision(
  request: ProvisionRequest,
  surroundings: Surroundings,
  progress: Progress,
  signal: AbortSignal,
): Promise<PlanReport> {
  const cluster = surroundings.cluster.until(signal).readOnly();
  const repository = surroundings.repository.readOnly();
  const checks = removalAccess(request.instance);
  const { reading } = await progress.phase('Check the instance', () =>
    removalPreflight({ ...surroundings, cluster, repository }, request, { checks, progress }),
  );
  signal.throwIfAborted();
  return await progress.phase('Plan', async () => plan(request, reading, progress));
}

function plan(request: ProvisionRequest, reading: RemovalReading | undefined, progress: Progress): PlanReport {
  const report = removalPlan(request, reading);
  if (reading === undefined) {
    progress.info(describeGone(request.instance));
    return report;
  }
  progress.info(describeRemoval(reading, undefined));
  const warning = unknownBucket(reading, request.instance);
  if (warning !== undefined) progress.warning(warning);
  progress.info(describeRemovalPlan(report));
  return report;
}
