import { Cluster } from '../cluster/client.ts';
import { releaseLease } from '../cluster/lease.ts';
import { ARGOCD_NAMESPACE, leaseName } from '../cluster/names.ts';
import { endRun } from '../end-run.ts';
import { clusterAccess } from './cluster-access.ts';
import { ActionLog } from './log.ts';
import { runnerLookup } from './lookup.ts';
import { secretsIn } from './masks.ts';
import { reportFailure } from './report-failure.ts';
import { unendedRun } from './run-state.ts';

/** The action's post step: ends what main began and could not end itself, because it failed or was cancelled or killed. */
export async function postStep(): Promise<void> {
  const run = unendedRun();
  if (run === undefined) return;
  const log = new ActionLog();
  for (const secret of secretsIn(runnerLookup)) log.maskAlways(secret);
  try {
    const { instance, id } = run;
    const cluster = await Cluster.connect(clusterAccess(runnerLookup), { onRetry: (line) => log.info(line) });
    await log.phase(`Clean up after the run for ${instance}`, async () => {
      await endRun(cluster, { instance, run }, log);
      await releaseLease(cluster, { name: leaseName(instance), namespace: ARGOCD_NAMESPACE, holder: id });
    });
    await cluster.close();
  } catch (error) {
    reportFailure(error, log, 'Clean-up failed');
  }
}
