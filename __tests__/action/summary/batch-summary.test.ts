import { detailOf } from '../../../src/action/report/report-several.ts';
import { batchSummary } from '../../../src/action/summary/batch-summary.ts';
import { WorkflowFailed } from '../../../src/cluster/workflows/diagnosis.ts';
import { LaunchpadError } from '../../../src/core/errors.ts';
import type { Outcome } from '../../../src/operations/outcome/outcome.ts';
import { resultOf } from '../../../src/operations/outcome/result.ts';
import { DIAGNOSIS, failed, provisioned, taskOf } from '../outcomes.ts';
import { RECORD, REPORT } from '../report.ts';
import { CLOSING, LINKS, REPOSITORY_URL } from './given.ts';

const MIB = 1_048_576;
const redact = (text: string) => text.replaceAll('hunter_2', '***');

function summaryOf(outcomes: readonly Outcome[], previewProject?: string): string {
  const results = outcomes.map((outcome) => resultOf(outcome, redact));
  const details = outcomes.map((outcome) =>
    detailOf(outcome, { links: LINKS, closing: { ...CLOSING, isFenced: previewProject !== undefined }, redact }),
  );
  return batchSummary(results, details, LINKS);
}

const rows = (summary: string) => summary.split('\n').filter((line) => /^\| .* \| (✅|❌|🔍) /.test(line));

/** A failure with a diagnosis. */
const workflowFailed = (log: string) => new WorkflowFailed({ ...DIAGNOSIS, log: [log] });

