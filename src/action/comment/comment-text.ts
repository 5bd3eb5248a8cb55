import { describeFields } from '../../operations/describe-plan.ts';
import { type ClosingOptions, closingOf, stateOf } from '../../operations/outcome/closing.ts';
import { failuresOf } from '../../operations/outcome/failure.ts';
import type { Outcome } from '../../operations/outcome/outcome.ts';
import { closingCell } from '../summary/closing-text.ts';
import { failureSections, type Redact } from '../summary/failures.ts';
import { capped } from '../summary/limit.ts';
import { code, link, plain, table, withPlainMasks } from '../summary/markdown.ts';
import { planChanges } from '../summary/plan-summary.ts';

/** What a step has come to, for its pull request. */
export interface Reported {
  readonly outcomes: readonly Outcome[];
  /** What ended the step before it came to the instances, or after; undefined where nothing did. */
  readonly error?: unknown;
  /** What is left out, and why. */
  readonly notes: readonly string[];
}

export interface TextOptions {
  /** Page of the run. */
  readonly runUrl: string | undefined;
  /** Undefined where the step ended before it came to an instance. */
  readonly closing: ClosingOptions | undefined;
  /** Short name of the branch that the pull request is to be merged into. */
  readonly base: string;
  readonly redact: Redact;
}

/**
 * GitHub takes 65,536 characters, and a character is a byte at least; the rest is room for the mark
 * (https://docs.github.com/en/rest/issues/comments: "body is too long (maximum is 65536 characters)").
 */
const MOST_BYTES = 64_000;
/** Characters of one diff: there may be several, and the whole of it is in the job summary. */
const LONGEST_DIFF = 10_000;

/** The comment in GitHub's Markdown: the state of each instance, then what failed and what to do, then the plans. */
export function commentText(reported: Reported, options: TextOptions): string {
  const { outcomes, error, notes } = reported;
  const { redact, runUrl } = options;
  // What was planned may be long, and is cut first.
  const failedFirst = outcomes.toSorted((a, b) => Number(b.kind === 'failed') - Number(a.kind === 'failed'));
  const rows = outcomes.map((outcome) => [code(outcome.task.instance), ...rowOf(outcome, options)]);
  const lines = [
    `### ${titleOf(reported)}`,
    '',
    ...table(['Instance', 'State', 'Details'], rows),
    ...notes.map((note) => `- ${plain(redact(note))}`),
    ...(notes.length === 0 ? [] : ['']),
    `${link('Log and summary of the run', runUrl)}.`,
    '',
    ...(error === undefined ? [] : failureSections(failuresOf(error), redact)),
    ...failedFirst.flatMap((outcome) => detailsOf(outcome, redact)),
  ];
  return withPlainMasks(redact(capped(lines.join('\n'), { what: 'comment', mostBytes: MOST_BYTES })));
}

function titleOf({ outcomes, error }: Reported): string {
  const failed = outcomes.filter(({ kind }) => kind === 'failed').length;
  if (error !== undefined) return '❌ Launchpad: the run failed';
  if (failed > 0) return `❌ Launchpad: ${failed} of ${outcomes.length} instances failed`;
  return outcomes.length === 0 ? 'Launchpad: nothing to do' : '✅ Launchpad: instances of this pull request';
}

/** State and details of an instance, as Markdown: in the words of log and summary. */
function rowOf(outcome: Outcome, { closing, base, redact }: TextOptions): [state: string, details: string] {
  if (outcome.kind === 'failed') {
    const [first] = failuresOf(outcome.error);
    return ['❌ failed', plain(redact(first?.title ?? first?.message.split('\n')[0] ?? ''))];
  }
  const { words, needsAttention } = stateOf(outcome);
  const details = closing === undefined ? '' : closingCell(closingOf(outcome, closing));
  switch (outcome.kind) {
    case 'provisioned':
      return [`🚀 ${words}${outcome.task.isPreview ? ' as a preview' : ''}`, details];
    case 'deprovisioned':
      return [`${needsAttention === true ? '⚠️' : '🗑️'} ${plain(words)}`, details];
    case 'planned':
      return [
        outcome.task.isPreview ? '🔍 planned (dry run)' : `🔍 planned: applied on ${plain(base)} after the merge`,
        plain(words),
      ];
  }
}

/** What is below the table: cause and remedy of what failed, and the changes of what was planned. */
function detailsOf(outcome: Outcome, redact: Redact): string[] {
  const name = plain(outcome.task.instance);
  switch (outcome.kind) {
    case 'provisioned':
    case 'deprovisioned':
      return [];
    case 'failed':
      return [`#### ${name} failed`, '', ...failureSections(failuresOf(outcome.error), redact)];
    case 'planned': {
      const { commit, files, resources } = outcome.report;
      const objects = resources
        .filter(({ state }) => state === 'create' || state === 'change' || state === 'delete')
        .map(({ state, kind, name, fields }) =>
          `- ${state} ${plain(kind)} ${code(name)} ${plain(describeFields(fields))}`.trimEnd(),
        );
      const isDeprovision = outcome.task.operation === 'deprovision';
      const changes = [...objects, '', ...(isDeprovision ? [] : planChanges(files, commit, LONGEST_DIFF))];
      return [`<details><summary>Plan for ${name}</summary>`, '', ...changes, '</details>', ''];
    }
  }
}
