import fc from 'fast-check';
import { ganttOf } from '../../../src/action/summary/gantt.ts';
import { RECORD, STARTED_AT } from '../report.ts';

const NOW = STARTED_AT + 60_000;
/** A task as Mermaid takes it: a name without a character that means something, a tag, start and end in milliseconds. */
const TASK = /^ {4}[\p{L}\p{N} .,()-]+ \(\d+\.\d s\) :(?:done|crit), (\d+), (\d+)$/u;

const tasksOf = (lines: readonly string[]) => lines.filter((line) => line.startsWith('    '));

describe('the gantt of a run', () => {
  it('has phases and workflows as bars in sections of their own', () => {
    expect(ganttOf(RECORD, NOW)).toEqual([
      '```mermaid',
      'gantt',
      '  dateFormat x',
      '  axisFormat %H:%M:%S',
      '  tickInterval 5second',
      '  todayMarker off',
      '  section Phases',
      `    Check cluster and repository (1.2 s) :done, ${STARTED_AT}, ${STARTED_AT + 1_240}`,
      `    Wait for the workflows (11.1 s) :done, ${STARTED_AT + 2_000}, ${STARTED_AT + 13_100}`,
      '  section Workflows',
      `    mysql (10.5 s) :done, ${STARTED_AT + 2_000}, ${STARTED_AT + 12_530}`,
      `    mongodb (11.0 s) :done, ${STARTED_AT + 2_000}, ${STARTED_AT + 13_000}`,
      `    storage (9.8 s) :done, ${STARTED_AT + 2_000}, ${STARTED_AT + 11_800}`,
      '```',
      '',
    ]);
  });

  it('ends what still runs now', () => {
    const phases = [{ title: 'Wait', startedAt: STARTED_AT, endedAt: undefined, outcome: 'running' as const }];
    expect(tasksOf(ganttOf({ phases, workflows: [] }, NOW))).toEqual([
      `    Wait (60.0 s) :crit, ${STARTED_AT}, ${NOW}`,
    ]);
  });

  it('is none where nothing happened', () => {
    expect(ganttOf({ phases: [], workflows: [] }, NOW)).toEqual([]);
  });

  it('takes no title for syntax, and draws what took no time', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(100_000), (text, duration) => {
        const title = `a${text}`;
        const endedAt = STARTED_AT + duration;
        const phases = [{ title, startedAt: STARTED_AT, endedAt, outcome: 'done' as const }];
        const [task = '', ...others] = tasksOf(ganttOf({ phases, workflows: [] }, NOW));
        expect(others).toEqual([]);
        const [, from, to] = TASK.exec(task) ?? [];
        expect(Number(to)).toBeGreaterThan(Number(from));
      }),
    );
  });
});
