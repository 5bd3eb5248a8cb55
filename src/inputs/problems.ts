import { LaunchpadError } from '../core/errors.ts';

/** All missing or wrong inputs in one error, one line each. */
export class SettingsInvalid extends LaunchpadError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      'settings-invalid',
      [`Invalid settings (${problems.length}):`, ...problems.map((line) => `- ${line}`)].join('\n'),
      { remedy: remedyFor(problems) },
    );
    this.problems = problems;
  }
}

/** Only where something is missing, how to set it: by the first that is. */
function remedyFor(problems: readonly string[]): string {
  const missing = problems.flatMap((line) =>
    [...(/^([a-z][a-z-]+)(?: \((\w+).*?\))?: missing/.exec(line) ?? [])].slice(1),
  );
  const [input, variable = input?.toUpperCase().replaceAll('-', '_')] = missing;
  if (input === undefined) return "Correct them in the step's `with:` or `env:`.";
  const source = /password|secret|token|key|credentials|kubeconfig/.test(input) ? 'secrets' : 'vars';
  return `Add the missing inputs to the step's \`with:\`, or their variables to \`env:\`, such as \`${input}: \${{ ${source}.${variable} }}\`.`;
}

/** A value that is not accepted. The message follows the value: `is not a port: give …`. */
export class InvalidValue extends Error {
  /** False if the value may have a secret in it and must not be shown. */
  readonly shown: boolean;

  constructor(message: string, { shown = true } = {}) {
    super(message);
    this.name = 'InvalidValue';
    this.shown = shown;
  }
}

/** Collects problems, so that one error reports all of them. */
export class Problems {
  readonly #lines: string[] = [];

  add(...lines: string[]): void {
    // Reading one input can meet the problem of another again.
    this.#lines.push(...lines.filter((line) => !this.#lines.includes(line)));
  }

  /**
   * Reads something, and keeps a LaunchpadError until `throwIfAny`.
   *
   * @returns a function that gives the value; call it after `throwIfAny`
   */
  attempt<T>(read: () => T): () => T {
    try {
      const value = read();
      return () => value;
    } catch (error) {
      if (!(error instanceof LaunchpadError)) throw error;
      this.add(...(error instanceof SettingsInvalid ? error.problems : [sentences(error)]));
      return () => {
        throw error;
      };
    }
  }

  /** @throws SettingsInvalid with all problems */
  throwIfAny(): void {
    if (this.#lines.length > 0) throw new SettingsInvalid(this.#lines);
  }
}

function sentences({ message, remedy }: LaunchpadError): string {
  return remedy === undefined ? message : `${message} ${remedy}`;
}
