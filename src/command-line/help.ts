import { Help } from 'commander';
import { EXIT_CODES } from './exit-codes.ts';
import { plainText } from './options.ts';
import { secretRows, type Tables, variablesOf } from './tables.ts';

/** What `--help` says below the commands. */
export function programHelp(operations: readonly string[]): string {
  return [
    '',
    'It is run in a clone of the cluster repository, whose current branch is read and pushed to, and needs a kubeconfig',
    'and the settings of the databases and the storage. A dry run shows what would be done, and changes nothing:',
    '',
    '  $ git clone git@github.com:example-org/cluster.git && cd cluster',
    '  $ launchpad-provision provision my-school --cluster-domain example.org --dry-run',
    '  $ launchpad-provision provision my-school --cluster-domain example.org',
    ...(operations.includes('deprovision')
      ? [
          `  $ launchpad-provision configure my-school --config 'PLATFORM_NAME: "My School"'`,
          '  $ launchpad-provision deprovision my-school --confirm my-school',
        ]
      : []),
    '',
    'Settings come from options, else from the environment, else from the file .env of the current directory, or from the',
    'files that --settings-file names. Each command lists them: launchpad-provision provision --help',
    '',
    ...exitCodes(),
  ].join('\n');
}

/** What a command's `--help` says below its options. */
export function commandHelp(operation: string, tables: Tables, width: number): string {
  return [
    '',
    'Secrets, by variable only (other users can see arguments):',
    ...secretLines(tables, width),
    '',
    'An option comes before a variable of the environment, and that before one of a file. A flag is switched off by',
    '--no-<flag>. Where a message speaks of an input, the option of that name is meant.',
    '',
    'A file for --settings-file, or .env (chmod 600, and not in the repository):',
    '  KUBECONFIG=/home/me/.kube/config',
    '  LAUNCHPAD_MYSQL_HOST=mysql.example.org',
    '  LAUNCHPAD_MYSQL_ADMIN_USER=root',
    '  LAUNCHPAD_MYSQL_ADMIN_PASSWORD="..."',
    '',
    'Examples:',
    ...examples(operation),
    '',
    ...exitCodes(),
  ].join('\n');
}

function examples(operation: string): string[] {
  if (operation === 'deprovision') {
    return [
      '  $ launchpad-provision deprovision my-school --dry-run',
      '  $ launchpad-provision deprovision my-school --confirm my-school',
    ];
  }
  if (operation === 'configure') {
    return [
      `  $ launchpad-provision configure my-school --config 'PLATFORM_NAME: "My School"' --dry-run`,
      '  $ launchpad-provision configure my-school --config "$(cat changes.yml)"',
    ];
  }
  return [
    '  $ launchpad-provision provision my-school --cluster-domain example.org --dry-run',
    '  $ launchpad-provision provision my-school --from-instance other-school --wait-for-sync',
    '  $ launchpad-provision provision my-school --settings-file staging.env --branch staging --json | jq .exitCode',
  ];
}

/** What the description of an input says in words of a workflow only. */
const SECRETS: Readonly<Record<string, string>> = {
  kubeconfig: 'File of the kubeconfig, or several as kubectl has them. ~/.kube/config if not set.',
  'github-token': "Token to fetch and push the cluster repository with, by https, in place of git's own credentials.",
};

function secretLines(tables: Tables, width: number): string[] {
  return secretRows(tables).map((row) =>
    itemText(variablesOf(row).join(' or '), SECRETS[row.input] ?? plainText(row.description), width),
  );
}

/** Columns that the explanation of an item is indented by. */
const INDENT = 6;

/** An option or a variable, and on the lines below it what it is. */
export function itemText(term: string, description: string, width: number): string {
  const lines = new Help().boxWrap(description, Math.max(width - INDENT, 40)).split('\n');
  return [`  ${term}`, ...lines.filter((line) => line !== '').map((line) => ' '.repeat(INDENT) + line)].join('\n');
}

function exitCodes(): string[] {
  const lines = Object.values(EXIT_CODES).map(({ code, means }) => `  ${String(code).padEnd(3)}  ${means}`);
  return ['Exit codes:', ...lines];
}
