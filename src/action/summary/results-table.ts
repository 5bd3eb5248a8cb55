import type { Links } from '../../inputs/links.ts';
import { firstLine, type Result } from '../../operations/outcome/result.ts';
import { link, plain, table } from './markdown.ts';

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
