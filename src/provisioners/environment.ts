/** The environment of a pod, as its WorkflowTemplate sets it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that must be there. */
export function required(environment: Environment, name: string): string {
  const value = environment[name];
  if (value === undefined || value === '') throw new Error(`The variable ${name} is not set.`);
  return value;
}

/** A variable that may be absent, or empty. */
export function optional(environment: Environment, name: string): string | undefined {
  return environment[name] || undefined;
}
