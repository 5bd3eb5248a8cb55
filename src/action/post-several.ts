import type { Cluster } from '../cluster/api/client.ts';
import { RunJournal } from '../core/run-journal.ts';
import { NOTHING, type RunRecord } from '../core/run-record.ts';
import { aftermathOf } from '../operations/outcome/aftermath.ts';
import type { FailedOutcome } from '../operations/outcome/outcome.ts';
import { resultOf } from '../operations/outcome/result.ts';
import { sideBySide } from '../side-by-side.ts';
import { takeStock } from '../take-stock.ts';
import { cleanUp, endedFromOutside } from './clean-up.ts';
import type { ActionLog } from './log/action-log.ts';
import { InstanceLog } from './log/instance-log.ts';
import { reportFailure } from './report/report-failure.ts';
import { failedDetail, tellSeveral } from './report/tell-several.ts';
import { isTold, type StartedRun, savedInstances, savedResults, untoldRuns } from './state.ts';

/**
 * Ends, side by side, what several runs left that main could not end itself; and tells of all instances of the step, where
 * main was killed before it could.
 */
export async function endSeveral(cluster: Cluster, runs: readonly StartedRun[], log: ActionLog): Promise<void> {
  const untold = new Map(untoldRuns().map(({ instance, record }) => [instance, record]));
  const ended = await sideBySide(runs, runs.length, (run) => endOne(cluster, run, untold.get(run.instance), log));
  if (isTold()) return;
  reportFailure(endedFromOutside(), log);
  await tellAll(new Map([...untold, ...ended]), log);
}

/**
 * What cannot be ended of one does not keep the others from it: the next run of the instance sees to it.
 *
 * @param record what it had come to, where main could not tell of it
 * @returns the same with what is there now
 */
async function endOne(
  cluster: Cluster,
  run: StartedRun,
  record: RunRecord | undefined,
  log: ActionLog,
): Promise<[instance: string, record: RunRecord]> {
  const { instance } = run;
  const own = new InstanceLog(instance, log, (line) => log.info(line));
  try {
    await cleanUp(cluster, run, own);
  } catch (error) {
    reportFailure(error, log, { title: `${instance}: clean-up failed` });
  }
  const journal = new RunJournal(own, undefined, record);
  if (record !== undefined) await takeStock(cluster, { instance, run }, journal);
  const left = record === undefined ? [] : aftermathOf(journal.record, { resources: true });
  log.folded(`Clean-up of instance ${instance}`, [...own.take(), ...left]);
  return [instance, journal.record];
}

/** @param records what those had come to that could not be told of, by instance */
async function tellAll(records: ReadonlyMap<string, RunRecord>, log: ActionLog): Promise<void> {
  const redact = (text: string) => log.redact(text);
  const saved = new Map(savedResults().map((result) => [result.instance, result]));
  const outcomeOf = (instance: string) => failed(instance, records.get(instance) ?? NOTHING);
  const results = savedInstances().map((instance) => saved.get(instance) ?? resultOf(outcomeOf(instance), redact));
  const details = results
    .filter(({ instance }) => !saved.has(instance) && records.has(instance))
    .map(({ instance }) => failedDetail(outcomeOf(instance), undefined, redact));
  await tellSeveral(results, details, { links: undefined, log });
}

function failed(instance: string, record: RunRecord): FailedOutcome {
  const task = { instance, operation: record.operation, isDryRun: false, isSandbox: false };
  return { task, record, kind: 'failed', error: endedFromOutside() };
}
