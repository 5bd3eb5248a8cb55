import { ActionLog } from '../../src/action/log/action-log.ts';
import { RunJournal } from '../../src/core/run-journal.ts';
import type { RunRecord } from '../../src/core/run-record.ts';
import { captureStdout } from '../action/stdout.ts';

describe('the record of a run', () => {
  let out: ReturnType<typeof captureStdout>;
  beforeEach(() => {
    out = captureStdout();
  });
  afterEach(() => {
    out.end();
  });

  it('has the phases with their outcomes, also while one goes on and when one fails', async () => {
    const journal = new RunJournal(new ActionLog());
    await journal.phase('first', async () => {
      expect(journal.record.phases).toMatchObject([{ title: 'first', outcome: 'running', endedAt: undefined }]);
    });
    await expect(journal.phase('second', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(journal.record.phases.map(({ title, outcome }) => [title, outcome])).toEqual([
      ['first', 'done'],
      ['second', 'failed'],
    ]);
    const times = journal.record.phases.flatMap(({ startedAt, endedAt }) => [startedAt, endedAt ?? 0]);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('has each resource and workflow once, as it was told last, with the start that we saw', () => {
    const journal = new RunJournal(new ActionLog());
    const workflow = { kind: 'mysql', name: 'mysql-1', terminated: false } as const;
    journal.reached({ workflows: [{ ...workflow, phase: '', startedAt: 1_000, seconds: undefined }] });
    journal.reached({ resources: [{ kind: 'Bucket', name: 'b', state: 'created' }], seedKept: true });
    journal.reached({ workflows: [{ ...workflow, phase: 'Succeeded', startedAt: 5_000, seconds: 3 }] });
    journal.reached({ resources: [{ kind: 'Bucket', name: 'b', state: 'unchanged' }] });
    expect(journal.record).toMatchObject({
      workflows: [{ name: 'mysql-1', phase: 'Succeeded', startedAt: 1_000, seconds: 3 }],
      resources: [{ kind: 'Bucket', name: 'b', state: 'unchanged' }],
      seedKept: true,
    });
  });

  it('is handed on at each change, and goes on from one that was', () => {
    const records: RunRecord[] = [];
    const journal = new RunJournal(new ActionLog(), (record) => records.push(record));
    journal.reached({ seedKept: true });
    const next = new RunJournal(new ActionLog(), undefined, JSON.parse(JSON.stringify(records.at(-1))));
    next.reached({ commit: { sha: 'abc', pushed: true, keys: [] } });
    expect(next.record).toMatchObject({ seedKept: true, commit: { sha: 'abc' } });
  });
});
