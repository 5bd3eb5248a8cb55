import type { PlanReport } from '../core/report.ts';
import type { RunRecord } from '../core/run-record.ts';
import type { Links } from '../inputs/links.ts';
import { describePlanReport } from '../operations/describe-plan.ts';
import { closingLines, closingOf } from '../operations/outcome/closing.ts';
import { failuresOf, failureText, mergedFailures } from '../operations/outcome/failure.ts';
import { describeLeftovers } from '../operations/outcome/leftovers.ts';
import type { Outcome } from '../operations/outcome/outcome.ts';
import { EXIT_CODES, exitCodeFor } from './exit-codes.ts';
import { terminalRemedies } from './remedies.ts';
import { type Style, type TerminalLog, write } from './terminal-log.ts';

/** Shows on standard output what was done or would be, what an instance has now, and what to do next. */
export function showReport(outcome: Exclude<Outcome, { kind: 'failed' }>, links: Links, log: TerminalLog): void {
  const out = (text: string, style?: Style) => write(process.stdout, log.shown(text), style);
  if (outcome.kind === 'planned') {
    showPlan(outcome.report, { log, stream: process.stdout, note: 'dry run, no changes made' });
    return;
  }
  // The operator's own push starts the workflows that listen to pushes.
  const closing = closingOf(outcome, { pages: links, startsWorkflows: true, isFenced: true });
  if (closing.kind === 'good') out(`✓ ${closing.headline}`, 'green');
  else out(`! ${closing.headline}`, 'yellow');
  for (const line of closingLines(closing)) out(line);
}

/** Shows what would be done. */
export function showPlan(
  report: PlanReport,
  { log, stream, note }: { readonly log: TerminalLog; readonly stream: NodeJS.WritableStream; readonly note: string },
): void {
  const { instance } = report;
  write(stream, log.shown(`Plan for instance ${instance} (${note}):`), 'bold');
  for (const { text, style } of describePlanReport(report)) {
    write(stream, log.shown(`  ${text.replaceAll('\n', '\n  ')}`), style);
  }
}

export interface FailureContext {
  /** Absent if the failure belongs to no instance. */
  readonly instance?: string;
  /** The run so far; absent if it had not begun. */
  readonly record?: RunRecord;
  readonly log: TerminalLog;
}

/** Shows on standard error what failed, why, and what to do; and what is there after all. */
export function showFailure(thrown: unknown, { instance, record, log }: FailureContext): void {
  if (thrown instanceof Error) log.debug(thrown.stack ?? '');
  const kind = exitCodeFor([thrown]) === EXIT_CODES.cancelled.code ? 'cancelled' : 'failed';
  for (const failure of mergedFailures(failuresOf(thrown, terminalRemedies))) {
    if (instance !== undefined)
      log.error(`✗ ${instance}: ${kind === 'cancelled' ? kind : (failure.title ?? kind)}`, 'red');
    log.error(`${instance === undefined ? '✗ ' : ''}${failureText(failure)}`);
  }
  for (const line of record === undefined ? [] : describeLeftovers(record, { resources: true })) log.error(line);
}
