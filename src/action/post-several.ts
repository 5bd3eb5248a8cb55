import type { Cluster } from '../cluster/client.ts';
import { RunJournal } from '../run-journal.ts';
import { NOTHING } from '../run-record.ts';
import { sideBySide } from '../side-by-side.ts';
import { takeStock } from '../take-stock.ts';
import { aftermathOf } from './aftermath.ts';
import { cleanUp, endedFromOutside } from './clean-up.ts';
import { InstanceLog } from './instance-log.ts';
import type { ActionLog } from './log.ts';
import type { FailedOutcome } from './outcome.ts';
import { reportFailure } from './report-failure.ts';
import { resultOf } from './result.ts';
import { isTold, type StartedRun, savedInstances, savedResults, untoldRuns } from './run-state.ts';
import { failedDetail, tellSeveral } from './tell-several.ts';

/**
 * Ends, side by side, what several runs left that main could not end itself; and tells of all instances of the step, where
 * main was killed before it could.
 */
export async function endSeveral(cluster: Cluster, runs: readonly StartedRun[], log: ActionLog): Promise<void> {
  const untold = untoldRuns();
  const ended = await sideBySide(runs, runs.length, async (run) => {
    const record = untold.find(({ instance }) => instance === run.instance)?.record;
    return await endOne(cluster, run, record, log);
  });
  if (isTold()) return;
  reportFailure(endedFromOutside(), log);
  await tellAll([...ended, ...untold.map((run) => failed(run.instance, run.record))], log);
}

/** What cannot be ended of one does not keep the others from it: the next run of the instance sees to it. */
async function endOne(cluster: Cluster, run: StartedRun, record = NOTHING, log: ActionLog): Promise<FailedOutcome> {
  const { instance } = run;
  const own = new InstanceLog(instance, log, (line) => log.info(line));
  const journal = new RunJournal(own, undefined, record);
  try {
    await cleanUp(cluster, run, own);
  } catch (error) {
    reportFailure(error, log, { title: `${instance}: clean-up failed` });
  }
  await takeStock(cluster, { instance, run }, journal);
  log.folded(`Clean-up of instance ${instance}`, [...own.take(), ...aftermathOf(journal.record, { resources: true })]);
  return failed(instance, journal.record);
}

/** @param outcomes of runs that could not be told of; of two for one instance the first counts */
async function tellAll(outcomes: readonly FailedOutcome[], log: ActionLog): Promise<void> {
  const redact = (text: string) => log.redact(text);
  const saved = new Map(savedResults().map((result) => [result.instance, result]));
  const unsaved = new Map(
    outcomes.toReversed().flatMap((outcome) => {
      const { instance } = outcome.task;
      return saved.has(instance) ? [] : [[instance, outcome]];
    }),
  );
  const results = savedInstances().map(
    (instance) => saved.get(instance) ?? resultOf(unsaved.get(instance) ?? failed(instance, NOTHING), redact),
  );
  const details = [...unsaved.values()].map((outcome) => failedDetail(outcome, undefined, redact));
  await tellSeveral(results, details, { links: undefined, log });
}

function failed(instance: string, record: FailedOutcome['record']): FailedOutcome {
  const task = { instance, operation: 'provision', isDryRun: false, isSandbox: false } as const;
  return { task, record, kind: 'failed', error: endedFromOutside() };
}
