import { LaunchpadError } from '../core/errors.ts';

const REMEDY =
  'Set inputs under `with:` and variables under `env:` of the step; take secrets from GitHub, such as ' +
  `\`mysql-admin-password: \${{ secrets.LAUNCHPAD_MYSQL_ADMIN_PASSWORD }}\`.`;

/** All missing or wrong inputs in one error, one line each. */
export class SettingsInvalid extends LaunchpadError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const count = problems.length === 1 ? 'One input or setting is' : `${problems.length} inputs or settings are`;
    super('settings-invalid', [`${count} missing or wrong:`, ...problems.map((line) => `- ${line}`)].join('\n'), {
      remedy: REMEDY,
    });
    this.problems = problems;
  }
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
