import type { Cluster } from '../cluster/api/client.ts';
import { releaseLease } from '../cluster/namespace/lease.ts';
import { ARGOCD_NAMESPACE, leaseName } from '../cluster/objects/names.ts';
import { LaunchpadError } from '../core/errors.ts';
import type { ProgressLog } from '../core/progress.ts';
import { endRun } from '../end-run.ts';
import type { StartedRun } from './state.ts';

/** Ends what one run left. */
export async function cleanUp(cluster: Cluster, run: StartedRun, log: ProgressLog): Promise<void> {
  const { instance, id } = run;
  await log.phase(`Clean up after the run for ${instance}`, async () => {
    await endRun(cluster, { instance, run }, log);
    await releaseLease(cluster, { name: leaseName(instance), namespace: ARGOCD_NAMESPACE, holder: id });
  });
}

/** What is said of a run that could say nothing itself. */
export function endedFromOutside(): LaunchpadError {
  return new LaunchpadError('cancelled', 'The run was ended from outside before it could say how it went.', {
    remedy:
      'Where nobody cancelled the job, look at its time limit (timeout-minutes) and at the runner; then run again.',
  });
}
