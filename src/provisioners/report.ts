/** The outcome for one resource. */
export interface Resource {
  /** In words, such as `MySQL database`. */
  readonly kind: string;
  readonly name: string;
  /** What the provisioner did with it; `absent` means that there was nothing to delete. */
  readonly state: 'created' | 'updated' | 'unchanged' | 'deleted' | 'absent';
}

/**
 * An error of a provisioner: what failed, on which host, and what to check. No part of it holds a secret. `code` is
 * stable and in kebab-case.
 */
export class ProvisionerError extends Error {
  readonly code: string;
  readonly host: string;
  readonly hint: string;

  constructor(code: string, message: string, options: { host: string; hint: string; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ProvisionerError';
    this.code = code;
    this.host = options.host;
    this.hint = options.hint;
  }
}

/** Writes a line for people. */
export type Log = (line: string) => void;

/**
 * Runs a provisioner. It logs a line for each resource, and as the last line JSON for the action.
 *
 * @returns the exit code: 0 or 1
 */
export async function runProvisioner(work: () => Promise<readonly Resource[]>, log: Log): Promise<0 | 1> {
  try {
    const resources = await work();
    for (const { kind, name, state } of resources) log(`${kind} ${name}: ${state}`);
    log(JSON.stringify({ launchpad: 'result', resources }));
    return 0;
  } catch (thrown) {
    const error = asProvisionerError(thrown);
    const { code, message, host, hint } = error;
    log(`${message} ${hint}`.trim());
    log(JSON.stringify({ launchpad: 'error', code, message, host, hint }));
    return 1;
  }
}

/** An unforeseen error is named too, without its place in the bundle. */
function asProvisionerError(thrown: unknown): ProvisionerError {
  if (thrown instanceof ProvisionerError) return thrown;
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new ProvisionerError('unexpected', `Unexpected error: ${message}`, {
    host: '',
    hint: 'This may be a mistake in the action: please report it with the log.',
    cause: thrown,
  });
}

/** Writes a line to the log of the pod. */
export function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
