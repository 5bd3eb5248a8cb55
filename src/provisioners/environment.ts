import type { IdForm } from '../core/vendor-ids.ts';
import { hintOf } from './causes.ts';
import type { Place } from './endpoint.ts';
import { ProvisionerError } from './provisioner-error.ts';

/** The environment of a pod, as its WorkflowTemplate sets it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that must be there. */
export function required(environment: Environment, name: string): string {
  const value = environment[name];
  if (value === undefined || value === '') throw new Error(`The variable ${name} is not set.`);
  return value;
}

/**
 * An identifier of a vendor, which must be there and have its form.
 *
 * @param input the input that it is set by
 * @throws ProvisionerError `digitalocean-id`, `atlas-id`
 */
export function requiredId(environment: Environment, name: string, form: IdForm, input: string): string {
  const value = required(environment, name);
  if (form.pattern.test(value)) return value;
  const code = input.startsWith('atlas') ? 'atlas-id' : 'digitalocean-id';
  throw new ProvisionerError(
    code,
    `Input ${input} is ${JSON.stringify(value)}, and not ${form.looks}. Nothing was changed.`,
    { host: optional(environment, 'VENDOR_API_URL') ?? '', hint: hintOf(code) },
  );
}

/** A variable that may be absent, or empty. */
export function optional(environment: Environment, name: string): string | undefined {
  return environment[name] || undefined;
}

/** `true` or anything else; undefined where the variable is absent or empty. */
export function flag(environment: Environment, name: string): boolean | undefined {
  const value = optional(environment, name);
  return value === undefined ? undefined : value === 'true';
}

/** A host and a port of which either may be absent. */
export function placeIn(environment: Environment, host: string, port: string): Place {
  const number = optional(environment, port);
  return { host: optional(environment, host), port: number === undefined ? undefined : Number(number) };
}

export type Operation = 'provision' | 'deprovision';

/**
 * The operation of the pod. Without a word it provisions, so that nothing is ever deprovisioned by omission.
 *
 * @throws Error for any other word
 */
export function operationNamed(word: string | undefined): Operation {
  if (word === undefined || word === 'provision') return 'provision';
  if (word === 'deprovision') return word;
  throw new Error(`The variable OPERATION is ${JSON.stringify(word)}: it must be provision or deprovision.`);
}
