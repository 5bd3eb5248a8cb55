import type { DeprovisionReport } from '../../core/report.ts';
import type { RunRecord } from '../../core/run-record.ts';
import type { Links } from '../../inputs/links.ts';
import type { Closing } from '../../operations/outcome/closing.ts';
import { type Leftover, leftoversOf } from '../../operations/outcome/leftovers.ts';
import { closingText } from './closing-text.ts';
import { courseOf } from './gantt.ts';
import { capped } from './limit.ts';
import { code, plain, table } from './markdown.ts';

export interface Deprovision {
  readonly report: DeprovisionReport;
  readonly record: RunRecord;
  readonly links: Links;
  readonly closing: Closing;
}

/** The job summary of a run that took an instance down, in GitHub's Markdown, short enough to be kept. */
export function deprovisionSummary(deprovision: Deprovision): string {
  const { kind, headline } = deprovision.closing;
  const title = `## ${kind === 'good' ? '✅' : '⚠️'} ${plain(headline)}`;
  return capped([title, '', ...deprovisionLines(deprovision)].join('\n'));
}

/** The summary of a deprovisioned instance, below its title. */
export function deprovisionLines({ record, links, closing }: Deprovision): string[] {
  return [...closingText(closing), ...leftoversTable(record), ...courseOf(record, links)];
}

const WORDS: Readonly<Record<Leftover['state'], string>> = {
  removed: '➖ removed',
  'already absent': 'already absent',
  kept: '📌 kept',
  undetermined: 'removed or already absent',
  'being deleted': '**being deleted**',
  left: '**left**',
  unknown: '**not known**',
  'not removed': '**not removed: check by hand**',
};

/** What the instance had, and what has become of it; nothing where nothing is known. */
export function leftoversTable(record: RunRecord): string[] {
  return table(
    ['Resource', 'Name', 'State'],
    leftoversOf(record).map(({ kind, name, state }) => [plain(kind), code(name), WORDS[state]]),
  );
}
