import { linksOf } from '../../inputs/links.ts';
import type { ActionRequest } from '../../inputs/request.ts';
import type { Outcome } from '../../operations/outcome/outcome.ts';
import { resultOf } from '../../operations/outcome/result.ts';
import type { ActionLog } from '../log/action-log.ts';
import { deprovisionSummary } from '../summary/deprovision-summary.ts';
import { planSummary } from '../summary/plan-summary.ts';
import { summaryOf } from '../summary/summary.ts';
import { writeSummary } from '../summary/write.ts';
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
  const ownToken = request.repository.token !== undefined;
  const results = outcomes.map((outcome) => resultOf(outcome, redact));
  const { previewProject } = request;
  const details = outcomes.map((outcome) => detailOf(outcome, { links, ownToken, previewProject, redact }));
  await reportSeveral(results, details, { links, log });
  setResults(outcomes, redact);
  setOutputsOfSeveral(reports);
}

async function reportOutcome(outcome: Outcome, request: ActionRequest, log: ActionLog): Promise<void> {
  const links = linksOf(request);
  const { record, task } = outcome;
  switch (outcome.kind) {
    case 'provisioned': {
      const { report } = outcome;
      const ownToken = request.repository.token !== undefined;
      const isUnfenced = task.isPreview && request.previewProject === undefined;
      await writeSummary(summaryOf({ kind: 'succeeded', report, record, links, ownToken, isUnfenced }), log);
      return;
    }
    case 'deprovisioned':
      await writeSummary(deprovisionSummary({ report: outcome.report, record, links }), log);
      return;
    case 'planned':
      await writeSummary(planSummary(outcome.report), log);
      return;
    case 'failed':
      await reportFailure(outcome.error, { instance: task.instance, record, links, log });
      return;
  }
}
