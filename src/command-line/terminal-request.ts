import { homedir } from 'node:os';
import path from 'node:path';
import { gitEnvironment } from '../inputs/environment.ts';
import { readValue } from '../inputs/input.ts';
import { type InputSource, inputOf } from '../inputs/input-source.ts';
import { INPUTS } from '../inputs/inputs.ts';
import { type ActionRequest, readRequest } from '../inputs/request.ts';
import { secretsIn } from '../inputs/secrets/masks.ts';
import type { Invocation } from './arguments.ts';
import { CloneReader, requireAuthor, terminalOrigin } from './clone.ts';
import { usageError } from './exit-codes.ts';
import type { Tables } from './tables.ts';
import { readEnvironmentFiles, terminalInputs } from './terminal-inputs.ts';
import type { TerminalLog } from './terminal-log.ts';

/** What surrounds the command on this machine. */
export interface Terminal {
  /** The current directory. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

export interface TerminalRequest {
  readonly request: ActionRequest;
  /** Whether the operator must be asked, with the plan before their eyes, before anything is deleted. */
  readonly mustConfirm: boolean;
}

/**
 * Reads what the operator asks for: options, environment, dotenv files and the clone of the cluster repository. Every
 * secret in them is hidden from then on.
 *
 * @throws LaunchpadError, most of them of what exits with 2
 */
export async function terminalRequest(
  invocation: Invocation,
  { terminal, tables, log }: { readonly terminal: Terminal; readonly tables: Tables; readonly log: TerminalLog },
): Promise<TerminalRequest> {
  const { directory, environment } = terminal;
  const { envFiles, branch } = invocation.terminal;
  const none: ReadonlyMap<string, string> = new Map();
  const sources = { options: invocation.inputs, environment, tables, home: homedir(), files: none, defaults: none };
  const gitVariables = gitEnvironment(terminalInputs(sources));
  const { variables, files, warnings } = await readEnvironmentFiles({
    named: envFiles,
    directory,
    tables,
    isCommitted: (file) => new CloneReader(directory, gitVariables).holds(file),
  });
  const withFiles = { ...sources, files: variables };
  for (const secret of secretsIn(terminalInputs(withFiles))) log.secretAlways(secret);
  if (files.length > 0) log.info(`Loaded ${files.join(' and ')} (environment variables take precedence)`);
  for (const warning of warnings) log.warning(warning);

  const confirmation = confirmationOf(invocation, terminalInputs(withFiles), terminal);
  const defaults = new Map(confirmation === 'given' ? [] : [['confirm', invocation.instances.join(', ')]]);
  const place = path.resolve(directory, readValue(INPUTS.repositoryPath, terminalInputs(withFiles)) ?? '.');
  const reader = new CloneReader(place, gitVariables);
  const clone = await reader.read(branch);
  log.secretAlways(URL.parse(clone.remoteUrl)?.password ?? '');
  for (const [name, value] of await authorDefaults(reader, invocation.inputs)) defaults.set(name, value);
  const inputSource = terminalInputs({ ...withFiles, defaults });
  const request = readRequest(inputSource, terminalOrigin(clone, inputSource, directory));
  return { request, mustConfirm: confirmation === 'asked' };
}

/** The author of this clone's commits, unless the options name another one. */
async function authorDefaults(
  reader: CloneReader,
  inputs: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const { commitAuthorName, commitAuthorEmail } = INPUTS;
  const known = await reader.author();
  const name = inputs.get(commitAuthorName.input) ?? known.name;
  const email = inputs.get(commitAuthorEmail.input) ?? known.email;
  const author = requireAuthor({ name, email });
  return new Map([
    [commitAuthorName.input, author.name],
    [commitAuthorEmail.input, author.email],
  ]);
}

/**
 * Instances are deprovisioned only if they are named once more: by option `--confirm`, or typed at a terminal. A dry run
 * needs no confirmation.
 *
 * @throws LaunchpadError `usage-invalid` where nobody can be asked
 */
function confirmationOf(
  { operation, instances, inputs, terminal: { json } }: Invocation,
  inputSource: InputSource,
  { stdin, stderr }: Terminal,
): 'given' | 'needless' | 'asked' {
  if (operation !== 'deprovision' || inputOf(inputSource, 'confirm') !== undefined) return 'given';
  if (inputs.get(INPUTS.dryRun.input) === 'true') return 'needless';
  if (stdin.isTTY === true && stderr.isTTY === true && !json) return 'asked';
  throw usageError(
    `Refusing to delete ${instances.join(', ')} without confirmation (${json ? '--json asks nothing' : 'no terminal'}).`,
    `To delete it with all its data, pass --confirm ${instances.join(',')}`,
  );
}
