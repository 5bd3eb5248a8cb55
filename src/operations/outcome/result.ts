import type { RunRecord } from '../../core/run-record.ts';
import { headlineOfSeveral, type State, stateOf } from './closing.ts';
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

/** The outcomes, the worst first. */
const ORDER: readonly Result['outcome'][] = [
  'not-synced',
  'timed-out',
  'cancelled',
  'failed',
  'planned',
  'deprovisioned',
  'provisioned',
];

/** How many there are of each outcome, the failed ones first: `5 instances: 2 failed, 3 provisioned`. */
export function headlineOf(results: readonly Result[]): string {
  const failedFirst = results.toSorted((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome));
  return headlineOfSeveral(failedFirst.map(shortOutcome));
}

/** What became of an instance, in one word or two. */
export function shortOutcome({ outcome, state }: Result): string {
  return state?.short ?? outcome.replace('-', ' ');
}

/** Characters of an error in a cell: its first line tells enough there. */
const LONGEST_ERROR = 160;

/** The first line of an error, as a table has room for it. */
function firstLine(message: string): string {
  const [line = ''] = message.split('\n');
  return line.length <= LONGEST_ERROR ? line : `${line.slice(0, LONGEST_ERROR - 1)}…`;
}

/** What a table says of a result, cell by cell; empty where there is nothing to say. */
export function resultCells(result: Result) {
  const { instance, seconds, commit = '', bucket = '', application = '', error } = result;
  return {
    instance,
    outcome: shortOutcome(result),
    seconds: seconds?.toFixed(1) ?? '',
    commit: commit.slice(0, 7),
    bucket,
    application,
    failed: firstLine(error?.message ?? ''),
  };
}

/** The last lines about several instances: how many ended how, and a table with a row for each. */
export function resultLines(results: readonly Result[]): string[] {
  const head = ['instance', 'outcome', 'seconds', 'commit', 'bucket', 'what failed'];
  const rows = results.map(resultCells).map((cells) => {
    const { instance, outcome, seconds, commit, bucket, failed } = cells;
    return [instance, outcome, seconds, commit, bucket, failed];
  });
  return [headlineOf(results), ...plainTable([head, ...rows])];
}

/** A table as lines of text: columns as wide as their widest cell, two spaces between them. */
function plainTable(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
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
