import { withoutRepeats } from '../../src/core/reminder.ts';
import { FakeClock } from '../fake-clock.ts';

describe('lines that repeat', () => {
  it('are written once within ten seconds, then with their count', () => {
    const clock = new FakeClock();
    const lines: string[] = [];
    const say = withoutRepeats((line) => lines.push(line), clock);
    for (let attempt = 2; attempt < 12; attempt += 1) {
      say(`GET /x: 503. Trying again in ${attempt} s.`);
      clock.advance(1_000);
    }
    say('GET /y: 503.');
    say('GET /x: 503. Trying again in 12 s.');
    expect(lines).toEqual([
      'GET /x: 503. Trying again in 2 s.',
      'GET /y: 503.',
      'GET /x: 503. Trying again in 12 s. (10 times)',
    ]);
  });
});
