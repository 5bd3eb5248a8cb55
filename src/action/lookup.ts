/** Where inputs and environment variables are read from: the only way to them, so that a test can give its own. */
export interface Lookup {
  /** Value of an input, or an empty string. */
  input(name: string): string;
  /** Value of an environment variable, if it is set. */
  variable(name: string): string | undefined;
  /** The whole environment, for programs that are started. */
  environment(): Readonly<Record<string, string | undefined>>;
}

/** An environment variable without white space around it; empty is absent, as an unset GitHub secret arrives empty. */
export function variableOf(lookup: Lookup, name: string): string | undefined {
  return lookup.variable(name)?.trim() || undefined;
}

/** An input without white space around it; empty is absent. */
export function inputOf(lookup: Lookup, name: string): string | undefined {
  return lookup.input(name).trim() || undefined;
}
