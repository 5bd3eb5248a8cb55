import * as core from '@actions/core';
import type { Lookup } from '../inputs/lookup.ts';

/** The inputs and the environment of the running action. */
export const runnerLookup: Lookup = {
  input: (name) => core.getInput(name),
  variable: (name) => process.env[name],
  environment: () => process.env,
};
