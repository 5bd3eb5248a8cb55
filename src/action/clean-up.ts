import type { Cluster } from '../cluster/api/client.ts';
import { releaseLease } from '../cluster/namespace/held-lease.ts';
import { leaseStore } from '../cluster/namespace/lease-store.ts';
import { leaseName } from '../cluster/objects/names.ts';
import { cleanUpRun } from '../cluster/workflows/cleanup.ts';
import { collectResults } from '../cluster/workflows/workflow-records.ts';
import { mapConcurrently } from '../core/concurrency.ts';
import { LaunchpadError } from '../core/errors.ts';
import type { ProgressLog } from '../core/progress.ts';
import { EMPTY_RECORD, type RunRecord } from '../core/run-record.ts';
import { RunRecorder } from '../core/run-recorder.ts';
import { afterProblems } from '../operations/cancellation.ts';
import { describeLeftovers } from '../operations/outcome/leftovers.ts';
import { lookUpEffects } from '../operations/outcome/look-up.ts';
import type { FailedOutcome } from '../operations/outcome/outcome.ts';
import { resultOf } from '../operations/outcome/result.ts';
import type { StartedRun } from '../operations/run-tasks.ts';
import type { ActionLog } from './log/action-log.ts';
import { InstanceLog } from './log/instance-log.ts';
import { annotateFailure } from './report/annotate-failure.ts';
import { failedDetail, reportSeveral } from './report/report-several.ts';
import { isReported, savedInstances, savedResults, unreportedRuns } from './state.ts';

/** The error of a run that could report nothing itself. @param record what it had done */
export function endedFromOutside(record: RunRecord): unknown {
  const stopped = 'The job was stopped (cancelled, timeout-minutes, or the runner was lost).';
  const remedy =
    'Run the job again: it continues from what exists. If nobody cancelled it, check timeout-minutes and the runner.';
  return afterProblems(new LaunchpadError('cancelled', stopped, { remedy }), record);
}

/**
 * Ends, side by side, what several runs left that main could not end itself; and tells of all instances of the step, where
 * main was killed before it could.
 *
 * @param cluster undefined if it cannot be reached
 */
export async function endSeveral(
  cluster: Cluster | undefined,
  runs: readonly StartedRun[],
  log: ActionLog,
): Promise<void> {
  const unreported = new Map(unreportedRuns().map(({ instance, record }) => [instance, record]));
  const ended = await mapConcurrently(
    runs,
    runs.length,
    async (run): Promise<[instance: string, record: RunRecord]> => {
      const { instance } = run;
      const own = new InstanceLog(instance, log, (line) => log.info(line));
      const before = unreported.get(instance);
      const record = await endRun(cluster, run, before, { own, log });
      const left = before === undefined ? [] : describeLeftovers(record, { resources: true });
      log.folded(`Clean-up of instance ${instance}`, [...own.take(), ...left]);
      return [instance, record];
    },
  );
  if (isReported()) return;
  const problems = unreportedRuns().flatMap(({ record }) => record.problems);
  annotateFailure(endedFromOutside({ ...EMPTY_RECORD, problems }), log);
  await reportAll(new Map([...unreported, ...ended]), log);
}

/**
 * Ends what one run left. It never throws: what cannot be ended is shown, and neither hides the report of the run nor keeps
 * other runs from being ended. The next run of the instance sees to it.
 *
 * @param before what the run had done, if main could not report it
 * @returns the same with what is found now
 */
export async function endRun(
  cluster: Cluster | undefined,
  run: StartedRun,
  before: RunRecord | undefined,
  { own, log }: { readonly own: ProgressLog; readonly log: ActionLog },
): Promise<RunRecord> {
  const { instance, id } = run;
  const recorder = new RunRecorder(own, undefined, before);
  if (cluster === undefined) return recorder.recorded;
  try {
    await own.phase(`Clean up after the run for ${instance}`, async () => {
      await cleanUpRun(cluster, { instance, run }, recorder);
      const store = leaseStore(cluster, { name: leaseName(instance), namespace: cluster.argocdNamespace });
      await releaseLease(store, { holder: id, onWarning: (line, cause) => recorder.warning(line, cause) });
    });
  } catch (error) {
    annotateFailure(error, log, { title: `${instance}: clean-up failed`, onlyNew: true });
  }
  if (before !== undefined) {
    await collectResults(cluster, { instance, run }, recorder);
    await lookUpEffects(cluster, instance, recorder);
  }
  return recorder.recorded;
}

/** @param records what those had come to that could not be told of, by instance */
async function reportAll(records: ReadonlyMap<string, RunRecord>, log: ActionLog): Promise<void> {
  const redact = (text: string) => log.redact(text);
  const saved = new Map(savedResults().map((result) => [result.instance, result]));
  const outcomeOf = (instance: string) => failed(instance, records.get(instance) ?? EMPTY_RECORD);
  const results = savedInstances().map((instance) => saved.get(instance) ?? resultOf(outcomeOf(instance), redact));
  const details = results
    .filter(({ instance }) => !saved.has(instance) && records.has(instance))
    .map(({ instance }) => failedDetail(outcomeOf(instance), undefined, redact));
  await reportSeveral(results, details, { links: undefined, log });
}

function failed(instance: string, record: RunRecord): FailedOutcome {
  const task = { instance, operation: record.operation, isDryRun: false, isPreview: false };
  return { task, record, kind: 'failed', error: endedFromOutside(record) };
}
