import { loadAssets } from '../assets.ts';
import { LaunchpadError } from '../errors.ts';
import { provision } from '../provision.ts';
import { cancellation } from './cancellation.ts';
import { failuresOf } from './failure.ts';
import { ActionLog } from './log.ts';
import { inputOf, runnerLookup } from './lookup.ts';
import { secretsIn } from './masks.ts';
import { setOutputs } from './outputs.ts';
import { planStep } from './plan-step.ts';
import { reportFailure } from './report-failure.ts';
import { readRequest } from './request.ts';
import { saveEnded, saveStarted } from './run-state.ts';
import { summaryOf, writeSummary } from './summary.ts';

/**
 * The action's main step: reads what the workflow asks for, provisions, and tells how it went. Whatever is thrown fails
 * the step.
 *
 * @param entry directory of the running entry point
 */
export async function mainStep(entry: string): Promise<void> {
  const log = new ActionLog();
  for (const secret of secretsIn(runnerLookup)) log.maskAlways(secret);
  try {
    const request = readRequest();
    const { hosted, instance, run } = request;
    const assets = await loadAssets(entry);
    if (request.isDryRun) {
      await planStep({ ...request, assets }, log, cancellation());
      return;
    }
    const onStarted = () => saveStarted({ instance, id: run.id });
    const report = await provision({ ...request, assets, onStarted }, log, cancellation());
    saveEnded();
    setOutputs(report);
    const commitUrl = `${hosted.serverUrl}/${hosted.owner}/${hosted.name}/commit/${report.commitSha}`;
    await writeSummary(summaryOf({ kind: 'succeeded', report, commitUrl }), log);
  } catch (error) {
    // Another run has taken over, and cleans up what this one left: nothing is to be deleted behind its back.
    if (error instanceof LaunchpadError && error.code === 'lease-lost') saveEnded();
    reportFailure(error, log);
    const instance = inputOf(runnerLookup, 'instance') ?? '';
    await writeSummary(summaryOf({ kind: 'failed', instance, failures: failuresOf(error) }), log);
  }
}
