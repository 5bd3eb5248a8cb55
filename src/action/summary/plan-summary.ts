import type { PlannedFile, PlanReport } from '../../core/report.ts';
import {
  countsOfPlan,
  describeFields,
  describeLaterKeys,
  PLAN_SIGNS,
  planRows,
} from '../../operations/describe-plan.ts';
import { capped } from './limit.ts';
import { code, plain, table, warningLines } from './markdown.ts';

/** Characters of one diff: what is left of the summary is worth more than the rest of it. */
const LONGEST_DIFF = 200_000;

/** The job summary of a dry run, in GitHub's Markdown, short enough to be kept. */
export function planSummary(report: PlanReport): string {
  const { operation, instance } = report;
  const title = `## 🔍 Plan for ${operation === 'deprovision' ? 'deprovisioning ' : ''}instance ${plain(instance)}`;
  return capped([title, '', ...planLines(report)].join('\n'));
}

/** What a summary says of a plan, below its title. */
export function planLines(report: PlanReport): string[] {
  const { operation, commit, files, laterKeys, warnings } = report;
  const isDeprovision = operation === 'deprovision';
  return [
    `**${plain(countsOfPlan(report))}.** Dry run: no changes were made.`,
    '',
    ...warningLines(warnings),
    ...table(
      ['', 'Resource', 'Name', 'Fields'],
      planRows(report).map(({ state, kind, name, fields }) => {
        const { sign, word, note } = PLAN_SIGNS[state];
        return [`\`${sign}\` ${word}`, plain(kind), code(name), plain(`${describeFields(fields)}${note}`)];
      }),
    ),
    ...(isDeprovision ? deprovisions(files, commit) : planChanges(files, commit, LONGEST_DIFF)),
    ...(laterKeys.length > 0 ? [plain(describeLaterKeys(laterKeys)), ''] : []),
  ];
}

/** The commit that a run would make, as diffs of at most so many characters each. */
export function planChanges(files: readonly PlannedFile[], commit: string, longest: number): string[] {
  const changed = files.filter(({ state }) => state !== 'unchanged');
  if (changed.length === 0) return ['No file changes.', ''];
  return [
    `### Commit: ${plain(commit)}`,
    '',
    ...changed.flatMap(({ diff }) => [...fenced(shortened(diff, longest)), '']),
  ];
}

function deprovisions(files: readonly PlannedFile[], commit: string): string[] {
  if (commit === '') return ['No file changes.', ''];
  return [`### Commit: ${plain(commit)}`, '', ...files.map(({ path }) => `- ➖ ${code(path)}`), ''];
}

/** A block of code whose fence is longer than any in it. */
function fenced(diff: string): string[] {
  const longest = Math.max(2, ...[...diff.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}diff`, diff, fence];
}

function shortened(diff: string, longest: number): string {
  if (diff.length <= longest) return diff;
  return `${diff.slice(0, diff.lastIndexOf('\n', longest))}\n… (cut: see the log)`;
}
