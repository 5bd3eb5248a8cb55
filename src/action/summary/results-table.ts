import type { Links } from '../../inputs/links.ts';
import type { Result } from '../../operations/outcome/result.ts';
import { link, plain, table } from './markdown.ts';

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
  const head = ['Instance', 'Outcome', 'Bucket', 'Application', 'Commit', 'Seconds', 'What failed'];
  return table(
    head,
    results.map(({ instance, outcome, bucket = '', application, commit, seconds, error }) => [
      plain(instance),
      SIGNS[outcome],
      plain(bucket),
      application === undefined ? '' : link(plain(application), links?.application(application)),
      commit === undefined ? '' : link(commit.slice(0, 7), links?.commit(commit)),
      seconds?.toFixed(1) ?? '',
      plain(firstLine(error?.message ?? '')),
    ]),
  );
}

/** How many there are of each outcome, the failed ones first: `2 failed, 3 provisioned`. */
export function countsOf(results: readonly Result[]): string {
  const counts = Map.groupBy(results, ({ outcome }) => outcome);
  const order = Object.keys(SIGNS).toReversed();
  return [...counts]
    .toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b))
    .map(([outcome, members]) => `${members.length} ${SIGNS[outcome].replace(/^\S+ /, '')}`)
    .join(', ');
}

/** The first line of an error, as a table has room for it. */
export function firstLine(message: string): string {
  const [line = ''] = message.split('\n');
  return line.length <= LONGEST_ERROR ? line : `${line.slice(0, LONGEST_ERROR - 1)}…`;
}
