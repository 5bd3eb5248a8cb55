/** What became of one resource. */
export interface Resource {
  /** In words, such as `MySQL database`. */
  readonly kind: string;
  readonly name: string;
  /** What provisioning, or taking down, made of it; `absent` was gone before. */
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
export type Say = (line: string) => void;

/**
 * Runs a provisioner and ends the process: a line for each resource, and as the last line one of JSON, so that whoever
 * started it need not guess from text. The exit code is 0 or 1.
 */
export async function runProvisioner(work: (say: Say) => Promise<readonly Resource[]>): Promise<void> {
  const say: Say = (line) => {
    process.stdout.write(`${line}\n`);
  };
  try {
    const resources = await work(say);
    for (const { kind, name, state } of resources) say(`${kind} ${name}: ${state}`);
    say(JSON.stringify({ launchpad: 'result', resources }));
  } catch (thrown) {
    const error = asProvisionerError(thrown);
    const { code, message, host, hint } = error;
    say(`${message} ${hint}`.trim());
    say(JSON.stringify({ launchpad: 'error', code, message, host, hint }));
    process.exitCode = 1;
  }
}

/** An error that nobody foresaw still says what it is, but not where it stands in a bundle. */
function asProvisionerError(thrown: unknown): ProvisionerError {
  if (thrown instanceof ProvisionerError) return thrown;
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new ProvisionerError('unexpected', `Unexpected error: ${message}`, {
    host: '',
    hint: 'This may be a mistake in the action: please report it with the log.',
    cause: thrown,
  });
}
