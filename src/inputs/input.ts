import { type InputSource, inputOf, variableOf } from './input-source.ts';
import { InvalidValue, quoted, SettingsInvalid } from './problems.ts';

/** A row of the tables of what a caller can set: how it is named, checked and explained. */
export interface Input<T extends string | number = string | number> {
  readonly input: string;
  /** Environment variables that are read where the input is empty, in this order. */
  readonly variables?: readonly string[];
  /** `admin`: only the run itself sees it. `instance`: templates see it too, as the instance itself needs it. */
  readonly secret?: 'admin' | 'instance';
  /** What it is where it is not set. */
  readonly default?: string;
  /** What action.yml gives it where it is not set: an expression, which GitHub's runner evaluates. */
  readonly expression?: string;
  /** When it must be set: in every run, or only where another one has a certain value (one of these). */
  readonly required?: 'always' | readonly Requirement[];
  /** What it is, in Markdown. */
  readonly description: string;
  /** @throws InvalidValue */
  readonly parse: (value: string) => T;
}

/** The value of another input that makes this one required. */
export interface Requirement {
  readonly input: string;
  readonly value: string;
}

/** The value of an input, undefined where there is none, or what is wrong with it. */
export type Outcome<T> = { readonly value: T | undefined } | { readonly problem: string };

/** Reads an input: itself, else from its variables, else its default. */
export function outcomeOf<T extends string | number>(input: Input<T>, inputSource: InputSource): Outcome<T> {
  const { value, from } = given(input, inputSource) ?? { value: input.default, from: 'its default' };
  if (value === undefined) return { value };
  try {
    return { value: input.parse(value) };
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    const shown = error.shown && input.secret === undefined ? quoted(value) : 'the value (not shown)';
    const stop = error.message.endsWith('?') ? '' : '.';
    return { problem: `${namesOf(input)}: ${shown}, from ${from}, ${error.message}${stop}` };
  }
}

/** The value of an input, if it has a valid one. */
export function readValue<T extends string | number>(input: Input<T>, inputSource: InputSource): T | undefined {
  const outcome = outcomeOf(input, inputSource);
  return 'value' in outcome ? outcome.value : undefined;
}

/** The value that the caller set, if it is valid: no default. */
export function givenValue<T extends string | number>(input: Input<T>, inputSource: InputSource): T | undefined {
  return isGiven(input, inputSource) ? readValue(input, inputSource) : undefined;
}

/** The value of an input, undefined where there is none. @throws SettingsInvalid where it is wrong */
export function optionalValue<T extends string | number>(input: Input<T>, inputSource: InputSource): T | undefined {
  const outcome = outcomeOf(input, inputSource);
  if ('problem' in outcome) throw new SettingsInvalid([outcome.problem]);
  return outcome.value;
}

/** The value of an input that must have one. @throws SettingsInvalid where it is missing or wrong */
export function requireValue<T extends string | number>(input: Input<T>, inputSource: InputSource): T {
  const value = optionalValue(input, inputSource);
  if (value === undefined) throw new SettingsInvalid([missing(input)]);
  return value;
}

/** What to say of an input that must be set and is not. */
export function missing(input: Input): string {
  const { required, description } = input;
  const why = typeof required === 'object' ? ` (${required.map(need).join(' or ')} needs it)` : '';
  return `${namesOf(input)}: missing${why}. ${description}`;
}

function need({ input, value }: Requirement): string {
  return `${input} ${value}`;
}

/** Whether the caller set it. */
export function isGiven(input: Input, inputSource: InputSource): boolean {
  return given(input, inputSource) !== undefined;
}

/** An input by all names that it can be set by. */
export function namesOf({ input, variables = [] }: Input): string {
  return variables.length === 0 ? input : `${input} (${variables.join(' or ')})`;
}

function given(
  { input, variables = [] }: Input,
  inputSource: InputSource,
): { value: string; from: string } | undefined {
  const value = inputOf(inputSource, input);
  if (value !== undefined) return { value, from: `input ${input}` };
  for (const from of variables) {
    const value = variableOf(inputSource, from);
    if (value !== undefined) return { value, from };
  }
  return undefined;
}
