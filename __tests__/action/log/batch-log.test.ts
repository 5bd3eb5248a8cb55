import { stripVTControlCharacters } from 'node:util';
import { ActionLog } from '../../../src/action/log/action-log.ts';
import { Annotations } from '../../../src/action/log/annotations.ts';
import { BatchLog } from '../../../src/action/log/batch-log.ts';
import { LaunchpadError } from '../../../src/core/errors.ts';
import { failed, provisioned } from '../outcomes.ts';
import { captureOutput } from '../stdout.ts';

describe('the job log of several instances', () => {
  const out = captureOutput();
  let log: ActionLog;
  let annotations: Annotations;
  let batch: BatchLog;
  beforeEach(() => {
    log = new ActionLog();
    annotations = new Annotations(log);
    batch = new BatchLog(log, { count: 3, annotations });
  });
  afterEach(() => {
    batch.close();
  });
  const plainText = () => stripVTControlCharacters(out.text());

  it('keeps the lines of each and shows them as one group when it ends, and a line for each phase at once', async () => {
    const [a, b] = [batch.forTask('a'), batch.forTask('b')];
    await a.phase('Lock the instance', async () => {
      a.info('first of a');
      b.info('first of b');
    });
    a.info('second of a');
    expect(plainText()).toMatch(/^a: ✓ Lock the instance, \d\.\d s\n$/);
    a.ended(provisioned('a'));
    expect(plainText()).toMatch(
      /\n::group::Log of instance a\n▸ Lock the instance\nfirst of a\n✓ Lock the instance, \d\.\d s\nsecond of a\n::endgroup::\n✓ instance a: provisioned, \d+\.\d s\n$/,
    );
    expect(plainText()).not.toContain('first of b');
    b.ended(provisioned('b'));
    expect(plainText()).toContain('::group::Log of instance b\nfirst of b\n::endgroup::\n');
  });

  it('shows what failed outside of the group, as an annotation with the name of the instance, and fails the step', async () => {
    const a = batch.forTask('a');
    await a.phase('Check', () => Promise.reject(new Error('no'))).catch(() => undefined);
    a.ended(failed('a'));
    const text = plainText();
    expect(text).toMatch(/^a: ✗ failed: Check, /);
    const [, group = '', after = ''] = /::group::(.*)::endgroup::\n(.*)$/s.exec(text) ?? [];
    expect(group).toContain('No changes were made');
    expect(group).not.toContain('::error');
    expect(after).toMatch(
      /^✗ instance a: failed, .*\n::debug::.*\n::error title=a%3A Provisioning failed::MySQL refused a\.%0ASecond line\.%0AWhat to do: Check <host>\.\n$/,
    );
    expect(process.exitCode).toBe(1);
  });

  it('shows warnings at once, with the name', () => {
    const a = batch.forTask('a');
    a.warning('slow');
    expect(out.text()).toBe('::warning::a: slow\n');
    a.ended(provisioned('a'));
    expect(out.text()).toContain('\nWarning: slow\n');
  });

  it('shows no secret, also one that was told of after the line, and no command to the runner', () => {
    const a = batch.forTask('a');
    a.info('password hunter2-hunter2');
    a.info('::error::from a pod');
    a.secret('hunter2-hunter2');
    const masks = out.text().length;
    a.ended(failed('a', new LaunchpadError('x', 'denied for hunter2-hunter2')));
    const shown = out.text().slice(masks);
    expect(shown).toContain('password ***');
    expect(shown).not.toContain('hunter2');
    expect(shown.match(/^::error/gm)).toHaveLength(1);
  });

  it('keeps the end of a very long log', () => {
    const a = batch.forTask('a');
    for (let line = 0; line < 10_000; line += 1) a.info(`line ${line} ${'x'.repeat(100)}`);
    a.ended(provisioned('a'));
    expect(out.text()).toMatch(/::group::Log of instance a\n… \d+ earlier lines are left out\nline \d+ x/);
    expect(out.text()).toContain('line 9999 ');
    expect(out.text().length).toBeLessThan(300_000);
  });

  it('says what is under way when nothing was to be seen for a while', async () => {
    batch.close();
    let now = 0;
    let wake = Promise.withResolvers<void>();
    const clock = { wallMs: () => now, monotonicMs: () => now, sleep: () => wake.promise };
    const pass = async (ms: number) => {
      now += ms;
      wake.resolve();
      wake = Promise.withResolvers();
      await new Promise(setImmediate);
    };
    batch = new BatchLog(log, { count: 3, annotations, clock });
    batch.forTask('a').ended(provisioned('a'));
    const held = Promise.withResolvers<void>();
    const b = batch.forTask('b').phase('Wait for the workflows', () => held.promise);
    await pass(24_000);
    expect(out.text()).not.toContain('have ended');
    await pass(1_000);
    held.resolve();
    await b;
    expect(out.text().match(/have ended/g)).toHaveLength(1);
    expect(out.text()).toMatch(/^1 of 3 have ended; under way: b \(Wait for the workflows, \d+ s so far\)$/m);
  });

  const annotationsShown = () => out.text().match(/^::error .*$/gm) ?? [];

  it('has no more annotations than GitHub shows, and the last one says how many more failed', () => {
    for (let index = 1; index <= 12; index += 1) batch.forTask(`i${index}`).ended(failed(`i${index}`));
    annotations.end();
    expect(annotationsShown()).toHaveLength(10);
    expect(annotationsShown().at(-1)).toMatch(
      /^::error title=3 more failures::i10: .*; i11: .*; i12: .*%0AGitHub shows 10/,
    );
    // Those that are no annotations are lines.
    expect(plainText()).toContain('\ni11: Provisioning failed: MySQL refused i11.\n');
  });

  it('has ten annotations for ten failures', () => {
    for (let index = 1; index <= 10; index += 1) batch.forTask(`i${index}`).ended(failed(`i${index}`));
    annotations.end();
    expect(annotationsShown()).toHaveLength(10);
    expect(annotationsShown().at(-1)).toContain('MySQL refused i10');
  });
});
