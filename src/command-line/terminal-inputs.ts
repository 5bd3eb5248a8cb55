import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { messageOf } from '../core/errors.ts';
import type { InputSource } from '../inputs/input-source.ts';
import { usageError } from './exit-codes.ts';
import { secretRows, type Tables, variablesOf } from './tables.ts';

export interface TerminalSources {
  /** What the options and arguments say, by input. */
  readonly options: ReadonlyMap<string, string>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What dotenv files set. */
  readonly files: ReadonlyMap<string, string>;
  /** What an input is where nothing else says so. */
  readonly defaults: ReadonlyMap<string, string>;
  readonly tables: Tables;
  /** The user's home directory. */
  readonly home: string;
}

/**
 * Inputs and variables at a terminal: an option counts first, then the environment, then a file. An empty one counts
 * for nothing. The kubeconfig is found as kubectl finds it.
 */
export function terminalInputs({ options, environment, files, defaults, tables, home }: TerminalSources): InputSource {
  const variable = (name: string): string | undefined => {
    const value = environment[name];
    if (value !== undefined && value.trim() !== '') return value;
    return files.get(name) ?? (name === 'KUBECONFIG' ? defaultKubeconfig(environment, home) : undefined);
  };
  // The table has no variables for these; KUBECONFIG is a file's name, and no content.
  const secrets = new Map(
    secretRows(tables).flatMap((row) =>
      row.variables === undefined && row.input !== 'kubeconfig' ? [[row.input, variablesOf(row)]] : [],
    ),
  );
  const secret = (name: string) => secrets.get(name)?.map(variable).find(Boolean);
  return {
    input: (name) => options.get(name) ?? secret(name) ?? defaults.get(name) ?? '',
    variable,
    environment: () => environment,
  };
}

/** As kubectl: `~/.kube/config`. In a pod without it the service account is used. */
function defaultKubeconfig(environment: TerminalSources['environment'], home: string): string | undefined {
  const file = path.join(home, '.kube', 'config');
  return existsSync(file) || environment.KUBERNETES_SERVICE_HOST === undefined ? file : undefined;
}

/** The file that is read without being named, where it is there. */
const DEFAULT_FILE = '.env';

export interface EnvironmentFiles {
  /** What the files set: of several the last one counts. Only settings; nothing else comes from a file. */
  readonly variables: ReadonlyMap<string, string>;
  /** Files that were read, as they were named. */
  readonly files: readonly string[];
  /** What their owner should know. */
  readonly warnings: readonly string[];
}

export interface FilesRequest {
  /** As the options name them; none: the default one, if it is there. */
  readonly named: readonly string[];
  readonly directory: string;
  readonly tables: Tables;
  /** Whether a file is committed to a git repository. */
  readonly isCommitted: (file: string) => Promise<boolean>;
}

/**
 * Reads the dotenv files, in the form that Node reads (https://nodejs.org/api/environment_variables.html#dotenv).
 *
 * @throws LaunchpadError `usage-invalid` for one that is not there, and for a default one that is committed: otherwise
 *   everybody who may commit to the cluster repository could have the admin's passwords sent to another host
 */
export async function readEnvironmentFiles(request: FilesRequest): Promise<EnvironmentFiles> {
  const { named, directory, tables, isCommitted } = request;
  const files = named.length > 0 ? named : await defaultFiles(directory, isCommitted);
  const known = new Set([...tables.inputs, ...tables.settings].flatMap(variablesOf));
  const variables = new Map<string, string>();
  const warnings: string[] = [];
  for (const file of files) {
    const { values, isPublic } = await read(file, directory);
    for (const [name, value] of values.filter(([name]) => known.has(name))) variables.set(name, value);
    const unknown = values.map(([name]) => name).filter((name) => name.startsWith('LAUNCHPAD_') && !known.has(name));
    if (unknown.length > 0) warnings.push(`${file}: unknown settings ${unknown.join(', ')} (ignored)`);
    if (isPublic && holdsSecret(values, tables)) {
      warnings.push(`${file} holds secrets, and everybody on this machine may read it: chmod 600 ${file}`);
    }
  }
  return { variables, files, warnings };
}

async function defaultFiles(directory: string, isCommitted: FilesRequest['isCommitted']): Promise<string[]> {
  const found = await stat(path.join(directory, DEFAULT_FILE)).catch(() => undefined);
  if (found?.isFile() !== true) return [];
  if (!(await isCommitted(DEFAULT_FILE))) return [DEFAULT_FILE];
  throw usageError(
    `${DEFAULT_FILE} is committed to the repository: everybody who may commit to it could set where passwords are sent.`,
    `Keep settings out of the repository. If it is meant all the same, name it: --settings-file ${DEFAULT_FILE}`,
  );
}

async function read(file: string, directory: string) {
  const place = path.resolve(directory, file);
  try {
    const [text, { mode }] = await Promise.all([readFile(place, 'utf8'), stat(place)]);
    const values = Object.entries(parseEnv(text)).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    );
    // On Windows the bits say nothing.
    return { values, isPublic: process.platform !== 'win32' && (mode & 0o004) !== 0 };
  } catch (error) {
    throw usageError(
      `The environment file ${file} cannot be read: ${messageOf(error)}`,
      'Name an existing file by --settings-file.',
    );
  }
}

function holdsSecret(values: readonly (readonly [string, string])[], tables: Tables): boolean {
  const secrets = new Set(secretRows(tables).flatMap(variablesOf));
  // A kubeconfig is named here, and lies elsewhere.
  return values.some(([name, value]) => name !== 'KUBECONFIG' && secrets.has(name) && value.trim() !== '');
}
