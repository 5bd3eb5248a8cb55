import { execFile } from 'node:child_process';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import { StatusLine } from '../../src/command-line/status-line.ts';
import { TerminalLog } from '../../src/command-line/terminal-log.ts';

const ESCAPE = '\u001b';

/** A stream, and what was written to it. */
function streamOf() {
  const stream = new PassThrough();
  return { stream, text: () => String(stream.read() ?? '') };
}

function logOf({ isVerbose = false } = {}) {
  const [out, err] = [streamOf(), streamOf()];
  return { log: new TerminalLog({ stream: out.stream, errors: err.stream, isVerbose }), out: out.text, err: err.text };
}

describe('the log of a command', () => {
  it('has a line when a phase begins and one with its outcome and seconds, and what is said between them', async () => {
    const { log, out } = logOf();
    const result = await log.phase('Check the cluster', async () => {
      log.info('Cluster: https://example.org\nsecond line');
      return 7;
    });
    log.info('after');
    expect(result).toBe(7);
    expect(out()).toMatch(
      /^▸ Check the cluster\n {2}Cluster: https:\/\/example\.org\n {2}second line\n✓ Check the cluster, \d+\.\d s\nafter\n$/,
    );
  });

  it('says which phase failed, and lets the error go on', async () => {
    const { log, out, err } = logOf();
    await expect(log.phase('Wait', () => Promise.reject(new Error('no answer')))).rejects.toThrow('no answer');
    expect(out()).toMatch(/^▸ Wait\n✗ failed: Wait, \d+\.\d s\n$/);
    expect(err()).toBe('');
  });

  it('tells of phases side by side', async () => {
    const { log, out } = logOf();
    await Promise.all([log.phase('One', () => Promise.resolve()), log.phase('Two', () => Promise.resolve())]);
    expect(out()).toMatch(/✓ One, [\s\S]*✓ Two, /);
  });

  it('indents nothing once it is for several instances, whose lines mix', async () => {
    const { log, out } = logOf();
    log.flatten();
    await log.phase('a: One', async () => log.info('b: news'));
    expect(out()).toMatch(/^▸ a: One\nb: news\n✓ a: One, /);
  });

  it('shows debug output only where it was asked for, and errors where errors go', () => {
    const { log, out, err } = logOf();
    log.debug('GET /api');
    log.warning('slow');
    log.error('broken', 'red');
    expect(out()).toBe('Warning: slow\n');
    expect(err()).toBe('broken\n');
    const verbose = logOf({ isVerbose: true });
    verbose.log.debug('GET /api');
    expect(verbose.out()).toBe('GET /api\n');
  });

  it('hides secrets in every form', async () => {
    const { log, out, err } = logOf({ isVerbose: true });
    log.secret('hunter2-hunter2');
    log.secret('0123');
    log.secretAlways('pin');
    const base64 = Buffer.from('hunter2-hunter2').toString('base64');
    for (const say of ['info', 'warning', 'debug', 'error'] as const) log[say](`hunter2-hunter2 ${base64} pin 0123`);
    await log.phase('pin', () => Promise.resolve());
    const text = out() + err();
    expect(text).toContain('*** *** *** 0123\n');
    expect(text).not.toMatch(/hunter2|pin/);
    expect(text).not.toContain(base64);
  });

  it('lets nothing that it repeats move the cursor, or be a command to a runner of GitHub', () => {
    const { log, out } = logOf();
    log.info(`from a pod:${ESCAPE}[31m red${ESCAPE}[2J\u0007\rover\n::error::x\n##[group]y`);
    const text = out();
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
    expect(text).toContain('from a pod: red\nover\n');
    expect(text).not.toMatch(/^::|##\[/m);
  });
});

describe('progress in place', () => {
  /** A log at a terminal, and what its reader has before their eyes in the end: each line as it was last written. */
  const atTerminal = (columns = 60) => {
    const { stream, text } = streamOf();
    const screen = Object.assign(stream, { columns });
    const log = new TerminalLog({ stream: screen, errors: screen, isVerbose: false });
    log.inPlace(new StatusLine(screen));
    return { log, written: text };
  };
  const seen = (text: string) =>
    text.split('\n').map((line) => line.slice(line.lastIndexOf(`${ESCAPE}[2K`) + 1).replace(/^\[2K/, ''));

  it('is one line, rewritten; what stays is how each phase ended', async () => {
    const { log, written } = atTerminal();
    const during: string[] = [];
    await log.phase('Wait for the workflows', async () => {
      for (let count = 1; count <= 30; count += 1) log.info(`mysql: step ${count}`);
      log.warning('slow');
      during.push(...seen(written()));
    });
    expect(during).toEqual(['  Warning: slow', '▸ Wait for the workflows, 0 s: mysql: step 30']);
    expect(seen(written())).toEqual([expect.stringMatching(/^✓ Wait for the workflows, \d+\.\d s$/), '']);
    log.info('after');
    expect(written()).toBe('after\n');
  });

  it('is never wider than the terminal, has no secret, and moves nothing', async () => {
    const { log, written } = atTerminal(30);
    log.secret('hunter2-hunter2');
    await log.phase('Wait', async () => {
      log.info(`hunter2-hunter2 ${ESCAPE}[2J${'x'.repeat(100)}`);
      expect(seen(written()).at(-1)).toBe('▸ 0 s: *** xxxxxxxxxxxxxxxxxxxxxxxx'.slice(0, 29));
    });
  });

  it('leaves what was said in a phase that failed', async () => {
    const { log, written } = atTerminal();
    await expect(
      log.phase('Wait', () => {
        log.info('mysql: Pending');
        return Promise.reject(new Error('no answer'));
      }),
    ).rejects.toThrow('no answer');
    expect(seen(written())).toEqual(['  mysql: Pending', expect.stringMatching(/^✗ failed: Wait, /), '']);
  });

  it('of several instances says how many are under way, and leaves the end of each', async () => {
    const { log, written } = atTerminal();
    log.flatten();
    await Promise.all([
      log.phase('a: Wait', async () => undefined),
      log.phase('b: Wait', async () => {
        log.info('b: news');
        expect(seen(written()).at(-1)).toBe('▸ 2 under way, 0 s: b: news');
      }),
    ]);
    log.taskEnd('✓ a: provisioned', 'green');
    expect(seen(written()).filter((line) => line !== '')).toEqual(['✓ a: provisioned']);
  });
});

describe('colours', () => {
  /** What a process of its own writes, as only that has its own environment. */
  const shows = async (isTTY: boolean, colours: Readonly<Record<string, string>>) => {
    const program = `
      import { WriteStream } from 'node:tty';
import { TerminalLog } from ${JSON.stringify(path.resolve('src/command-line/terminal-log.ts'))};
      const { getColorDepth } = WriteStream.prototype;
      const stream = Object.assign(process.stdout, ${isTTY} ? { isTTY: true, getColorDepth } : {});
      new TerminalLog({ stream, errors: stream, isVerbose: false }).warning('slow');`;
    const args = ['--input-type=module', '--eval', program];
    const env = { PATH: process.env.PATH ?? '', TERM: 'xterm-256color', ...colours };
    return (await promisify(execFile)(process.execPath, args, { env })).stdout.includes(ESCAPE);
  };

  it('are for a terminal, not for a pipe', async () => {
    expect(await shows(true, {})).toBe(true);
    expect(await shows(false, {})).toBe(false);
  });

  it('go with NO_COLOR, and come with FORCE_COLOR', async () => {
    expect(await shows(true, { NO_COLOR: '1' })).toBe(false);
    expect(await shows(false, { FORCE_COLOR: '1' })).toBe(true);
    expect(await shows(true, { FORCE_COLOR: '0' })).toBe(false);
  });
});
