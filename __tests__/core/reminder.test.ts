import { Reminder } from '../../src/core/reminder.ts';

describe('a reminder', () => {
  let now = 0;
  const clock = { wallMs: () => now, monotonicMs: () => now, sleep: async () => undefined };
  let lines: string[] = [];
  let reminder: Reminder;
  beforeEach(() => {
    now = 5_000;
    lines = [];
    reminder = new Reminder((line) => lines.push(line), 1_000, clock);
  });

  it('is shown only after a while of silence', () => {
    now += 999;
    reminder.remind('too early');
    expect(lines).toEqual([]);
    expect(reminder.dueInMs()).toBe(1);
    now += 1;
    reminder.remind('still waiting');
    expect(lines).toEqual(['still waiting']);
    expect(reminder.dueInMs()).toBe(1_000);
  });

  it('waits again after each other line, which is shown at once', () => {
    now += 999;
    reminder.say('something happened');
    now += 999;
    reminder.remind('too early');
    expect(lines).toEqual(['something happened']);
  });
});
