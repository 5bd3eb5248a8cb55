import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ActionLog } from '../../../src/action/log/action-log.ts';
import { writeSummary } from '../../../src/action/runner.ts';
import { captureOutput } from '../stdout.ts';

describe('writing a summary', () => {
  const out = captureOutput();
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'summary-'));
  });
  afterEach(async () => {
    delete process.env.GITHUB_STEP_SUMMARY;
    await rm(directory, { recursive: true });
  });

  it('adds it to the file of the step, without a secret', async () => {
    const file = path.join(directory, 'summary.md');
    await writeFile(file, 'before\n');
    process.env.GITHUB_STEP_SUMMARY = file;
    const log = new ActionLog();
    log.maskAlways('hunter2');
    await writeSummary('denied for hunter2, `x-hunter2`\n', log);
    expect(await readFile(file, 'utf8')).toBe('before\ndenied for &#42;&#42;&#42;, `x-***`\n');
    expect(out.text()).not.toContain('::warning');
  });

  it('is left out where the runner has none', async () => {
    delete process.env.GITHUB_STEP_SUMMARY;
    await writeSummary('text', new ActionLog());
    expect(out.text()).toBe('');
  });
});
