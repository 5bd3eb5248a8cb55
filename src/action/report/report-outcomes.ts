import { linksOf } from '../../inputs/links.ts';
import type { ActionRequest } from '../../inputs/request.ts';
import { describePlanReport } from '../../operations/describe-plan.ts';
import { type ClosingOptions, closingOf } from '../../operations/outcome/closing.ts';
import type { Outcome } from '../../operations/outcome/outcome.ts';
import { resultOf } from '../../operations/outcome/result.ts';
import type { ActionLog } from '../log/action-log.ts';
import { writeSummary } from '../runner.ts';
import { deprovisionSummary } from '../summary/deprovision-summary.ts';
import { planSummary } from '../summary/plan-summary.ts';
import { summaryOf } from '../summary/summary.ts';
import { setOutputs, setOutputsOfSeveral, setResults } from './outputs.ts';
import { reportFailure } from './report-failure.ts';
import { detailOf, reportSeveral } from './report-several.ts';

/**
 * Tells how the tasks of a step ended: the log of what failed, the job summary, and the outputs. The outputs go last: where
 * they cannot be written, all else has been reported.
 *
 * @throws LaunchpadError `disk-failed` if the file of outputs cannot be written
 */
export async function reportOutcomes(
  outcomes: readonly Outcome[],
  request: ActionRequest,
  log: ActionLog,
): Promise<void> {
  const redact = (text: string) => log.redact(text);
  const reports = outcomes.flatMap((outcome) => ('report' in outcome ? [outcome.report] : []));
  if (outcomes.length < 2) {
    for (const outcome of outcomes) await reportOutcome(outcome, request, log);
    setResults(outcomes, redact);
    for (const report of reports) setOutputs(report);
    return;
  }
  const links = linksOf(request);
  const closing = closingOptions(request);
  const results = outcomes.map((outcome) => resultOf(outcome, redact));
  const details = outcomes.map((outcome) => detailOf(outcome, { links, closing, redact }));
  await reportSeveral(results, details, { links, log });
  for (const outcome of outcomes) {
    // A plan is in the log of its instance, and its counts are in the line of its end.
    if (outcome.kind === 'provisioned' || outcome.kind === 'deprovisioned') log.closing(closingOf(outcome, closing));
  }
  setResults(outcomes, redact);
  setOutputsOfSeveral(reports);
}

/** How the last words about an instance are said where the run is a workflow's. */
export function closingOptions(request: ActionRequest): ClosingOptions {
  return {
    pages: linksOf(request),
    startsWorkflows: request.repository.token !== undefined,
    isFenced: request.previewProject !== undefined,
  };
}

async function reportOutcome(outcome: Outcome, request: ActionRequest, log: ActionLog): Promise<void> {
  const links = linksOf(request);
  const { record, task } = outcome;
  if (outcome.kind === 'failed') {
    await reportFailure(outcome.error, { instance: task.instance, record, links, log });
    return;
  }
  const closing = closingOf(outcome, closingOptions(request));
  switch (outcome.kind) {
    case 'provisioned':
      await writeSummary(summaryOf({ kind: 'succeeded', report: outcome.report, record, links, closing }), log);
      break;
    case 'deprovisioned':
      await writeSummary(deprovisionSummary({ report: outcome.report, record, links, closing }), log);
      break;
    case 'planned':
      await writeSummary(planSummary(outcome.report), log);
      log.plan(describePlanReport(outcome.report));
      return;
  }
  log.closing(closing);
}
