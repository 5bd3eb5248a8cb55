import { quoted } from '../core/quote.ts';
import { type InputSource, inputOf, variableOf } from './input-source.ts';
import { InvalidValue, SettingsInvalid } from './problems.ts';

/** A row of a table of inputs: how the input is named, checked and explained. */
export interface Input<T extends string | number = string | number> {
  readonly input: string;
  /** Environment variables that are read, in this order, if the input is empty. */
  readonly variables?: readonly string[];
  /** `admin`: only the run sees it. `instance`: templates see it too, because the instance needs it. */
  readonly secret?: 'admin' | 'instance';
  /** Its value if it is not set. */
  readonly default?: string;
  /** Its default in action.yml: an expression, which GitHub's runner evaluates. */
  readonly expression?: string;
  /** When it must be set: in every run, or if another input has one of these values. */
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

/** What was read of an input. */
export interface InputReading<T> {
  /** Its value, else its default; undefined if there is neither, or if the value is wrong. */
  readonly value: T | undefined;
  /** Whether the caller set it, even to a wrong value. */
  readonly isGiven: boolean;
  /** What is wrong with the value, with all names of the input. */
  readonly problem?: string;
}

/** Reads an input: itself, else its variables, else its default. */
export function readInput<T extends string | number>(input: Input<T>, inputSource: InputSource): InputReading<T> {
  const given = givenText(input, inputSource);
  const isGiven = given !== undefined;
  const { value, from } = given ?? { value: input.default, from: 'its default' };
  if (value === undefined) return { value, isGiven };
  try {
    return { value: input.parse(value), isGiven };
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    const shown = error.shown && input.secret === undefined ? quoted(value) : 'the value (not shown)';
    const stop = error.message.endsWith('?') ? '' : '.';
    const problem = `${namesOf(input)}: ${shown}, from ${from}, ${error.message}${stop}`;
    return { value: undefined, isGiven, problem };
  }
}

/** The value of an input, undefined if there is none or it is wrong. */
export function readValue<T extends string | number>(input: Input<T>, inputSource: InputSource): T | undefined {
  return readInput(input, inputSource).value;
}

/** The value of an input, undefined if there is none. @throws SettingsInvalid if it is wrong */
export function optionalValue<T extends string | number>(input: Input<T>, inputSource: InputSource): T | undefined {
  const { value, problem } = readInput(input, inputSource);
  if (problem !== undefined) throw new SettingsInvalid([problem]);
  return value;
}

/** The problem of an input that is required and not set. */
export function missing(input: Input): string {
  const { required, description } = input;
  const why = typeof required === 'object' ? ` (${required.map(need).join(' or ')} needs it)` : '';
  return `${namesOf(input)}: missing${why}. ${description}`;
}

function need({ input, value }: Requirement): string {
  return `${input} ${value}`;
}

/** All names by which an input can be set. */
export function namesOf({ input, variables = [] }: Input): string {
  return variables.length === 0 ? input : `${input} (${variables.join(' or ')})`;
}

function givenText(
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
