import type { DeprovisionReport } from '../../core/report.ts';
import type { RunRecord } from '../../core/run-record.ts';
import type { Links } from '../../inputs/links.ts';
import { type Leftover, leftoversOf } from '../../operations/outcome/leftovers.ts';
import { courseOf } from './gantt.ts';
import { capped } from './limit.ts';
import { code, link, plain, table } from './markdown.ts';

export interface Deprovision {
  readonly report: DeprovisionReport;
  readonly record: RunRecord;
  readonly links: Links;
}

/** The job summary of a run that took an instance down, in GitHub's Markdown, short enough to be kept. */
export function deprovisionSummary(deprovision: Deprovision): string {
  const { instance, changed } = deprovision.report;
  const title = `## ✅ Instance ${plain(instance)} ${changed ? 'is deprovisioned' : 'was gone already'}`;
  return capped([title, '', ...deprovisionLines(deprovision)].join('\n'));
}

/** The summary of a deprovisioned instance, below its title. */
export function deprovisionLines({ report, record, links }: Deprovision): string[] {
  return [
    report.changed
      ? 'Nothing of it is left of what the table names.'
      : 'There was nothing to be removed, and nothing was changed.',
    ...commitLine(report, record, links),
    '',
    ...leftoversTable(record),
    ...courseOf(record, links),
  ];
}

function commitLine({ commitSha, configPath }: DeprovisionReport, { commit }: RunRecord, links: Links): string[] {
  if (commit?.pushed !== true) return [];
  const directory = code(configPath.replace(/\/[^/]+$/, ''));
  return ['', `Commit ${link(code(commitSha.slice(0, 7)), links.commit(commitSha))} removes ${directory}.`];
}

const WORDS: Readonly<Record<Leftover['state'], string>> = {
  removed: '➖ removed',
  'already absent': 'already absent',
  undetermined: 'removed or already absent',
  'being deleted': '**being deleted**',
  left: '**left**',
  unknown: '**not known**',
};

/** What the instance had, and what has become of it; nothing where nothing is known. */
export function leftoversTable(record: RunRecord): string[] {
  return table(
    ['Resource', 'Name', 'State'],
    leftoversOf(record).map(({ kind, name, state }) => [plain(kind), plain(name), WORDS[state]]),
  );
}
