import { dryRun } from '../dry-run.ts';
import type { ProvisionRequest } from '../request.ts';
import type { ActionLog } from './log.ts';
import { setOutputs } from './outputs.ts';
import { planSummary } from './plan-summary.ts';
import { writeSummary } from './summary.ts';

/** The main step of a dry run: plans, and shows the plan. There is nothing for the post step to clean up. */
export async function planStep(request: ProvisionRequest, log: ActionLog, signal: AbortSignal): Promise<void> {
  const report = await dryRun(request, log, signal);
  setOutputs(report);
  await writeSummary(planSummary(report), log);
}
