import * as core from '@actions/core';
import type { InputSource } from '../inputs/input-source.ts';
import { secretsIn } from '../inputs/secrets/masks.ts';
import { ActionLog } from './log/action-log.ts';

/** The inputs and the environment of the running action. */
export const runnerInputs: InputSource = {
  input: (name) => core.getInput(name),
  variable: (name) => process.env[name],
  environment: () => process.env,
};

/** The job log, with all secrets of the inputs masked. A log that cannot be written does not end a run in its middle. */
export function runnerLog(): ActionLog {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const log = new ActionLog();
  for (const secret of secretsIn(runnerInputs)) log.maskAlways(secret);
  return log;
}
