import * as core from '@actions/core';
import { messageOf } from '../../core/errors.ts';
import { type Lookup, variableOf } from '../../inputs/lookup.ts';
import type { ActionLog } from '../log/action-log.ts';
import { runnerLookup } from '../runner-lookup.ts';

/** Adds a summary to the job's, where the runner has one. That it cannot be written does not fail the run. */
export async function writeSummary(markdown: string, log: ActionLog, lookup: Lookup = runnerLookup): Promise<void> {
  if (variableOf(lookup, 'GITHUB_STEP_SUMMARY') === undefined) return;
  try {
    await core.summary.addRaw(log.redact(markdown)).write();
  } catch (error) {
    log.warning(`The job summary was not written: ${messageOf(error)}`);
  }
}
