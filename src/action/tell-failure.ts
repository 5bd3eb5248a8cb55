import { WorkflowFailed } from '../cluster/diagnosis/diagnosis.ts';
import { LaunchpadError } from '../errors.ts';
import type { RunRecord } from '../run-record.ts';
import { aftermathOf } from './aftermath.ts';
import { failuresOf } from './failure.ts';
import type { Links } from './links.ts';
import type { ActionLog } from './log.ts';
import { reportFailure } from './report-failure.ts';
import { summaryOf, type Unsuccess } from './summary/summary.ts';
import { writeSummary } from './summary/write.ts';

export interface TellOptions {
  /** Undefined where not even its name is known. */
  readonly instance: string | undefined;
  readonly record: RunRecord;
  readonly links: Links | undefined;
  readonly log: ActionLog;
}

/** Fails the step, and says in the log and in the job summary what went wrong, what is there, and what a re-run does. */
export async function tellFailure(thrown: unknown, { instance, record, links, log }: TellOptions): Promise<void> {
  const kind = kindOf(thrown);
  reportFailure(thrown, log, titleOf(kind, record));
  for (const line of aftermathOf(record, { resources: true })) log.info(line);
  const summary = summaryOf({
    kind,
    instance,
    failures: failuresOf(thrown),
    record,
    links,
    redact: (text) => log.redact(text),
  });
  await writeSummary(summary, log);
}

function titleOf(kind: Unsuccess['kind'], { operation }: RunRecord): string | undefined {
  if (operation === 'deprovision') return 'Taking down failed';
  return kind === 'not-synced' ? 'Argo CD has not synced the instance' : undefined;
}

/** Codes of a wait for Argo CD that ended badly: all else is done by then. */
const NOT_SYNCED = ['sync-failed', 'sync-timeout', 'application-deleted'];

function kindOf(thrown: unknown): Unsuccess['kind'] {
  const errors: readonly unknown[] = thrown instanceof AggregateError ? thrown.errors : [thrown];
  const codes = errors.flatMap((error) => (error instanceof LaunchpadError ? error.code : []));
  if (codes.includes('cancelled')) return 'cancelled';
  if (codes.some((code) => NOT_SYNCED.includes(code))) return 'not-synced';
  const isTimeOut = (error: unknown) => error instanceof WorkflowFailed && error.diagnosis.phase === 'TimedOut';
  return errors.some(isTimeOut) ? 'timed-out' : 'failed';
}
