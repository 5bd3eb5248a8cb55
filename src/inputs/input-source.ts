import { LaunchpadError } from '../core/errors.ts';

/** The inputs and environment variables, passed in so that a test can give its own. */
export interface InputSource {
  /** Value of an input, or an empty string. */
  input(name: string): string;
  /** Value of an environment variable, undefined if it is not set. */
  variable(name: string): string | undefined;
  /** The whole environment, for child processes. */
  environment(): Readonly<Record<string, string | undefined>>;
}

/** An environment variable, trimmed; empty is absent, because an unset GitHub secret arrives as an empty text. */
export function variableOf(inputSource: InputSource, name: string): string | undefined {
  return inputSource.variable(name)?.trim() || undefined;
}

/** An input, trimmed; empty is absent. */
export function inputOf(inputSource: InputSource, name: string): string | undefined {
  return inputSource.input(name).trim() || undefined;
}

/** A variable that GitHub Actions always sets. @throws LaunchpadError `not-in-workflow` */
export function requireVariable(inputSource: InputSource, name: string): string {
  const value = variableOf(inputSource, name);
  if (value !== undefined) return value;
  throw new LaunchpadError(
    'not-in-workflow',
    `The environment variable ${name} is not set, as GitHub Actions sets it.`,
    {
      remedy: 'Run the action in a workflow of GitHub Actions, or set the variable as GitHub would.',
    },
  );
}