describe('the summary of several instances', () => {
  it('has a title with counts, and a table of all in which the commit is a link', () => {
    const summary = summaryOf([provisioned('a'), failed('b'), provisioned('c')]);
    expect(summary).toMatch(/^## ❌ 3 instances: 1 failed, 2 provisioned\n\n\| Instance \| Outcome \|/);
    const commit = `[\`0123456\`](${REPOSITORY_URL}/commit/${REPORT.commitSha})`;
    const sites =
      '[riverside.example.org](https://riverside.example.org), [studio.riverside.example.org](https://studio.riverside.example.org)';
    const good = (name: string) =>
      `| \`${name}\` | ✅ provisioned | ${sites} | \`launchpad-${name}-3fa9c1e\` | \`${name}-production\` | ${commit} | 13.1 |  |`;
    expect(rows(summary)).toEqual([good('a'), '| `b` | ❌ failed |  |  |  |  |  | MySQL refused b. |', good('c')]);
    expect(summaryOf([provisioned('a'), provisioned('b')])).toMatch(/^## ✅ 2 instances: 2 provisioned\n/);
  });

  it('says of each that failed what failed and what to do, and folds the rest', () => {
    const error = workflowFailed('the last line');
    const summary = summaryOf([provisioned('a'), failed('b', error, { ...RECORD, commit: undefined })]);
    expect(summary).toContain(
      '### ❌ b was not provisioned\n\n| What failed | Nobody listens. |\n| :--- | :--- |\n| **What to do** | Start it. |\n\n- Phases done',
    );
    const [visible = ''] = summary.split('<details>');
    expect(visible).toContain('- Re-running is safe');
    expect(visible).not.toContain('the last line');
    expect(summary).toMatch(/<details><summary>What was found out about b<\/summary>\n\n.*the last line/s);
    expect(summary).toContain('<details><summary>✅ Instance a&#58; provisioned</summary>\n\n- **LMS**: ');
    expect(summary.match(/<details>/g)?.length).toBe(summary.match(/<\/details>/g)?.length);
    // What failed comes first.
    expect(summary.indexOf('### ❌ b')).toBeLessThan(summary.indexOf('✅ Instance a&#58; provisioned'));
  });

  it('begins with "No changes" if that is true of all, and counts those that have none', () => {
    const same = { changed: false };
    const record = {
      ...RECORD,
      resources: RECORD.resources.map((resource) => ({ ...resource, state: 'unchanged' as const })),
    };
    const unchanged = (name: string): Outcome => {
      const report = { ...REPORT, ...same, instance: name };
      return { task: taskOf(name), record, kind: 'provisioned', report };
    };
    expect(summaryOf([unchanged('a'), unchanged('b')])).toMatch(/^## ✅ No changes: 2 instances are up to date\n/);
    const some = summaryOf([unchanged('a'), provisioned('b')]);
    expect(some).toMatch(/^## ✅ 2 instances: 1 unchanged, 1 provisioned\n/);
    expect(rows(some)[0]).toMatch(/^\| `a` \| ✅ no changes \|/);
    expect(some).toContain('<summary>✅ No changes&#58; instance a is up to date</summary>');
  });

  it('recommends an AppProject for each preview that is not in one', () => {
    const asPreview = (outcome: Outcome) => ({ ...outcome, task: { ...outcome.task, isPreview: true } });
    const outcomes = [provisioned('a'), asPreview(provisioned('b')), asPreview(provisioned('c'))];
    expect(summaryOf(outcomes).match(/Set `preview-project` to an AppProject/g)).toHaveLength(2);
    expect(summaryOf(outcomes, 'previews')).not.toContain('preview-project');
  });

  it('tells cancelled ones, timed-out ones and ones that were not synced apart', () => {
    const outcomes = ['cancelled', 'sync-timeout'].map((code) => failed(code, new LaunchpadError(code, 'No.')));
    expect(rows(summaryOf(outcomes)).map((row) => row.split(' | ')[1])).toEqual(['❌ cancelled', '❌ not synced']);
    expect(summaryOf(outcomes)).toMatch(/^## ❌ 2 instances: 1 not synced, 1 cancelled\n/);
  });

  it('has a commit and an Application also of one that failed after them', () => {
    const [row = ''] = rows(summaryOf([failed('riverside', new LaunchpadError('sync-failed', 'No.'), RECORD)]));
    expect(row).toContain('| `launchpad-riverside-3fa9c1e` | `riverside-production` | [`0123456`](');
  });

  it('shows no secret, and takes nothing in a cell for Markdown', () => {
    const summary = summaryOf([failed('a', new LaunchpadError('x', 'denied | for hunter_2 <b>'))]);
    expect(summary).not.toContain('hunter');
    expect(rows(summary)[0]?.split(' | ')).toHaveLength(8);
    expect(summary).not.toContain('<b>');
  });

  it('has plans as well', () => {
    const changes = { resources: [], commit: 'feat: add instance a', files: [], laterKeys: [], warnings: [] };
    const plan = { ...REPORT, operation: 'provision', instance: 'a', ...changes } as const;
    const summary = summaryOf([
      { task: taskOf('a', { isDryRun: true }), record: RECORD, kind: 'planned', report: plan },
    ]);
    expect(rows(summary)[0]).toMatch(/^\| `a` \| 🔍 planned \| {2}\| `launchpad-riverside-3fa9c1e` \|/);
    expect(summary).toContain('<details><summary>🔍 planned&#58; a</summary>\n\n**Plan&#58; ');
  });

  it('of fifty is a table of fifty rows, with the details of all', () => {
    const summary = summaryOf(Array.from({ length: 50 }, (_, index) => provisioned(`school-${index}`)));
    expect(rows(summary)).toHaveLength(50);
    expect(summary.match(/<details>/g)).toHaveLength(50);
    expect(summary).not.toContain('Left out');
  });

  it('never cuts the table: of fifty with endless errors each row, cause and remedy is there, and what is left out is named', () => {
    const outcomes = Array.from({ length: 50 }, (_, index) =>
      index % 2 === 0
        ? failed(`school-${index}`, workflowFailed('ö'.repeat(200_000)), RECORD)
        : provisioned(`school-${index}`),
    );
    const summary = summaryOf(outcomes);
    expect(Buffer.byteLength(summary)).toBeLessThan(MIB);
    expect(rows(summary)).toHaveLength(50);
    expect(summary.match(/\| \*\*What to do\*\* \| Start it\. \|\n\n- /g)).toHaveLength(25);
    expect(summary).toMatch(
      /Not shown \(size limit\)&#58; .*What was found out about school&#45;|Not shown \(size limit\)/,
    );
    expect(summary).not.toContain('is cut here');
  });
});
