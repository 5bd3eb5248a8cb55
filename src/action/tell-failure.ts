import { WorkflowFailed } from '../cluster/diagnosis/diagnosis.ts';
import { LaunchpadError } from '../errors.ts';
import type { RunRecord } from '../run-record.ts';
import { aftermathOf } from './aftermath.ts';
import { failuresOf } from './failure.ts';
import type { Links } from './links.ts';
import type { ActionLog } from './log.ts';
import { inputOf, runnerLookup } from './lookup.ts';
import { reportFailure } from './report-failure.ts';
import { summaryOf, type Unsuccess } from './summary/summary.ts';
import { writeSummary } from './summary/write.ts';

export interface TellOptions {
  readonly record: RunRecord;
  readonly links: Links | undefined;
  readonly log: ActionLog;
}

/** Fails the step, and says in the log and in the job summary what went wrong, what is there, and what a re-run does. */
export async function tellFailure(thrown: unknown, { record, links, log }: TellOptions): Promise<void> {
  reportFailure(thrown, log);
  for (const line of aftermathOf(record, { resources: true })) log.info(line);
  const summary = summaryOf({
    kind: kindOf(thrown),
    instance: inputOf(runnerLookup, 'instance'),
    failures: failuresOf(thrown),
    record,
    links,
    redact: (text) => log.redact(text),
  });
  await writeSummary(summary, log);
}

function kindOf(thrown: unknown): Unsuccess['kind'] {
  const errors: readonly unknown[] = thrown instanceof AggregateError ? thrown.errors : [thrown];
  if (errors.some((error) => error instanceof LaunchpadError && error.code === 'cancelled')) return 'cancelled';
  const isTimeOut = (error: unknown) => error instanceof WorkflowFailed && error.diagnosis.phase === 'TimedOut';
  return errors.some(isTimeOut) ? 'timed-out' : 'failed';
}
