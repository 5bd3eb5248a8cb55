import { statSync, truncateSync } from 'node:fs';
import * as core from '@actions/core';
import { cannotWrite } from '../core/disk-error.ts';
import { type InputSource, variableOf } from '../inputs/input-source.ts';
import { secretsIn } from '../inputs/secrets/masks.ts';
import { ActionLog } from './log/action-log.ts';
import { withPlainMasks } from './summary/markdown.ts';

/** The inputs and the environment of the running action. */
export const runnerInputs: InputSource = {
  input: (name) => core.getInput(name),
  variable: (name) => process.env[name],
  environment: () => process.env,
};

/**
 * The job log, with all secrets of the inputs masked. A log that cannot be written does not end a run in its middle.
 *
 * @param causes what the annotations of the step before were about
 */
export function runnerLog(causes: readonly string[] = []): ActionLog {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const log = new ActionLog(causes);
  for (const secret of secretsIn(runnerInputs)) log.maskAlways(secret);
  return log;
}

/** The files by which the runner takes in what a step hands on. */
export type RunnerFile = 'GITHUB_OUTPUT' | 'GITHUB_STATE';

/**
 * Adds to a file of the runner. What was added in part is removed again: the runner reads nothing of a file that ends in
 * the middle of a value.
 *
 * @throws LaunchpadError `disk-failed` that names the file
 */
export function writeRunnerFile(name: RunnerFile, write: () => void): void {
  const file = variableOf(runnerInputs, name);
  const before = file === undefined ? undefined : sizeOf(file);
  try {
    write();
  } catch (error) {
    if (file === undefined) throw error;
    shorten(file, before ?? 0);
    throw cannotWrite(`${file} (${name})`, error);
  }
}

/** Empties a file of the runner, as far as it can be written. */
export function clearRunnerFile(name: RunnerFile): void {
  const file = variableOf(runnerInputs, name);
  if (file !== undefined) shorten(file, 0);
}

function shorten(file: string, size: number): void {
  try {
    truncateSync(file, size);
  } catch {
    // It cannot be written at all, so that nothing was added.
  }
}

function sizeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.size;
}

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
