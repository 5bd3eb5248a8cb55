import { deprovisionSummary } from '../../../src/action/summary/deprovision-summary.ts';
import { summaryOf } from '../../../src/action/summary/summary.ts';
import type { DeprovisionReport } from '../../../src/core/report.ts';
import { EMPTY_RECORD, type RunRecord } from '../../../src/core/run-record.ts';
import { deprovisioned } from '../../../src/operations/outcome/closing.ts';
import { describeLeftovers } from '../../../src/operations/outcome/leftovers.ts';
import { RECORD, REPORT } from '../report.ts';
import { FAILURE, LINKS, REPOSITORY_URL } from './given.ts';

const { commitSha } = REPORT;

/** The record of a run that took the instance down, whose forum database was never written to. */
const REMOVED: RunRecord = {
  ...RECORD,
  operation: 'deprovision',
  resources: [
    { kind: 'Application', name: 'riverside-production', state: 'deleted' },
    { kind: 'Namespace', name: 'riverside', state: 'deleted' },
    ...RECORD.expected
      .filter(({ by }) => by !== 'storage')
      .map(({ kind, name }) => ({ kind, name, state: name.endsWith('forum') ? 'absent' : 'deleted' }) as const),
    { kind: 'Directory', name: 'instances/riverside', state: 'deleted' },
  ],
  commit: { sha: commitSha, pushed: true, keys: [] },
};

const DEPROVISION_REPORT: DeprovisionReport = { ...REPORT };

/** The record of one whose MySQL workflow failed. */
const HALF: RunRecord = {
  ...REMOVED,
  workflows: RECORD.workflows.map((workflow) =>
    workflow.kind === 'mysql' ? { ...workflow, phase: 'Failed' } : workflow,
  ),
  resources: REMOVED.resources
    .filter(({ kind }) => kind !== 'Directory' && !kind.startsWith('MySQL'))
    .map((resource) => (resource.kind === 'Namespace' ? { ...resource, state: 'unchanged' } : resource)),
  commit: undefined,
};

function summaryOfReport(report: DeprovisionReport, record: RunRecord): string {
  return deprovisionSummary({ report, record, links: LINKS, closing: deprovisioned(report, LINKS) });
}

describe('the summary of a run that took an instance down', () => {
  it('is a warning where a bucket may be left', () => {
    const summary = summaryOfReport({ ...DEPROVISION_REPORT, unknownBucket: 'launchpad-riverside-*' }, REMOVED);
    expect(summary).toMatch(/^## ⚠️ Instance riverside&#58; deprovisioned, bucket not removed&#58; check by hand\n/);
    expect(summary).toContain('launchpad-riverside-&#42;');
  });

  it('has a table of all that the instance had, in the order in which it went, and the commit', () => {
    const summary = summaryOfReport(DEPROVISION_REPORT, REMOVED);
    expect(summary).toMatch(/^## ✅ Instance riverside&#58; deprovisioned with all its data\n/);
    expect(summary).toContain(`- **Commit**: [\`0123456\`](${REPOSITORY_URL}/commit/${commitSha})`);
    expect(summary).toContain(
      [
        '| Resource | Name | State |',
        '| --- | --- | --- |',
        '| Application | `riverside-production` | ➖ removed |',
        '| MySQL database | `launchpad-riverside-openedx` | ➖ removed |',
        '| MySQL user | `launchpad-riverside` | ➖ removed |',
        '| MongoDB database | `launchpad-riverside-openedx` | ➖ removed |',
        '| MongoDB database | `launchpad-riverside-forum` | already absent |',
        '| MongoDB user | `launchpad-riverside` | ➖ removed |',
        '| Bucket | `launchpad-riverside-3fa9c1e` | removed or already absent |',
        '| Namespace | `riverside` | ➖ removed |',
        '| Directory | `instances/riverside` | ➖ removed |',
        '',
      ].join('\n'),
    );
    expect(summary).toContain('```mermaid\ngantt');
  });

  it('names what was kept, and how to use it again', () => {
    const bucket = { kind: 'Bucket', name: 'launchpad-riverside-3fa9c1e' };
    const kept = { resources: [bucket], restore: 'To use it again: git checkout 0123456~1 -- instances/riverside.' };
    const record = { ...REMOVED, resources: [...REMOVED.resources, { ...bucket, state: 'kept' } as const] };
    const summary = summaryOfReport({ ...DEPROVISION_REPORT, kept }, record);
    expect(summary).toMatch(/^## ✅ Instance riverside&#58; deprovisioned, data kept\n/);
    expect(summary).toContain('- **Kept**: `Bucket launchpad-riverside-3fa9c1e`');
    expect(summary).toContain('git checkout 0123456&#126;1 -- instances/riverside.');
    expect(summary).toContain('| Bucket | `launchpad-riverside-3fa9c1e` | 📌 kept |');
    expect(describeLeftovers(record, { resources: true })).toContain('Kept: Bucket launchpad-riverside-3fa9c1e.');
  });

  it('says of one that found nothing that nothing was changed', () => {
    const record = { ...REMOVED, resources: [], expected: [], workflows: [], commit: undefined };
    const summary = summaryOfReport({ ...DEPROVISION_REPORT, changed: false, commitSha: '' }, record);
    expect(summary).toMatch(/^## ✅ Instance riverside&#58; not found, nothing to delete\n/);
    expect(summary).not.toContain('| Resource');
  });

  it('says of one that failed what is removed, what is left, and what the next run does', () => {
    const summary = summaryOf({ ...FAILURE, record: HALF });
    expect(summary).toMatch(/^## ❌ Instance riverside was not deprovisioned\n/);
    expect(summary).toContain('### State and next run');
    expect(summary).toContain('| MySQL user | `launchpad-riverside` | **not known** |');
    expect(summary).toContain('| Namespace | `riverside` | **left** |');
    expect(summary).not.toContain('config.yml the run set');
    expect(describeLeftovers({ ...HALF, phases: [] }, { resources: true })).toEqual([
      'Workflows: mysql failed; mongodb and storage succeeded.',
      'Removed: Application riverside-production, MongoDB database launchpad-riverside-openedx, MongoDB user launchpad-riverside.',
      'Removed or already absent: Bucket launchpad-riverside-3fa9c1e.',
      'Already absent: MongoDB database launchpad-riverside-forum.',
      'Left: Namespace riverside.',
      'Not known whether removed or left: MySQL database launchpad-riverside-openedx, MySQL user launchpad-riverside.',
      "The instance's files were not removed from the cluster repository.",
      'Run again with operation: deprovision to remove the rest.',
    ]);
  });

  it('says of one that was cancelled while it pushed that nobody knows whether the files are there', () => {
    const record = { ...HALF, effects: { ...HALF.effects, commit: 'unknown' as const } };
    expect(summaryOf({ ...FAILURE, kind: 'cancelled', record })).toMatch(
      /^## ❌ Instance riverside was not deprovisioned: the run was cancelled\n/,
    );
    expect(describeLeftovers(record, { resources: true }).join(' ')).toContain('is not known: the next run finds out');
  });

  it('says of one that was refused before anything that nothing was touched', () => {
    const record = { ...EMPTY_RECORD, operation: 'deprovision' as const };
    const summary = summaryOf({ ...FAILURE, instance: undefined, record });
    expect(summary).toMatch(/^## ❌ Deprovisioning failed\n/);
    expect(summary).toContain('No changes were made');
  });
});
