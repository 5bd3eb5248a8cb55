import { ActionLog } from '../../src/action/log/action-log.ts';
import type { RunRecord } from '../../src/core/run-record.ts';
import { RunRecorder } from '../../src/core/run-recorder.ts';
import { captureOutput } from '../action/stdout.ts';

describe('the record of a run', () => {
  captureOutput();

  it('has the phases with their outcomes, also while one goes on and when one fails', async () => {
    const recorder = new RunRecorder(new ActionLog());
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

  it('has each resource and workflow once, as it was told last, with the start that we saw', () => {
    const recorder = new RunRecorder(new ActionLog());
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

  it('is handed on at each change, and goes on from one that was', () => {
    const records: RunRecord[] = [];
    const recorder = new RunRecorder(new ActionLog(), (record) => records.push(record));
    recorder.record({ seedKept: true });
    const next = new RunRecorder(new ActionLog(), undefined, JSON.parse(JSON.stringify(records.at(-1))));
    next.record({ commit: { sha: 'abc', pushed: true, keys: [] } });
    expect(next.recorded).toMatchObject({ seedKept: true, commit: { sha: 'abc' } });
  });
});
