import type { RunRecord } from '../../core/run-record.ts';
import type { Links } from '../../inputs/links.ts';
import { type FailureKind, failureKindOf, failuresOf } from '../../operations/outcome/failure.ts';
import { describeLeftovers } from '../../operations/outcome/leftovers.ts';
import type { ActionLog } from '../log/action-log.ts';
import { writeSummary } from '../runner.ts';
import { summaryOf } from '../summary/summary.ts';
import { annotateFailure } from './annotate-failure.ts';

export interface ReportOptions {
  /** Undefined where not even its name is known. */
  readonly instance: string | undefined;
  readonly record: RunRecord;
  readonly links: Links | undefined;
  readonly log: ActionLog;
}

/** Fails the step, and says in the log and in the job summary what went wrong, what is there, and what a re-run does. */
export async function reportFailure(thrown: unknown, { instance, record, links, log }: ReportOptions): Promise<void> {
  const kind = failureKindOf(thrown);
  annotateFailure(thrown, log, { title: failureTitle(kind, record) });
  for (const line of describeLeftovers(record, { resources: true })) log.info(line);
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

/** The title of a failure of that kind, where it is not the usual one. */
export function failureTitle(kind: FailureKind, { operation }: RunRecord): string | undefined {
  if (operation === 'deprovision') return 'Deprovisioning failed';
  return kind === 'not-synced' ? 'Argo CD has not synced the instance' : undefined;
}
