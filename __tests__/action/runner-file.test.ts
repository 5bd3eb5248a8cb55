import { appendFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ActionLog } from '../../src/action/log/action-log.ts';
import { setResults } from '../../src/action/report/outputs.ts';
import { writeRunnerFile, writeSummary } from '../../src/action/runner.ts';
import { runnerState, stateLost } from '../../src/action/state.ts';
import { EMPTY_RECORD } from '../../src/core/run-record.ts';
import { captureOutput } from './stdout.ts';

/** Every write to it fails with ENOSPC (https://man7.org/linux/man-pages/man4/full.4.html). */
const FULL = '/dev/full';
const out = captureOutput();
let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'runner-'));
});
afterEach(async () => {
  for (const name of ['GITHUB_STATE', 'GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY']) delete process.env[name];
  await rm(directory, { recursive: true });
});

describe("a file of the runner's that cannot be written", () => {
  it('ends a run before it touches anything: the state', () => {
    process.env.GITHUB_STATE = FULL;
    const refused = expect.objectContaining({
      code: 'disk-failed',
      message: 'Cannot write /dev/full (GITHUB_STATE): no space is left on its disk.',
      remedy: 'Free space on the disk of /dev/full (GITHUB_STATE), then run again.',
    });
    expect(() => runnerState.instances(['school'])).toThrow(refused);
    expect(() => runnerState.started({ instance: 'school', id: '1' })).toThrow(refused);
  });

  it('ends a run that is under way by a signal, and never by an exception in its middle: the state', () => {
    process.env.GITHUB_STATE = FULL;
    runnerState.record('school', EMPTY_RECORD);
    expect(stateLost.reason).toMatchObject({ code: 'disk-failed' });
    expect(() => runnerState.ended('school')).not.toThrow();
    expect(() => runnerState.reported()).not.toThrow();
  });

  it('is an error that names it: the outputs', () => {
    process.env.GITHUB_OUTPUT = FULL;
    expect(() => setResults([], String)).toThrow('Cannot write /dev/full (GITHUB_OUTPUT): no space is left');
    process.env.GITHUB_OUTPUT = directory;
    expect(() => setResults([], String)).toThrow(`Cannot write ${directory} (GITHUB_OUTPUT): `);
    process.env.GITHUB_OUTPUT = path.join(directory, 'missing');
    expect(() => setResults([], String)).toThrow('(GITHUB_OUTPUT)');
  });

  it('is a warning that names it, as the run itself went well: the summary', async () => {
    process.env.GITHUB_STEP_SUMMARY = FULL;
    await writeSummary('text', new ActionLog());
    expect(out.text()).toContain('Cannot write /dev/full (GITHUB_STEP_SUMMARY): no space is left on its disk.');
    expect(out.text()).toContain('Free space on the disk of /dev/full');
  });

  it('keeps what it had, without the part that could still be written', async () => {
    const file = path.join(directory, 'output');
    await writeFile(file, 'a=1\n');
    process.env.GITHUB_OUTPUT = file;
    const writing = () =>
      writeRunnerFile('GITHUB_OUTPUT', () => {
        appendFileSync(file, 'b<<delimiter\nhal');
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
      });
    expect(writing).toThrow('(GITHUB_OUTPUT)');
    expect(await readFile(file, 'utf8')).toBe('a=1\n');
  });
});
