import { LaunchpadError } from '../../core/errors.ts';

/** A place in a file: line and column from 1, the column in characters. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The place of a character, by its offset in the text. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}

/** The error for a config.yml: where, what, and what to do. Never pass it the value of a secret. */
export function configError(name: string, what: string, remedy: string, position?: Position): LaunchpadError {
  const place = position === undefined ? name : `${name}:${position.line}:${position.column}`;
  return new LaunchpadError('config-invalid', `${place}: ${what}`, { remedy });
}

/** Whether values of this key must not be shown. */
export function isSecretKey(key: string): boolean {
  return /PASS|PWD|SECRET|KEY|TOKEN|CREDENTIAL/i.test(key);
}
