import type { ProgressLog } from '../../src/core/progress.ts';
import type { RunRecord } from '../../src/core/run-record.ts';
import { RunRecorder } from '../../src/core/run-recorder.ts';

const LOG: ProgressLog = {
  phase: async (_, work) => await work(),
  info: () => undefined,
  warning: () => undefined,
  debug: () => undefined,
  secret: () => undefined,
};

describe('the record of a run', () => {
  it('has the phases with their outcomes, also while one runs and if one fails', async () => {
    const recorder = new RunRecorder(LOG);
    await recorder.phase('first', async () => {
      expect(recorder.recorded.phases).toMatchObject([{ title: 'first', outcome: 'running', endedAt: undefined }]);
    });
    await expect(recorder.phase('second', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(recorder.recorded.phases.map(({ title, outcome }) => [title, outcome])).toEqual([
      ['first', 'done'],
      ['second', 'failed'],
    ]);
    const times = recorder.recorded.phases.flatMap(({ startedAt, endedAt }) => [startedAt, endedAt ?? 0]);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('has each resource and workflow once, in its last state, with its first start', () => {
    const recorder = new RunRecorder(LOG);
    const workflow = { kind: 'mysql', name: 'mysql-1', terminated: false } as const;
    recorder.record({ workflows: [{ ...workflow, phase: '', startedAt: 1_000, seconds: undefined }] });
    recorder.record({ resources: [{ kind: 'Bucket', name: 'b', state: 'created' }], seedKept: true });
    recorder.record({ workflows: [{ ...workflow, phase: 'Succeeded', startedAt: 5_000, seconds: 3 }] });
    recorder.record({ resources: [{ kind: 'Bucket', name: 'b', state: 'unchanged' }] });
    expect(recorder.recorded).toMatchObject({
      workflows: [{ name: 'mysql-1', phase: 'Succeeded', startedAt: 1_000, seconds: 3 }],
      resources: [{ kind: 'Bucket', name: 'b', state: 'unchanged' }],
      seedKept: true,
    });
  });

  it('is passed on after each change, and continues a given one', () => {
    const records: RunRecord[] = [];
    const recorder = new RunRecorder(LOG, (record) => records.push(record));
    recorder.record({ seedKept: true });
    const next = new RunRecorder(LOG, undefined, JSON.parse(JSON.stringify(records.at(-1))));
    next.record({ commit: { sha: 'abc', pushed: true, keys: [] } });
    expect(next.recorded).toMatchObject({ seedKept: true, commit: { sha: 'abc' } });
  });
});
