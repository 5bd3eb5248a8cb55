/**
 * Writes what the documentation says of inputs, outputs and causes of failures from the tables in src/: action.yml,
 * docs/inputs.md, README.md's outputs and docs/troubleshooting.md.
 *
 *   node scripts/write-tables.ts
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Scalar, stringify } from 'yaml';
import { OUTPUTS } from '../src/action/report/outputs.ts';
import { CAUSES } from '../src/cluster/causes/causes.ts';
import type { Input } from '../src/inputs/input.ts';
import { ALL_INPUTS } from '../src/inputs/inputs.ts';
import { ALL_SETTINGS } from '../src/inputs/settings.ts';
import { ALL_VENDOR_CAUSES } from '../src/provisioners/causes.ts';
import { between, table } from './markdown-table.ts';
import { provisionerErrors } from './provisioner-errors.ts';

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

/** README.md with the outputs between its markers. */
export function withOutputs(readme: string): string {
  return between('outputs', outputsTable(), readme);
}

/** docs/inputs.md with the inputs between its markers. */
export function withInputs(page: string): string {
  return between('inputs', inputTables(), page);
}

/** docs/troubleshooting.md with the causes between its markers. */
export function withCauses(page: string): string {
  return between('causes', causesTable(), page);
}

/** docs/troubleshooting.md with the errors of databases and connections between its markers. */
export function withProvisionerErrors(page: string): string {
  const rows = provisionerErrors().map(({ code, message, hint }) => [code, message, hint]);
  return between('provisioners', table(['Code', 'Such as', 'What to do'], rows), page);
}

/** docs/troubleshooting.md with what is said of DigitalOcean and Atlas between its markers. */
export function withVendorCauses(page: string): string {
  return between('vendors', vendorsTable(), page);
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

/** The topics of docs/inputs.md, each with the beginnings of its inputs' names. An input is under the first that fits. */
const TOPICS: readonly (readonly [title: string, ...beginnings: readonly string[]])[] = [
  ['The run', 'instance', 'parallelism', 'operation', 'confirm', 'dry-run', 'timeout', 'wait-for-sync', 'allow-public'],
  ['Cluster', 'kubeconfig', 'namespace-', 'pod-', 'argo', 'provisioner-image'],
  ['Cluster repository', 'github-', 'api-', 'repository-', 'commit-', 'preview-', 'build-workflow', 'deployment'],
  [
    'New instances',
    'template',
    'from-',
    'platform-',
    'edx-',
    'tutor-',
    'config',
    'cluster-domain',
    'environment',
    'docker-',
  ],
  ['MySQL', 'mysql-'],
  ['MongoDB', 'mongodb-'],
  ['DigitalOcean', 'digitalocean-'],
  ['MongoDB Atlas', 'atlas-'],
  ['Storage', 'storage-'],
  ['Others', ''],
];

function inputTables(): string {
  const topicOf = ({ input }: Input) =>
    TOPICS.find(([, ...beginnings]) => beginnings.some((beginning) => input.startsWith(beginning)))?.[0];
  return TOPICS.flatMap(([title]) => {
    const rows = INPUTS.filter((input) => topicOf(input) === title).map(inputRow);
    return rows.length === 0 ? [] : [`## ${title}`, table(['Input', 'Default', 'Description'], rows)];
  }).join('\n\n');
}

function inputRow(input: Input): string[] {
  const { variables = [] } = input;
  const variable = variables.length === 0 ? '' : ` Variable: ${code(variables)}.`;
  const required = input.required === undefined ? '' : `**required**${condition(input)}`;
  const parts = [required, code([defaultOf(input) ?? []].flat())].filter((part) => part !== '');
  return [code([input.input]), parts.join(', '), `${descriptionOf(input)}${variable}`];
}

/** What Kubernetes and Argo Workflows say of a workflow; the remedies name an example. */
function causesTable(): string {
  const place = { namespace: 'my-school', workflow: 'mysql-provision-1' };
  const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  const rows = CAUSES.map(({ heading, cause, remedy }) => [heading, sentence(cause), remedy(place)]);
  return table(['Title', 'What it means', 'What to do'], rows);
}

/** What the programs say of DigitalOcean and Atlas, by the codes of their errors; the remedies name an example. */
function vendorsTable(): string {
  const place = { cluster: 'my-cluster', project: 'my-project', user: 'my-school', rights: 's3:PutBucketCORS' };
  const rows = ALL_VENDOR_CAUSES.map(({ code, says, hint }) => [code, says, hint(place)]);
  return table(['Code', 'What the error says', 'What to do'], rows);
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
  await rewrite('README.md', withOutputs);
  await rewrite('docs/inputs.md', withInputs);
  await rewrite('docs/troubleshooting.md', (page) => withProvisionerErrors(withVendorCauses(withCauses(page))));
}
