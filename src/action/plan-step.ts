import { dryRun } from '../dry-run.ts';
import type { Progress } from '../progress.ts';
import type { ProvisionRequest } from '../request.ts';
import type { ActionLog } from './log.ts';
import { setOutputs } from './outputs.ts';
import { planSummary } from './summary/plan-summary.ts';
import { writeSummary } from './summary/write.ts';

/** The main step of a dry run: plans, and shows the plan. There is nothing for the post step to clean up. */
export async function planStep(
  request: ProvisionRequest,
  { journal, log, signal }: { readonly journal: Progress; readonly log: ActionLog; readonly signal: AbortSignal },
): Promise<void> {
  const report = await dryRun(request, journal, signal);
  setOutputs(report);
  await writeSummary(planSummary(report), log);
}
