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

/** The job log, with all secrets of the inputs masked. */
export function runnerLog(): ActionLog {
  const log = new ActionLog();
  for (const secret of secretsIn(runnerInputs)) log.maskAlways(secret);
  return log;
}
