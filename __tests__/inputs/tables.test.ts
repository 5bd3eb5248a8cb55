import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { withInputsAndOutputs, withTables } from '../../scripts/write-tables.ts';
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

describe('README', () => {
  let readme = '';
  beforeAll(async () => {
    readme = await readFile('README.md', 'utf8');
  });
  const rows = (name: string): string[][] => {
    const [, table = ''] = readme.split(new RegExp(`<!-- ${name}:(?:begin|end) -->`));
    const lines = table.trim().split('\n').slice(2);
    return lines.map((line) =>
      line
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim())
        .slice(1, -1),
    );
  };

  it('has a row for each input, with its variables and default, and no other', () => {
    expect(rows('inputs').map(([input]) => input)).toEqual(names.map((name) => `\`${name}\``));
    for (const [index, [, variables = '', , value]] of rows('inputs').entries()) {
      expect(variables.split(' or ').filter((cell) => cell !== '')).toEqual(
        (ALL[index]?.variables ?? []).map((name) => `\`${name}\``),
      );
      const shown = ALL[index]?.default ?? ALL[index]?.expression;
      expect(value).toBe(shown === undefined ? '' : `\`${shown}\``);
    }
  });

  it('has a row for each output and no other', () => {
    expect(rows('outputs').map(([output]) => output)).toEqual(outputNames.map((name) => `\`${name}\``));
  });

  it('is as scripts/write-tables.ts writes it', () => {
    expect(withTables(readme)).toBe(readme);
  });
});
