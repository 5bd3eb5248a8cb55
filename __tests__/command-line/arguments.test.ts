import { EXIT_CODES } from '../../src/command-line/exit-codes.ts';
import { isFlag, secretRows, TABLES, variablesOf } from '../../src/command-line/tables.ts';
import type { Input } from '../../src/inputs/input.ts';
import { ALL_INPUTS } from '../../src/inputs/inputs.ts';
import { ALL_SETTINGS } from '../../src/inputs/settings.ts';
import { messageThrownBy } from '../action/given.ts';
import { invocationOf, parsed, WITH_DEPROVISION } from './given.ts';

const ROWS: readonly Input[] = [...ALL_INPUTS, ...ALL_SETTINGS];
/** Rows that are no options: the argument and the subcommand, and what only a workflow has. */
const OTHERWISE = ['instance', 'operation', 'confirm', 'keep', 'api-token', 'deployment'];
const open = ROWS.filter(({ input, secret }) => secret === undefined && !OTHERWISE.includes(input));
const secret = ROWS.filter(({ input, secret }) => secret !== undefined && !OTHERWISE.includes(input));

/** A help text on one line, as it is wrapped at any place. */
const flat = (text: string) => text.replace(/\s+/g, ' ');

describe('the options of the command line', () => {
  it.each(open.filter((row) => !isFlag(row)))('set input $input by its name', ({ input }) => {
    expect(invocationOf(['provision', 'my-school', `--${input}`, 'some value']).inputs.get(input)).toBe('some value');
  });

  it.each(open.filter(isFlag))('switch $input on and off', ({ input }) => {
    expect(invocationOf(['provision', 'my-school', `--${input}`]).inputs.get(input)).toBe('true');
    expect(invocationOf(['provision', 'my-school', `--no-${input}`]).inputs.get(input)).toBe('false');
    expect(invocationOf(['provision', 'my-school']).inputs.has(input)).toBe(false);
  });

  it.each(secret)('refuse $input, which is a secret, by the name of its variable', (row) => {
    for (const args of [[`--${row.input}=hunter2`], [`--${row.input}`, 'hunter2'], [`--${row.input}`]]) {
      const message = messageThrownBy(() => parsed(['provision', 'my-school', ...args]));
      expect(message).toMatch(new RegExp(`^--${row.input}: not accepted`));
      expect(message).not.toContain('hunter2');
    }
    expect(variablesOf(row)[0]).toMatch(/^(KUBECONFIG|LAUNCHPAD_[A-Z_]+)$/);
    expect(row.variables === undefined || row.variables === variablesOf(row)).toBe(true);
  });

  it('are explained by --help as the tables explain them, with variables and defaults', () => {
    const { result, out } = parsed(['provision', '--help']);
    expect(result).toEqual({ kind: 'shown', exitCode: 0 });
    const help = flat(out);
    for (const row of open) {
      expect(help).toContain(`--${row.input} `);
      expect(help).toContain(flat(row.description.replaceAll('`', '')));
      for (const name of row.variables ?? []) expect(help).toContain(name);
      const own = row.input.startsWith('commit-author') ? undefined : row.default;
      if (own !== undefined && !isFlag(row)) expect(help).toContain(`default: ${own}`);
    }
    expect(help).toContain(
      '--commit-author-name <name> Name of the author of the commit. [default: git config user.name]',
    );
  });

  it('are not those of secrets: --help lists their variables instead', () => {
    const { out } = parsed(['provision', '--help']);
    for (const row of secretRows(TABLES)) {
      expect(out).not.toMatch(new RegExp(`--${row.input}\\b(?!-)`));
      expect(out).toContain(`  ${variablesOf(row).join(' or ')}\n`);
    }
  });

  it('say what belongs to a terminal', () => {
    const { terminal } = invocationOf(
      'provision a --branch staging --settings-file one.env --env-file two.env --json --verbose'.split(' '),
    );
    expect(terminal).toEqual({ branch: 'staging', envFiles: ['one.env', 'two.env'], json: true, verbose: true });
    expect(invocationOf(['provision', 'a']).terminal).toEqual({
      branch: undefined,
      envFiles: [],
      json: false,
      verbose: false,
    });
  });
});

