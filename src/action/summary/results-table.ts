import type { Links } from '../../inputs/links.ts';
import { headlineOfSeveral } from '../../operations/outcome/closing.ts';
import type { Result } from '../../operations/outcome/result.ts';
import { code, link, plain, table } from './markdown.ts';

/** Characters of an error in a cell: its first line tells enough there. */
const LONGEST_ERROR = 160;

/** The words for each result, with a sign to see at a glance. */
export const SIGNS: Readonly<Record<Result['outcome'], string>> = {
  provisioned: '✅ provisioned',
  deprovisioned: '✅ deprovisioned',
  planned: '🔍 planned',
  failed: '❌ failed',
  cancelled: '❌ cancelled',
  'timed-out': '❌ timed out',
  'not-synced': '❌ not synced',
};

/** One row for each instance: what became of it, what it has, and what failed. */
export function resultsTable(results: readonly Result[], links: Links | undefined): string[] {
  const head = ['Instance', 'Outcome', 'Sites', 'Bucket', 'Application', 'Commit', 'Seconds', 'What failed'];
  return table(
    head,
    results.map(({ instance, sites, bucket, application, commit, seconds, error, ...result }) => [
      code(instance),
      outcomeWords(result),
      sites.map((url) => link(plain(new URL(url).host), url)).join(', '),
      bucket === undefined ? '' : code(bucket),
      application === undefined ? '' : link(code(application), links?.application(application)),
      commit === undefined ? '' : link(code(commit.slice(0, 7)), links?.commit(commit)),
      seconds?.toFixed(1) ?? '',
      plain(firstLine(error?.message ?? '')),
    ]),
  );
}

function outcomeWords({ outcome, state }: Pick<Result, 'outcome' | 'state'>): string {
  if (state === undefined || outcome === 'planned') return SIGNS[outcome];
  return `${state.needsAttention === true ? '⚠️' : '✅'} ${plain(state.words)}`;
}

/** What became of an instance, in one word or two. */
export function shortOutcome({ outcome, state }: Pick<Result, 'outcome' | 'state'>): string {
  return state?.short ?? SIGNS[outcome].replace(/^\S+ /, '');
}

/** How many there are of each outcome, the failed ones first: `5 instances: 2 failed, 3 provisioned`. */
export function headlineOf(results: readonly Result[]): string {
  const order = Object.keys(SIGNS).toReversed();
  const failedFirst = results.toSorted((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome));
  return headlineOfSeveral(failedFirst.map(shortOutcome));
}

/** The first line of an error, as a table has room for it. */
export function firstLine(message: string): string {
  const [line = ''] = message.split('\n');
  return line.length <= LONGEST_ERROR ? line : `${line.slice(0, LONGEST_ERROR - 1)}…`;
}
