import { existsSync } from 'node:fs';
import path from 'node:path';
import type { InputSource } from '../inputs/input-source.ts';
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
