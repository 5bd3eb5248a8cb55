/** The plan of a dry run as lines of a log, as Terraform shows one: a sign for each resource, and the counts last. */

import type { PlannedFile, PlannedResource, PlanReport } from '../core/report.ts';

/** A line, and the colour of what it says. */
export interface PlanLine {
  readonly text: string;
  readonly style?: 'green' | 'yellow' | 'red' | 'dim' | 'bold';
}

type State = PlannedResource['state'];

/** What a run would do: its sign, its word, its colour, and what only the run finds out. */
export const PLAN_SIGNS: Readonly<
  Record<
    State,
    { readonly sign: string; readonly word: string; readonly note: string; readonly style?: PlanLine['style'] }
  >
> = {
  create: { sign: '+', word: 'create', note: '', style: 'green' },
  ensure: { sign: '+', word: 'create', note: '(if missing)', style: 'green' },
  change: { sign: '~', word: 'change', note: '', style: 'yellow' },
  delete: { sign: '-', word: 'delete', note: '', style: 'red' },
  remove: { sign: '-', word: 'delete', note: '(if it exists)', style: 'red' },
  unchanged: { sign: '=', word: 'keep', note: '', style: 'dim' },
  absent: { sign: '=', word: 'keep', note: '(already absent)', style: 'dim' },
  keep: { sign: '=', word: 'keep', note: '(kept)', style: 'dim' },
  start: { sign: '>', word: 'run', note: '', style: 'dim' },
};

/** Kinds that an operator looks for, in this order; all others are internals of a run. */
const FIRST = [
  'MySQL database',
  'MySQL user',
  'MongoDB database',
  'MongoDB user',
  'Bucket',
  'File',
  'Application',
  'Namespace',
];

/** The rows of a plan, files among them: what matters first. */
export function planRows({ resources, files }: PlanReport): PlannedResource[] {
  const rows = [...resources, ...files.map(({ path, state }) => ({ kind: 'File', name: path, state, fields: [] }))];
  const place = ({ kind }: PlannedResource) => (FIRST.includes(kind) ? FIRST.indexOf(kind) : FIRST.length);
  return rows.toSorted((a, b) => place(a) - place(b));
}

/** The plan of a dry run: a line for each resource, the commit with its diffs, and the counts. */
export function describePlanReport(report: PlanReport): PlanLine[] {
  const { files, commit, laterKeys } = report;
  const rows = planRows(report);
  const width = Math.max(...rows.map(({ kind }) => kind.length));
  return [
    ...rows.map(({ kind, name, state, fields }): PlanLine => {
      const { sign, note, style } = PLAN_SIGNS[state];
      const text = [`${sign} ${kind.padEnd(width)}`, name, describeFields(fields), note].filter((part) => part !== '');
      return { text: text.join('  '), ...(style === undefined ? {} : { style }) };
    }),
    ...describeCommit(report.operation === 'deprovision' ? [] : files, commit),
    ...(laterKeys.length > 0 ? [{ text: describeLaterKeys(laterKeys) }] : []),
    { text: `${countsOfPlan(report)}.`, style: 'bold' },
  ];
}

function describeCommit(files: readonly PlannedFile[], commit: string): PlanLine[] {
  const diffs = files.filter(({ state }) => state !== 'unchanged').map(({ diff }) => ({ text: diff }));
  if (commit === '' || (files.length > 0 && diffs.length === 0)) return [{ text: 'No file changes' }];
  return [{ text: `Commit "${commit}"`, style: 'bold' }, ...diffs];
}

/** `Plan: 11 to create, 1 to change, 0 to destroy`, and what only the run finds out. */
export function countsOfPlan(report: PlanReport): string {
  const { operation } = report;
  const count = (...wanted: State[]) => planRows(report).filter(({ state }) => wanted.includes(state)).length;
  const isDeprovision = operation === 'deprovision';
  if (isEmpty(report)) {
    return isDeprovision
      ? 'No changes: not found, nothing to delete'
      : 'No changes (databases, users and bucket are created if missing)';
  }
  const counts = `Plan: ${count('create')} to create, ${count('change')} to change, ${count('delete', 'remove')} to destroy`;
  const unseen = isDeprovision
    ? 'databases, users and bucket if they exist'
    : 'and databases, users and bucket if missing';
  return `${counts} (${unseen})`;
}

/** Whether a run would change nothing that can be seen from here. */
export function isEmpty(report: PlanReport): boolean {
  return !report.changed && planRows(report).every(({ state }) => state !== 'remove');
}

/** Keys that a run would add to config.yml with values that only a vendor's API knows. */
export function describeLaterKeys(keys: readonly string[]): string {
  return `Keys of config.yml that the run gets from the vendor's API: ${keys.join(', ')}`;
}

/** The most fields that are named: with a template of another version all may differ. */
const MOST_FIELDS = 8;

/** The fields that would change, on one line. */
export function describeFields(fields: readonly string[]): string {
  if (fields.length === 0) return '';
  const rest = fields.length - MOST_FIELDS;
  return `(${fields.slice(0, MOST_FIELDS).join(', ')}${rest > 0 ? ` and ${rest} more` : ''})`;
}
