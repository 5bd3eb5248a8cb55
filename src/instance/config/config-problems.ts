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

/** The error for something in config.yml: says where, what, and what to do. Never give it the value of a secret. */
export function configError(name: string, { line, column }: Position, what: string, remedy: string): LaunchpadError {
  return new LaunchpadError('config-invalid', `${name}:${line}:${column}: ${what}`, { remedy });
}

/** Whether values of this key must not be shown. */
export function isSecretKey(key: string): boolean {
  return /PASS|PWD|SECRET|KEY|TOKEN|CREDENTIAL/i.test(key);
}
