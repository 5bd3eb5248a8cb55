import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ActionLog } from '../../src/action/log.ts';
import { summaryOf, writeSummary } from '../../src/action/summary.ts';
import { given } from './given.ts';
import { REPORT } from './report.ts';
import { captureStdout } from './stdout.ts';

const COMMIT_URL = 'https://github.com/example-org/riverside-cluster/commit/0123456789abcdef';
const MIB = 1_048_576;

describe('the summary of a run that succeeded', () => {
  it('has a table of the resources and one of the workflows', () => {
    const summary = summaryOf({ kind: 'succeeded', report: REPORT, commitUrl: COMMIT_URL });
    expect(summary).toMatch(/^## ✅ Instance riverside is provisioned\n/);
    expect(summary).toContain(
      '| Resource | Name | State |\n| --- | --- | --- |\n| MySQL database | launchpad-riverside-openedx | created |\n',
    );
    expect(summary).toContain('| mysql | riverside-mysql-x1 | Succeeded | 10.5 |');
  });

  it('names the keys that were set, and links the commit', () => {
    const summary = summaryOf({ kind: 'succeeded', report: REPORT, commitUrl: COMMIT_URL });
    expect(summary).toContain(
      `Commit [\`0123456\`](${COMMIT_URL}) sets \`MONGODB_PASSWORD\`, \`STORAGE_BUCKET_NAME\` in`,
    );
  });

  it('says that there was nothing to commit', () => {
    const report = { ...REPORT, changed: false, changedKeys: [] };
    expect(summaryOf({ kind: 'succeeded', report, commitUrl: COMMIT_URL })).toContain(
      'was complete already, in commit',
    );
  });

  it('takes nothing in a cell for Markdown or HTML', () => {
    const resources = [{ kind: 'a|b', name: '<img src=x> [x](y)\n@org `c`', state: 'created' as const }];
    const summary = summaryOf({ kind: 'succeeded', report: { ...REPORT, resources }, commitUrl: COMMIT_URL });
    const row = summary.split('\n').find((line) => line.startsWith('| a')) ?? '';
    expect(row.split('|')).toHaveLength(5);
    expect(row).not.toMatch(/[<>[\]@`]/);
  });

  it('is cut before GitHub drops it, and says so', () => {
    const resources = Array.from({ length: 30_000 }, (_, index) => ({
      kind: 'MySQL database',
      name: `launchpad-ö-${index}`,
      state: 'created' as const,
    }));
    const summary = summaryOf({ kind: 'succeeded', report: { ...REPORT, resources }, commitUrl: COMMIT_URL });
    expect(Buffer.byteLength(summary)).toBeLessThan(MIB);
    expect(Buffer.byteLength(summary)).toBeGreaterThan(MIB / 2);
    expect(summary).toContain('is cut here');
    expect(summary).not.toContain('\ufffd');
  });
});

describe('the summary of a run that failed', () => {
  const failed = (message: string) =>
    summaryOf({ kind: 'failed', instance: 'riverside', failures: [{ message, remedy: 'Check <host>.', causes: [] }] });

  it('begins with the error and its remedy', () => {
    expect(failed('MySQL at db:3306 refused the admin.')).toBe(
      '## ❌ Instance riverside was not provisioned\n\n' +
        '<pre>\nMySQL at db:3306 refused the admin.\nWhat to do: Check &lt;host&gt;.\n</pre>\n',
    );
  });

  it('takes nothing in an error for HTML', () => {
    expect(failed('</pre><script>')).toContain('&lt;/pre&gt;&lt;script&gt;');
  });

  it('shows so much of an endless error that the rest finds room', () => {
    const summary = failed('x'.repeat(3 * MIB));
    expect(Buffer.byteLength(summary)).toBeLessThan(MIB);
    expect(summary).toContain('(cut: see the log)\n</pre>');
  });
});

describe('writing a summary', () => {
  let out: ReturnType<typeof captureStdout>;
  let directory = '';
  beforeEach(async () => {
    out = captureStdout();
    directory = await mkdtemp(path.join(tmpdir(), 'summary-'));
  });
  afterEach(async () => {
    out.end();
    delete process.env.GITHUB_STEP_SUMMARY;
    await rm(directory, { recursive: true });
  });

  it('adds it to the file of the step, without a secret', async () => {
    const file = path.join(directory, 'summary.md');
    await writeFile(file, 'before\n');
    process.env.GITHUB_STEP_SUMMARY = file;
    const log = new ActionLog();
    log.maskAlways('hunter2');
    await writeSummary('denied for hunter2\n', log);
    expect(await readFile(file, 'utf8')).toBe('before\ndenied for ***\n');
    expect(out.text()).not.toContain('::warning');
  });

  it('is left out where the runner has none', async () => {
    await writeSummary('text', new ActionLog(), given({}));
    expect(out.text()).toBe('');
  });
});
