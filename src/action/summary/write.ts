import * as core from '@actions/core';
import { cannotWrite } from '../../core/disk-error.ts';
import { variableOf } from '../../inputs/input-source.ts';
import type { ActionLog } from '../log/action-log.ts';
import { runnerInputs } from '../runner-inputs.ts';
import { withPlainMasks } from './markdown.ts';

/** Adds a summary to the job's, where the runner has one. A summary that cannot be written does not fail the run. */
export async function writeSummary(markdown: string, log: ActionLog): Promise<void> {
  const file = variableOf(runnerInputs, 'GITHUB_STEP_SUMMARY');
  if (file === undefined) return;
  try {
    await core.summary.addRaw(withPlainMasks(log.redact(markdown))).write();
  } catch (error) {
    const { message, remedy = '' } = cannotWrite(`${file} (GITHUB_STEP_SUMMARY)`, error);
    log.warning(`The job summary was not written. ${message} ${remedy}`);
  }
}
