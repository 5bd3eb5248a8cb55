import { LaunchpadError } from '../core/errors.ts';

const REMEDY =
  'Set inputs under `with:` and variables under `env:` of the step; take secrets from GitHub, such as ' +
  `\`mysql-admin-password: \${{ secrets.LAUNCHPAD_MYSQL_ADMIN_PASSWORD }}\`.`;

/** Everything that is missing or wrong in what the caller set, in one error with a line for each. */
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

/** A value that is not accepted. The message goes on after the value: `is not a port: give …`. */
export class InvalidValue extends Error {
  /** False where the value itself must not be shown, as it may hold a secret. */
  readonly shown: boolean;

  constructor(message: string, { shown = true } = {}) {
    super(message);
    this.name = 'InvalidValue';
    this.shown = shown;
  }
}

/** Collects what is wrong, so that the caller hears of all of it at once. */
export class Problems {
  readonly #lines: string[] = [];

  add(...lines: string[]): void {
    // What is wrong with one input may be met where another is read.
    this.#lines.push(...lines.filter((line) => !this.#lines.includes(line)));
  }

  /**
   * Reads something; a LaunchpadError that says what is wrong with it is kept until `throwIfAny`.
   *
   * @returns a function that gives the value, to be called once `throwIfAny` has passed
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

  /** @throws SettingsInvalid with everything that was collected */
  throwIfAny(): void {
    if (this.#lines.length > 0) throw new SettingsInvalid(this.#lines);
  }
}

function sentences({ message, remedy }: LaunchpadError): string {
  return remedy === undefined ? message : `${message} ${remedy}`;
}

/**
 * A value as an error may show it: quoted, cut, and without a user and password in front of a host.
 */
export function quoted(value: string): string {
  const withoutUser = value.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1***@');
  return JSON.stringify(withoutUser.length > 100 ? `${withoutUser.slice(0, 100)}…` : withoutUser);
}
