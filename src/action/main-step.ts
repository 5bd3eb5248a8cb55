import { loadAssets } from '../assets.ts';
import { LaunchpadError } from '../errors.ts';
import { provision } from '../provision.ts';
import { RunJournal } from '../run-journal.ts';
import { cancellation } from './cancellation.ts';
import { type Links, linksOf } from './links.ts';
import { ActionLog } from './log.ts';
import { runnerLookup } from './lookup.ts';
import { secretsIn } from './masks.ts';
import { setOutputs } from './outputs.ts';
import { planStep } from './plan-step.ts';
import { readRequest } from './request.ts';
import { saveEnded, saveRecord, saveStarted, saveTold } from './run-state.ts';
import { summaryOf } from './summary/summary.ts';
import { writeSummary } from './summary/write.ts';
import { tellFailure } from './tell-failure.ts';

/**
 * The action's main step: reads what the workflow asks for, provisions, and tells how it went. Whatever is thrown fails
 * the step.
 *
 * @param entry directory of the running entry point
 */
export async function mainStep(entry: string): Promise<void> {
  const log = new ActionLog();
  for (const secret of secretsIn(runnerLookup)) log.maskAlways(secret);
  const journal = new RunJournal(log, saveRecord);
  let links: Links | undefined;
  try {
    const request = readRequest();
    const { instance, repository, run } = request;
    links = linksOf(request);
    const assets = await loadAssets(entry);
    if (request.isDryRun) {
      await planStep({ ...request, assets }, { journal, log, signal: cancellation() });
      return;
    }
    const onStarted = () => saveStarted({ instance, id: run.id });
    const report = await provision({ ...request, assets, onStarted }, journal, cancellation());
    saveEnded();
    setOutputs(report);
    const ownToken = repository.token !== undefined;
    await writeSummary(summaryOf({ kind: 'succeeded', report, record: journal.record, links, ownToken }), log);
  } catch (error) {
    // Another run has taken over, and cleans up what this one left: nothing is to be deleted behind its back.
    if (error instanceof LaunchpadError && error.code === 'lease-lost') saveEnded();
    await tellFailure(error, { record: journal.record, links, log });
    saveTold();
  }
}
