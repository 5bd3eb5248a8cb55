import type { RemovalReport } from '../../core/report.ts';
import type { RunRecord } from '../../core/run-record.ts';
import type { Links } from '../../inputs/links.ts';
import { type Remains, remainsOf } from '../../operations/outcome/aftermath.ts';
import { courseOf } from './gantt.ts';
import { capped } from './limit.ts';
import { code, link, plain, table } from './markdown.ts';

export interface Removal {
  readonly report: RemovalReport;
  readonly record: RunRecord;
  readonly links: Links;
}

/** The job summary of a run that took an instance down, in GitHub's Markdown, short enough to be kept. */
export function removalSummary(removal: Removal): string {
  const { instance, changed } = removal.report;
  const title = `## ✅ Instance ${plain(instance)} ${changed ? 'is taken down' : 'was gone already'}`;
  return capped([title, '', ...removalLines(removal)].join('\n'));
}

/** What a summary says of an instance that was taken down, below its title. */
export function removalLines({ report, record, links }: Removal): string[] {
  return [
    report.changed
      ? 'Nothing of it is left of what the table names.'
      : 'There was nothing to be removed, and nothing was changed.',
    ...commitLine(report, record, links),
    '',
    ...remainsTable(record),
    ...courseOf(record),
  ];
}

function commitLine({ commitSha, configPath }: RemovalReport, { commit }: RunRecord, links: Links): string[] {
  if (commit?.pushed !== true) return [];
  const directory = code(configPath.replace(/\/[^/]+$/, ''));
  return ['', `Commit ${link(code(commitSha.slice(0, 7)), links.commit(commitSha))} removes ${directory}.`];
}

const WORDS: Readonly<Record<Remains['state'], string>> = {
  removed: '➖ removed',
  'gone already': 'gone already',
  told: 'removed, or gone already',
  left: '**left**',
};

/** What the instance had, and what has become of it; nothing where nothing is known. */
export function remainsTable(record: RunRecord): string[] {
  return table(
    ['Resource', 'Name', 'State'],
    remainsOf(record).map(({ kind, name, state }) => [plain(kind), plain(name), WORDS[state]]),
  );
}
