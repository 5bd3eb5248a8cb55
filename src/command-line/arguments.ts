import { styleText } from 'node:util';
import { Command, CommanderError, Option } from 'commander';
import { EXIT_CODES, usageError } from './exit-codes.ts';
import { commandHelp, itemText, programHelp } from './help.ts';
import { type InputOption, inputOptions, negativeOptions, refusedOptions } from './options.ts';
import { hasInput, type Tables, variablesOf } from './tables.ts';

/** What the command line asks for. */
export interface Invocation {
  readonly kind: 'run';
  readonly operation: string;
  readonly instances: readonly string[];
  /** What options and arguments say, by input. */
  readonly inputs: ReadonlyMap<string, string>;
  readonly terminal: TerminalOptions;
}

/** The options that only a terminal has. */
interface TerminalOptions {
  /** Branch of the cluster repository; undefined: that of the clone. */
  readonly branch: string | undefined;
  readonly envFiles: readonly string[];
  readonly json: boolean;
  readonly verbose: boolean;
}

/** Help or the version was asked for, and has been shown. */
export interface Shown {
  readonly kind: 'shown';
  readonly exitCode: number;
}

export interface ArgumentsOptions {
  readonly tables: Tables;
  readonly version: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Columns of a terminal that does not say how many it has. */
const WIDTH = 80;
const OWN_HEADING = 'The command itself:';

const SUMMARIES: Readonly<Record<string, string>> = {
  provision:
    'Provisions instances: databases, bucket, namespace, configuration and Argo CD Application. Safe to run again.',
  configure: 'Sets keys in config.yml of instances that exist, and provisions them with it.',
  deprovision: 'Deletes instances: Application, databases, users, bucket, namespace and files.',
};

/**
 * Reads the command line, and shows the help where that is asked for.
 *
 * @throws LaunchpadError `usage-invalid`, without the value of any option
 */
export function parseArguments(args: readonly string[], options: ArgumentsOptions): Invocation | Shown {
  const operations = ['provision', ...(hasInput(options.tables, 'operation') ? ['configure', 'deprovision'] : [])];
  let invocation: Invocation | undefined;
  const program = programOf(options, operations);
  for (const operation of operations) {
    addCommand(program, operation, options.tables, (found) => {
      invocation = found;
    });
  }
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    return shownOr(error);
  }
  return invocation ?? { kind: 'shown', exitCode: EXIT_CODES.usage.code };
}

function programOf({ version, out, err }: ArgumentsOptions, operations: readonly string[]): Command {
  return new Command('launchpad-provision')
    .description('Provisions Open edX instances: databases, bucket, namespace, configuration and Argo CD Application.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err, outputError: () => undefined })
    .configureHelp({
      styleTitle: (title) => styleText('bold', title, { validateStream: false }),
      formatItem: (term, _, description, helper) => itemText(term, description, helper.helpWidth ?? WIDTH),
    })
    .addHelpText('after', programHelp(operations));
}

function addCommand(program: Command, operation: string, tables: Tables, onFound: (found: Invocation) => void): void {
  const options = inputOptions(tables, operation);
  const refused = refusedOptions(tables);
  const command = program
    .command(operation)
    .summary(SUMMARIES[operation] ?? '')
    .description(SUMMARIES[operation] ?? '')
    .argument('<instance...>', 'name of the instance, or of several')
    .optionsGroup(OWN_HEADING)
    .helpOption('-h, --help', 'show this')
    .addHelpText('after', commandHelp(operation, tables, process.stdout.columns ?? WIDTH));
  const all = [...options.map(({ option }) => option), ...negativeOptions(options), ...ownOptions()];
  for (const option of [...all, ...refused.map(({ option }) => option)]) command.addOption(option);
  command.action((instances: string[]) => {
    const values: Readonly<Record<string, unknown>> = command.opts();
    refuseSecrets(refused, values);
    onFound({ kind: 'run', operation, instances, ...asked(operation, instances, options, values, tables) });
  });
}

function ownOptions(): Option[] {
  const collect = (value: string, previous: readonly string[] | undefined) => [...(previous ?? []), value];
  return [
    new Option('--branch <name>', "branch of the cluster repository [default: the clone's, as its remote calls it]"),
    new Option(
      '--settings-file <file>',
      'file with variables, for settings that the environment does not have; may be given several times [default: .env]',
    ).argParser(collect),
    // Node takes --env-file for an option of its own, also behind the script, and ends with 9 if there is no such file.
    new Option('--env-file <file>').argParser(collect).hideHelp(),
    new Option('--json', 'print how it ended as JSON on standard output; all else goes to standard error'),
    new Option('--verbose', 'show each call of the Kubernetes API and each git command, without what they carry'),
  ].map((option) => option.helpGroup(OWN_HEADING));
}

function asked(
  operation: string,
  instances: readonly string[],
  options: readonly InputOption[],
  values: Readonly<Record<string, unknown>>,
  tables: Tables,
): Pick<Invocation, 'inputs' | 'terminal'> {
  const given = options.flatMap(({ row, option }): [string, string][] => {
    const value = values[option.attributeName()];
    return typeof value === 'string' || typeof value === 'boolean' ? [[row.input, String(value)]] : [];
  });
  const said: [string, string][] = hasInput(tables, 'operation') ? [['operation', operation]] : [];
  const { branch, settingsFile, envFile, json, verbose } = values;
  return {
    inputs: new Map([...given, ...said, ['instance', instances.join(', ')]]),
    terminal: {
      branch: typeof branch === 'string' ? branch : undefined,
      envFiles: [settingsFile, envFile].flatMap((files) => (Array.isArray(files) ? files.map(String) : [])),
      json: json === true,
      verbose: verbose === true,
    },
  };
}

function refuseSecrets(refused: readonly InputOption[], values: Readonly<Record<string, unknown>>): void {
  const given = refused.filter(({ option }) => values[option.attributeName()] !== undefined).map(({ row }) => row);
  if (given.length === 0) return;
  throw usageError(
    `${given.map(({ input }) => `--${input}`).join(' and ')}: not accepted: other users can see command-line arguments.`,
    `Set ${given.map((row) => variablesOf(row)[0]).join(' and ')} in the environment, or in a file (.env, or --settings-file)${given.length === 1 ? '' : ' each'}. If the value was real, rotate it.`,
  );
}

/** What commander ends with: help that was shown, or an error. */
function shownOr(error: unknown): Shown {
  if (!(error instanceof CommanderError)) throw error;
  if (error.exitCode === 0) return { kind: 'shown', exitCode: EXIT_CODES.done.code };
  // Without a command it shows the help, as an error.
  if (error.code === 'commander.help') return { kind: 'shown', exitCode: EXIT_CODES.usage.code };
  throw usageError(sentence(withoutValue(error.message.replace(/^error: /, ''))));
}

/** A mistyped option may be that of a secret, with the secret behind it. */
function withoutValue(message: string): string {
  return message.replace(/^(unknown option '--?[^=']*)=[\s\S]*?'($|\n\(Did you mean)/, "$1'$2");
}

function sentence(message: string): string {
  const text = `${message.charAt(0).toUpperCase()}${message.slice(1)}`.replace('\n', ' ');
  return /[.)?]$/.test(text) ? text : `${text}.`;
}
