import { PassThrough } from 'node:stream';
import { severalLog } from '../../src/command-line/several-log.ts';
import { TerminalLog } from '../../src/command-line/terminal-log.ts';
import { EMPTY_RECORD } from '../../src/core/run-record.ts';

describe('the log of several instances', () => {
  it('says in each line whose it is, and hides the secrets of all', async () => {
    const stream = new PassThrough();
    const several = severalLog(new TerminalLog({ stream, errors: stream, isVerbose: true }));
    const [one, two] = [several.forTask('one'), several.forTask('two')];
    one.secret('hunter2-hunter2');
    await Promise.all([
      one.phase('Plan', async () => one.info('first\nsecond')),
      two.phase('Plan', async () => two.warning('hunter2-hunter2')),
    ]);
    two.debug('GET /api');
    several.info('of all');
    const task = { instance: 'one', operation: 'provision' as const, isDryRun: false, isPreview: false };
    one.ended({ task, record: EMPTY_RECORD, kind: 'failed', error: new Error('no answer') });
    const lines = String(stream.read())
      .replace(/\d+\.\d s/g, '0.0 s')
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => line.trim())).toEqual([
      '▸ one: Plan',
      'one: first',
      'one: second',
      '▸ two: Plan',
      'Warning: two: ***',
      '✓ one: Plan, 0.0 s',
      '✓ two: Plan, 0.0 s',
      'two: GET /api',
      'of all',
      '✗ one: failed',
    ]);
  });
});
