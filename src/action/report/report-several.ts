import * as core from '@actions/core';
import type { Links } from '../../inputs/links.ts';
import { type ClosingOptions, closingOf } from '../../operations/outcome/closing.ts';
import { failureKindOf, failuresOf } from '../../operations/outcome/failure.ts';
import type { FailedOutcome, Outcome } from '../../operations/outcome/outcome.ts';
import { isFailed, type Redact, type Result, resultLines } from '../../operations/outcome/result.ts';
import type { ActionLog } from '../log/action-log.ts';
import { writeSummary } from '../runner.ts';
import { batchSummary, type Detail } from '../summary/batch-summary.ts';
import type { Unsuccess } from '../summary/summary.ts';

export interface SeveralOptions {
  readonly links: Links | undefined;
  readonly log: ActionLog;
}

/**
 * Tells how several instances ended: a table in the log, and the job summary. What failed of each has been shown when it
 * ended. Fails the step if any failed.
 *
 * @param results of all instances
 * @param details of those that more is known of
 */
export async function reportSeveral(
  results: readonly Result[],
  details: readonly Detail[],
  { links, log }: SeveralOptions,
): Promise<void> {
  for (const line of resultLines(results)) log.info(line);
  if (results.some(isFailed)) process.exitCode = core.ExitCode.Failure;
  await writeSummary(batchSummary(results, details, links), log);
}

interface DetailOptions {
  readonly links: Links;
  readonly closing: ClosingOptions;
  readonly redact: Redact;
}

/** What a summary of several instances has of one. */
export function detailOf(outcome: Outcome, { links, closing, redact }: DetailOptions): Detail {
  const { record } = outcome;
  switch (outcome.kind) {
    case 'provisioned':
      return { kind: 'succeeded', report: outcome.report, record, links, closing: closingOf(outcome, closing) };
    case 'deprovisioned':
      return { kind: 'deprovisioned', report: outcome.report, record, links, closing: closingOf(outcome, closing) };
    case 'planned':
      return { kind: 'planned', report: outcome.report };
    case 'failed':
      return failedDetail(outcome, links, redact);
  }
}

/** The same of one that failed. */
export function failedDetail(
  { task, record, error }: FailedOutcome,
  links: Links | undefined,
  redact: Redact,
): Unsuccess {
  return { kind: failureKindOf(error), instance: task.instance, failures: failuresOf(error), record, links, redact };
}
