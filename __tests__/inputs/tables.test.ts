import { readdir, readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import {
  withCauses,
  withInputs,
  withInputsAndOutputs,
  withOutputs,
  withProvisionerErrors,
  withVendorCauses,
} from '../../scripts/write-tables.ts';
import { OUTPUTS } from '../../src/action/report/outputs.ts';
import type { Input } from '../../src/inputs/input.ts';
import { ALL_INPUTS } from '../../src/inputs/inputs.ts';
import { ALL_SETTINGS } from '../../src/inputs/settings.ts';

const ALL: readonly Input[] = [...ALL_INPUTS, ...ALL_SETTINGS];
const names = ALL.map(({ input }) => input);
const outputNames = OUTPUTS.map(({ output }) => output);

describe('the table of settings', () => {
  it('names each input once, and its variable after it', () => {
    expect(new Set(names).size).toBe(names.length);
    for (const { input, variables } of ALL_SETTINGS) {
      expect(variables[0]).toBe(`LAUNCHPAD_${input.toUpperCase().replaceAll('-', '_')}`);
    }
  });

  it('has defaults that are valid, and conditions that name a setting', () => {
    for (const { default: value, parse: check, required } of ALL) {
      if (value !== undefined) expect(String(check(value))).not.toBe('');
      if (typeof required === 'object') for (const { input } of required) expect(names).toContain(input);
    }
  });
});

describe('action.yml', () => {
  let text = '';
  let action: { inputs: Record<string, Record<string, unknown>>; outputs: object; runs: object };
  beforeAll(async () => {
    text = await readFile('action.yml', 'utf8');
    action = parse(text);
  });

  it('has exactly the inputs and outputs of the tables', () => {
    expect(Object.keys(action.inputs)).toEqual(names);
    expect(Object.keys(action.outputs)).toEqual(outputNames);
  });

  it('explains each input, with its variables and its default', () => {
    for (const { input, description, variables = [], default: value } of ALL) {
      const row = action.inputs[input];
      for (const part of [description, ...variables]) expect(row?.description).toContain(part);
      if (variables.length > 0 && value !== undefined) expect(row?.description).toContain(`Default: \`${value}\`.`);
    }
  });

  it('leaves a default that would hide a variable to the code', () => {
    for (const { input, variables = [], default: value, expression } of ALL) {
      expect(action.inputs[input]?.default).toBe(variables.length > 0 ? undefined : (value ?? expression));
    }
  });

  it('requires nothing that something else can stand for', () => {
    expect(names.filter((name) => action.inputs[name]?.required)).toEqual([]);
  });

  it('runs the bundles, and the post step however the job ended', () => {
    expect(action.runs).toEqual({
      using: 'node24',
      main: 'dist/main/index.js',
      post: 'dist/post/index.js',
      'post-if': 'always()',
    });
  });

  it('is as scripts/write-tables.ts writes it', () => {
    expect(withInputsAndOutputs(text)).toBe(text);
  });
});

describe('the documentation', () => {
  /** The cells of the rows of a page's tables, without their heads. */
  const rowsOf = async (page: string, name: string): Promise<string[][]> => {
    const text = await readFile(page, 'utf8');
    const [, tables = ''] = text.split(new RegExp(`<!-- ${name}:(?:begin|end) -->`));
    return tables
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) =>
        line
          .split(/(?<!\\)\|/)
          .map((cell) => cell.trim())
          .slice(1, -1),
      );
  };

  it('has a row for each input, with its variables and default, and no other', async () => {
    const rows = new Map((await rowsOf('docs/inputs.md', 'inputs')).map(([input = '', ...cells]) => [input, cells]));
    expect([...rows.keys()].toSorted()).toEqual(names.map((name) => `\`${name}\``).toSorted());
    for (const { input, variables = [], default: value, expression } of ALL) {
      const [defaultCell = '', description = ''] = rows.get(`\`${input}\``) ?? [];
      for (const variable of variables) expect(description).toContain(`\`${variable}\``);
      const shown = value ?? expression;
      if (shown !== undefined) expect(defaultCell).toContain(`\`${shown}\``);
    }
  });

  it('has a row for each output and no other', async () => {
    const rows = await rowsOf('README.md', 'outputs');
    expect(rows.map(([output]) => output)).toEqual(outputNames.map((name) => `\`${name}\``));
  });

  it.each([
    ['README.md', withOutputs],
    ['docs/inputs.md', withInputs],
    ['docs/troubleshooting.md', withCauses],
    ['docs/troubleshooting.md', withVendorCauses],
    ['docs/troubleshooting.md', withProvisionerErrors],
  ])('%s is as scripts/write-tables.ts writes it', async (page, write) => {
    const text = await readFile(page, 'utf8');
    expect(write(text)).toBe(text);
  });

  it('begins with a README that is read in a few minutes: at most 250 lines and 16 KB', async () => {
    const readme = await readFile('README.md', 'utf8');
    expect(readme.split('\n').length).toBeLessThanOrEqual(250);
    expect(Buffer.byteLength(readme)).toBeLessThanOrEqual(16_384);
  });
});

/** Codes of errors in the provisioners' source: whole, and those that a function gives its service. */
const CODES =
  /'((?:mysql|mongodb|storage|atlas|digitalocean)-[a-z-]+|host-refused|password-secret|timeout|unexpected)'/g;
const SHORT_CODES = /\b(?:make|fail)\(\s*'([a-z]+(?:-[a-z]+)*)'/g;

it('docs/troubleshooting.md has each code of the provisioners', async () => {
  const page = await readFile('docs/troubleshooting.md', 'utf8');
  const files = await readdir('src/provisioners', { recursive: true });
  const inputs = new Set(ALL.map(({ input }) => input));
  const missing: string[] = [];
  for (const file of files.filter((name) => name.endsWith('.ts'))) {
    const source = await readFile(`src/provisioners/${file}`, 'utf8');
    const whole = [...source.matchAll(CODES)].map(([, code = '']) => code).filter((code) => !inputs.has(code));
    const short = [...source.matchAll(SHORT_CODES)].map(([, code = '']) => code);
    missing.push(
      ...whole.filter((code) => !page.includes(`| ${code} |`)),
      ...short.filter((code) => !new RegExp(`^\\| (?:\\w+-)?${code} \\|`, 'm').test(page)),
    );
  }
  expect([...new Set(missing)]).toEqual([]);
});
