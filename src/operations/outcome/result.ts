import type { RunRecord } from '../../core/run-record.ts';
import { type State, stateOf } from './closing.ts';
import { type FailureKind, failureCodeOf, failureKindOf, failuresOf } from './failure.ts';
import type { Outcome } from './outcome.ts';

/** How one instance of a step ended: plain data, small and without a secret, for tables and for steps that follow. */
export interface Result {
  readonly instance: string;
  /** What was done, or how it failed. */
  readonly outcome: Exclude<Outcome['kind'], 'failed'> | FailureKind;
  /** The outcome in words; undefined if it failed. */
  readonly state?: State;
  /** Addresses of LMS and CMS, as far as they are known. */
  readonly sites: readonly string[];
  readonly bucket: string | undefined;
  readonly application: string | undefined;
  /** The full hash. */
  readonly commit: string | undefined;
  /** Undefined if the task did not begin. */
  readonly seconds: number | undefined;
  readonly error: ResultError | undefined;
}

export interface ResultError {
  /** Stable, in kebab-case; `unexpected` if no part of the action knows the error. */
  readonly code: string;
  readonly message: string;
  readonly remedy: string | undefined;
}

/** Hides secrets. */
export type Redact = (text: string) => string;

/** The result of a task, as far as it is known. */
export function resultOf(outcome: Outcome, redact: Redact): Result {
  const { task, record } = outcome;
  const common = { instance: task.instance, seconds: secondsOf(record) };
  if (outcome.kind === 'failed') {
    return {
      ...common,
      outcome: failureKindOf(outcome.error),
      sites: [],
      bucket: nameOf('Bucket', record),
      application: nameOf('Application', record),
      commit: record.commit?.sha,
      error: errorOf(outcome.error, redact),
    };
  }
  const { bucket, application } = outcome.report;
  const commit = 'commitSha' in outcome.report ? outcome.report.commitSha || undefined : undefined;
  const sites =
    outcome.kind === 'provisioned' ? [outcome.report.lmsUrl, outcome.report.cmsUrl].filter((url) => url !== '') : [];
  const state = stateOf(outcome);
  return { ...common, outcome: outcome.kind, state, sites, bucket, application, commit, error: undefined };
}

/** Whether the result makes the step fail. */
export function isFailed({ error }: Result): boolean {
  return error !== undefined;
}

/** From the start of the first phase to the end of the last one. */
function secondsOf({ phases }: RunRecord): number | undefined {
  const [first] = phases;
  const endedAt = phases.at(-1)?.endedAt;
  return first === undefined || endedAt === undefined ? undefined : (endedAt - first.startedAt) / 1000;
}

/** Only of what certainly exists: not of a bucket that the workflow did not report. */
function nameOf(kind: string, { resources }: RunRecord): string | undefined {
  return resources.find((resource) => resource.kind === kind)?.name;
}

function errorOf(thrown: unknown, redact: Redact): ResultError {
  const failures = failuresOf(thrown);
  const remedies = [...new Set(failures.flatMap(({ remedy }) => remedy ?? []))];
  return {
    code: failureCodeOf(thrown),
    message: redact(failures.map(({ message }) => message).join('\n')),
    remedy: remedies.length === 0 ? undefined : redact(remedies.join(' ')),
  };
}
