import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ActionLog } from '../../src/action/log/action-log.ts';
import { runnerState, savedResults, unreportedRuns } from '../../src/action/state.ts';
import { RunRecorder } from '../../src/core/run-recorder.ts';
import { resultOf } from '../../src/operations/outcome/result.ts';
import { provisioned } from './outcomes.ts';
import { RECORD } from './report.ts';
import { captureOutput } from './stdout.ts';

let file = '';
captureOutput();
beforeEach(async () => {
  file = path.join(await mkdtemp(path.join(tmpdir(), 'state-')), 'state');
  await writeFile(file, '');
  process.env.GITHUB_STATE = file;
});
afterEach(async () => {
  for (const name of Object.keys(process.env)) if (/^STATE_|^GITHUB_STATE$/.test(name)) delete process.env[name];
  await rm(path.dirname(file), { recursive: true });
});

/** Does as GitHub's runner does before the post step: the last value of each name counts. Gives the bytes of all. */
async function handOn(): Promise<number> {
  const text = await readFile(file, 'utf8');
  const values = new Map<string, string>();
  for (const [, name = '', , value = ''] of text.matchAll(/^(.+?)<<(ghadelimiter_.+)\n([\s\S]*?)\n\2$/gm)) {
    values.set(`STATE_${name}`, value);
  }
  Object.assign(process.env, Object.fromEntries(values));
  return [...values].reduce((sum, [name, value]) => sum + name.length + value.length, 0);
}

/** Tells of a run as it goes. */
async function runOf(instance: string, { isEnded }: { isEnded: boolean }) {
  const recorder = new RunRecorder(new ActionLog(), (record) => runnerState.record(instance, record));
  const { phases: _, ...news } = RECORD;
  for (const title of ['Check', 'Lease', 'Read', 'Prepare', 'Wait', 'Record', 'Apply']) {
    await recorder.phase(title, async () => recorder.record(news));
  }
  if (isEnded) runnerState.result(resultOf(provisioned(instance), String));
  return recorder.recorded;
}

describe('what the post step is told', () => {
  it('has of a run that did not end all that it had come to, and of one that did its result', async () => {
    runnerState.instances(['told-a', 'told-b']);
    await runOf('told-a', { isEnded: true });
    const record = await runOf('told-b', { isEnded: false });
    await handOn();
    expect(unreportedRuns()).toEqual([{ instance: 'told-b', record: { ...record, previous: undefined } }]);
    expect(savedResults()).toMatchObject([
      { instance: 'told-a', outcome: 'provisioned', application: 'told-a-production' },
    ]);
  });

  it('is small for fifty instances, and so is the file in which it is collected', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `school-${index}`);
    runnerState.instances(names);
    for (const [index, name] of names.entries()) await runOf(name, { isEnded: index < 45 });
    const { length } = await readFile(file, 'utf8');
    expect(length / names.length).toBeLessThan(14_000);
    // An environment may have some megabytes, and the runner's own part is in it.
    expect(await handOn()).toBeLessThan(80_000);
  });

  it('is nothing where main has told of everything', async () => {
    runnerState.instances(['told-c']);
    await runOf('told-c', { isEnded: false });
    runnerState.reported();
    await handOn();
    expect(unreportedRuns()).toEqual([]);
  });
});
