import { type ArgumentsOptions, type Invocation, parseArguments } from '../../src/command-line/arguments.ts';
import { hasInput, TABLES, type Tables } from '../../src/command-line/tables.ts';
import { choice } from '../../src/inputs/values/values.ts';

/** The tables with what deprovisioning needs, whether the action has it or not. */
export const WITH_DEPROVISION: Tables = {
  ...TABLES,
  inputs: hasInput(TABLES, 'operation')
    ? TABLES.inputs
    : [
        ...TABLES.inputs,
        {
          input: 'operation',
          default: 'provision',
          description: 'What is done.',
          parse: choice({ provision: 'provision', deprovision: 'deprovision' }),
        },
        { input: 'confirm', description: 'The name of the instance once more.', parse: String },
      ],
};

/** What parsing a command line gives, and what it shows. */
export function parsed(args: readonly string[], tables: Tables = TABLES) {
  let [out, err] = ['', ''];
  const options: ArgumentsOptions = {
    tables,
    version: '1.2.3',
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  };
  const result = parseArguments(args, options);
  return { result, out, err };
}

/** What a command line that asks for something asks for. */
export function invocationOf(args: readonly string[], tables?: Tables): Invocation {
  const { result } = parsed(args, tables);
  if (result.kind !== 'run') throw new Error('It only shows something.');
  return result;
}
