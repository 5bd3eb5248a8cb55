import type { Input } from '../inputs/input.ts';
import { ALL_INPUTS, INPUTS } from '../inputs/inputs.ts';
import { ALL_SETTINGS } from '../inputs/settings.ts';
import { flag } from '../inputs/values/values.ts';

/** What can be set at a terminal: the rows of the action's own tables, so that the two cannot drift. */
export interface Tables {
  readonly inputs: readonly Input[];
  readonly settings: readonly Input[];
}

export const TABLES: Tables = { inputs: ALL_INPUTS, settings: ALL_SETTINGS };

/** Inputs that are said in another way: the arguments, the subcommand; and what only a workflow has. */
const NO_OPTIONS: readonly string[] = ['instance', 'operation', 'api-token', 'deployment'];

/** The rows that a command has options for. */
export function optionRows(rows: readonly Input[], operation: string): Input[] {
  return rows.filter(
    ({ input, secret }) =>
      secret === undefined &&
      !NO_OPTIONS.includes(input) &&
      (!['confirm', 'keep'].includes(input) || operation === 'deprovision'),
  );
}

/** The rows that are set by variables only: an argument list is public on a machine. */
export function secretRows({ inputs, settings }: Tables): Input[] {
  return [...inputs, ...settings].filter(({ input, secret }) => secret !== undefined && !NO_OPTIONS.includes(input));
}

/** The variables that stand for an input at a terminal; where the table has none, a secret one gets one. */
export function variablesOf({ input, secret, variables }: Input): readonly string[] {
  if (variables !== undefined) return variables;
  if (input === INPUTS.kubeconfig.input) return ['KUBECONFIG'];
  return secret === undefined ? [] : [`LAUNCHPAD_${input.toUpperCase().replaceAll('-', '_')}`];
}

/** Whether an input is `true` or `false`, so that its option takes no value. */
export function isFlag({ parse }: Input): boolean {
  return parse === flag;
}

/** Whether there is an input of that name. */
export function hasInput({ inputs }: Tables, name: string): boolean {
  return inputs.some(({ input }) => input === name);
}
