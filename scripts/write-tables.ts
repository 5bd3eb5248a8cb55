/**
 * Writes the inputs and outputs of action.yml and README.md's tables of them from the tables in src/action/.
 *
 *   node scripts/write-tables.ts
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Scalar, stringify } from 'yaml';
import { OUTPUTS } from '../src/action/report/outputs.ts';
import type { Input } from '../src/inputs/input.ts';
import { ALL_INPUTS } from '../src/inputs/inputs.ts';
import { ALL_SETTINGS } from '../src/inputs/settings.ts';
import { between, table } from './markdown-table.ts';

const INPUTS: readonly Input[] = [...ALL_INPUTS, ...ALL_SETTINGS];

/** action.yml with the inputs and outputs of the tables. */
export function withInputsAndOutputs(actionYml: string): string {
  const inputs = Object.fromEntries(INPUTS.map((input) => [input.input, actionInput(input)]));
  const outputs = Object.fromEntries(
    OUTPUTS.map(({ output, description }) => [output, { description: folded(description) }]),
  );
  const text = stringify({ inputs, outputs }, { lineWidth: 118 });
  return actionYml.replace(/^inputs:\n[\s\S]*?(?=^runs:)/m, () => text);
}

/** README.md with the tables between its markers. */
export function withTables(readme: string): string {
  return between('outputs', outputsTable(), between('inputs', inputsTable(), readme));
}

/** A default in action.yml would hide the variables of the input: there the code has it. */
function actionInput(input: Input) {
  const { variables = [], required } = input;
  const hasVariables = variables.length > 0;
  const variable = hasVariables ? [`Variable: ${code(variables)}.`] : [];
  const defaultText = hasVariables && input.default !== undefined ? [`Default: ${code([input.default])}.`] : [];
  const needed = hasVariables && required !== undefined ? [`Required${condition(input)}.`] : [];
  return {
    description: folded([descriptionOf(input), ...needed, ...defaultText, ...variable].join(' ')),
    required: required === 'always' && !hasVariables,
    ...(!hasVariables && defaultOf(input) !== undefined ? { default: defaultOf(input) } : {}),
  };
}

/** What a caller who sets nothing gets, as he would write it. */
function defaultOf(input: Input): string | undefined {
  return input.default ?? input.expression;
}

/** A block scalar, in which text needs no quotes whatever it holds. */
function folded(text: string): Scalar {
  const scalar = new Scalar(text);
  scalar.type = Scalar.BLOCK_FOLDED;
  return scalar;
}

function inputsTable(): string {
  const rows = INPUTS.map((input) => [
    code([input.input]),
    code(input.variables ?? []),
    input.required === undefined ? '' : `yes${condition(input)}`,
    code([defaultOf(input) ?? []].flat()),
    descriptionOf(input),
  ]);
  return table(['Input', 'Variable', 'Required', 'Default', 'Description'], rows);
}

function outputsTable(): string {
  const rows = OUTPUTS.map(({ output, description }) => [code([output]), description]);
  return table(['Output', 'Description'], rows);
}

function descriptionOf({ description, secret }: Input): string {
  return secret === undefined ? description : `${description} Keep it in a secret.`;
}

function condition({ required }: Input): string {
  if (typeof required !== 'object') return '';
  return ` with ${required.map(({ input, value }) => `\`${input}: ${value}\``).join(' or ')}`;
}

function code(texts: readonly string[]): string {
  return texts.map((text) => `\`${text}\``).join(' or ');
}

async function rewrite(file: string, change: (text: string) => string): Promise<void> {
  const target = path.join(import.meta.dirname, '..', file);
  await writeFile(target, change(await readFile(target, 'utf8')));
}

if (import.meta.main) {
  await rewrite('action.yml', withInputsAndOutputs);
  await rewrite('README.md', withTables);
}
