import type { Links } from '../../inputs/links.ts';
import { firstLine, type Result } from '../../operations/outcome/result.ts';
import { code, link, plain, table } from './markdown.ts';

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
