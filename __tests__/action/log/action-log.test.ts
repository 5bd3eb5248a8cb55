import { ActionLog } from '../../../src/action/log/action-log.ts';
import { captureOutput } from '../stdout.ts';

describe('the job log', () => {
  const out = captureOutput();
  let log: ActionLog;
  beforeEach(() => {
    log = new ActionLog();
  });

  it('shows a phase as a group, and below it its outcome and time', async () => {
    const result = await log.phase('Check the cluster', async () => {
      log.info('Cluster: https://example.org');
      return 7;
    });
    log.info('after');
    expect(result).toBe(7);
    expect(out.text()).toMatch(
      /^::group::Check the cluster\nCluster: https:\/\/example\.org\n::endgroup::\n\S+✓\S+ Check the cluster, \d+\.\d s\nafter\n$/,
    );
  });

  it('ends the group of a phase that fails before the error goes on', async () => {
    const failing = log.phase('Wait', () => Promise.reject(new Error('no answer')));
    await expect(failing).rejects.toThrow('no answer');
    expect(out.text()).toMatch(/^::group::Wait\n::endgroup::\n\S+✗ failed:\S+ Wait, \d+\.\d s\n$/);
  });

  it('does not nest groups', async () => {
    await log.phase('outer', () => log.phase('inner', () => Promise.resolve()));
    expect(out.text().match(/::group::/g)).toHaveLength(1);
    expect(out.text()).toMatch(/^::group::outer\ninner\n::endgroup::\n\S+ outer, /);
  });

  it('masks a secret in every form, and shows it nowhere itself', async () => {
    log.secret('hunter2-hunter2');
    const masks = out.text();
    const base64 = Buffer.from('hunter2-hunter2').toString('base64');
    expect(masks).toBe(`::add-mask::hunter2-hunter2\n::add-mask::${base64}\n`);
    log.info(`password hunter2-hunter2, ${base64}`);
    log.warning('hunter2-hunter2');
    log.debug('hunter2-hunter2');
    await log.phase('hunter2-hunter2', () => Promise.resolve());
    const rest = out.text().slice(masks.length);
    expect(rest).toContain('password ***, ***');
    expect(rest).not.toMatch(/hunter2/);
    expect(rest).not.toContain(base64);
  });

  it('masks a short value only if it is the caller’s own', () => {
    log.secret('0123');
    expect(out.text()).toBe('');
    log.maskAlways('0123');
    log.info('code 0123');
    expect(out.text()).toContain('code ***');
  });

  it('hides the whole of a secret that contains another', () => {
    log.maskAlways('abc');
    log.maskAlways('abcdef');
    log.maskAlways('a.c*');
    expect(log.redact('abcdef abc axc a.c*')).toBe('*** *** axc ***');
  });

  it('lets nothing that it repeats be a command to the runner', () => {
    log.info('from a pod:\n  ::add-mask::x\r::error::y\n##[group]z');
    const lines = out.text().split(/[\r\n]+/);
    expect(lines.filter((line) => /^\s*::/.test(line) || line.includes('##['))).toEqual([]);
    expect(out.text().replaceAll('\u200b', '')).toContain('  ::add-mask::x\r::error::y\n##[group]z');
  });
});
