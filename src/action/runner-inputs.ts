import * as core from '@actions/core';
import type { InputSource } from '../inputs/input-source.ts';

/** The inputs and the environment of the running action. */
export const runnerInputs: InputSource = {
  input: (name) => core.getInput(name),
  variable: (name) => process.env[name],
  environment: () => process.env,
};
