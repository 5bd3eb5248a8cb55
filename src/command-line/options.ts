import { Option } from 'commander';
import type { Input } from '../inputs/input.ts';
import { isFlag, optionRows, secretRows, type Tables, variablesOf } from './tables.ts';

/** An option of a command, and the input that it sets. */
export interface InputOption {
  readonly row: Input;
  readonly option: Option;
}

/** What an input is at a terminal where it is not set, if that is something else than in a workflow. */
const DEFAULTS: Readonly<Record<string, string>> = {
  'commit-author-name': 'git config user.name',
  'commit-author-email': 'git config user.email',
};

const INPUTS_HEADING = 'What is done, and where:';
const SETTINGS_HEADING = 'Settings, each also by its variable:';

/** The options of a command, in the order of the tables. */
export function inputOptions({ inputs, settings }: Tables, operation: string): InputOption[] {
  const optionsOf = (rows: readonly Input[], heading: string) =>
    optionRows(rows, operation).map((row) => ({ row, option: optionOf(row).helpGroup(heading) }));
  return [...optionsOf(inputs, INPUTS_HEADING), ...optionsOf(settings, SETTINGS_HEADING)];
}

/** `--no-…` for each flag: it says `false` where a variable says `true`. They are not listed. */
export function negativeOptions(options: readonly InputOption[]): Option[] {
  return options.filter(({ row }) => isFlag(row)).map(({ row }) => new Option(`--no-${row.input}`).hideHelp());
}

/** Options that are only there to be refused: whatever stands behind them is not read. */
export function refusedOptions(tables: Tables): InputOption[] {
  return secretRows(tables).map((row) => ({ row, option: new Option(`--${row.input} [value]`).hideHelp() }));
}

/** The text of a table's row, which is Markdown, for a terminal. */
export function plainText(markdown: string): string {
  return markdown.replaceAll('`', '');
}

function optionOf(row: Input): Option {
  const value = isFlag(row) ? '' : ` <${valueName(row)}>`;
  const notes = [
    ...(row.required === undefined ? [] : [requirement(row)]),
    ...defaultNote(row),
    ...(variablesOf(row).length > 0 ? [`variable: ${variablesOf(row).join(' or ')}`] : []),
  ];
  const note = notes.length === 0 ? '' : ` [${notes.join('; ')}]`;
  return new Option(`--${row.input}${value}`, `${plainText(row.description)}${note}`);
}

function valueName({ input }: Input): string {
  const words = input.split('-');
  return (words.length > 1 && words.at(-1)) || 'value';
}

function requirement({ required }: Input): string {
  if (typeof required !== 'object') return 'required';
  return `required with ${required.map(({ input, value }) => `--${input} ${value}`).join(' or ')}`;
}

function defaultNote(row: Input): string[] {
  const value = DEFAULTS[row.input] ?? (isFlag(row) ? undefined : row.default);
  return value === undefined ? [] : [`default: ${value}`];
}