describe('the arguments of the command line', () => {
  it('are the instances, in the form of the input', () => {
    const { instances, inputs } = invocationOf(['provision', 'a', '--dry-run', 'b', 'c']);
    expect(instances).toEqual(['a', 'b', 'c']);
    expect(inputs.get('instance')).toBe('a, b, c');
    expect(inputs.get('dry-run')).toBe('true');
  });

  it.each([
    [['provision'], /^Missing required argument/],
    [['provisoin', 'my-school'], /^Unknown command 'provisoin' \(Did you mean provision\?\)/],
    [['provision', 'my-school', '--mysql-hots', 'x'], /^Unknown option '--mysql-hots' \(Did you mean --mysql-host\?\)/],
    [['provision', 'my-school', '--mysql-host'], /^Option '--mysql-host <host>' argument missing/],
    [['provision', 'my-school', '--dry-run=yes'], /^Unknown option '--dry-run'/],
  ])('%j are refused', (args, message) => {
    expect(messageThrownBy(() => parsed(args))).toMatch(message);
  });

  it.each(['--mysql-admin-pasword=hunter2', "--pasword=it's\nhunter2", '--password==hunter2'])(
    'that are unknown are named without what stands behind: %j',
    (argument) => {
      expect(messageThrownBy(() => parsed(['provision', 'my-school', argument]))).not.toContain('hunter2');
    },
  );

  it('that are none show the help, as an error', () => {
    const { result, out, err } = parsed([]);
    expect(result).toEqual({ kind: 'shown', exitCode: 2 });
    expect(out).toBe('');
    expect(err).toContain('launchpad-provision provision my-school');
  });

  it('tell the version', () => {
    expect(parsed(['--version'])).toMatchObject({ result: { kind: 'shown', exitCode: 0 }, out: '1.2.3\n' });
  });
});

describe('the help', () => {
  it.each([['--help'], ['provision', '--help']])('of %j teaches by examples, and names the exit codes', (...args) => {
    const { out } = parsed(args);
    expect(out).toContain('$ launchpad-provision provision my-school --cluster-domain example.org --dry-run');
    for (const { code, means } of Object.values(EXIT_CODES))
      expect(out).toMatch(new RegExp(`^ +${code} +${means}$`, 'm'));
  });

  it('has no line that is wider than a page', () => {
    const { out } = parsed(['provision', '--help']);
    expect(out.split('\n').filter((line) => line.length > 120)).toEqual([]);
  });
});

describe('deprovision', () => {
  it('is offered as soon as the action can deprovision', () => {
    const without = { ...TABLES, inputs: TABLES.inputs.filter(({ input }) => input !== 'operation') };
    expect(messageThrownBy(() => parsed(['deprovision', 'my-school'], without))).toContain('Unknown command');
    expect(parsed(['--help'], without).out).not.toContain('deprovision');
    expect(parsed(['--help'], WITH_DEPROVISION).out).toContain('deprovision my-school --confirm my-school');
  });

  it('sets the operation, which no option does', () => {
    const { operation, inputs } = invocationOf(
      ['deprovision', 'a', '--confirm', 'a', '--keep', 'bucket'],
      WITH_DEPROVISION,
    );
    expect(inputs.get('keep')).toBe('bucket');
    expect(operation).toBe('deprovision');
    expect(inputs.get('operation')).toBe('deprovision');
    expect(inputs.get('confirm')).toBe('a');
    expect(invocationOf(['provision', 'a'], WITH_DEPROVISION).inputs.get('operation')).toBe('provision');
    expect(messageThrownBy(() => parsed(['provision', 'a', '--operation', 'deprovision'], WITH_DEPROVISION))).toContain(
      'Unknown option',
    );
  });

  it('and configure are operations of their own', () => {
    const { operation, inputs } = invocationOf(['configure', 'a', '--config', 'A: 1'], WITH_DEPROVISION);
    expect([operation, inputs.get('operation'), inputs.get('config')]).toEqual(['configure', 'configure', 'A: 1']);
    expect(parsed(['configure', '--help'], WITH_DEPROVISION).out).toContain('launchpad-provision configure my-school');
  });

  it('alone has the option --confirm', () => {
    expect(messageThrownBy(() => parsed(['provision', 'a', '--confirm', 'a'], WITH_DEPROVISION))).toContain(
      "Unknown option '--confirm'",
    );
  });
});
