import { readFile } from 'node:fs/promises';
import { EXIT_CODES, exitCodeFor } from '../../src/command-line/exit-codes.ts';
import { LaunchpadError } from '../../src/core/errors.ts';
import { SettingsInvalid } from '../../src/inputs/problems.ts';

const error = (code: string) => new LaunchpadError(code, 'It went wrong.');

describe('the exit code', () => {
  it('is 2 for what the caller gave, and for nothing else', () => {
    expect(exitCodeFor([new SettingsInvalid(['mysql-host: missing'])])).toBe(2);
    expect(exitCodeFor([new AggregateError([error('usage-invalid'), error('no-branch')])])).toBe(2);
    expect(exitCodeFor([new AggregateError([error('usage-invalid'), error('push-denied')])])).toBe(1);
  });

  it('is 1 for whatever else was thrown', () => {
    expect(exitCodeFor([error('workflow-failed')])).toBe(1);
    expect(exitCodeFor([new TypeError('x is undefined')])).toBe(1);
    expect(exitCodeFor(['text'])).toBe(1);
  });

  it('is 130 as soon as one of several was cancelled', () => {
    expect(exitCodeFor([error('workflow-failed'), error('cancelled')])).toBe(130);
  });

  it('means what docs/command-line.md says', async () => {
    const readme = await readFile('docs/command-line.md', 'utf8');
    const [, table = ''] = readme.split('| Exit code |');
    const rows = [...table.matchAll(/^\| (\d+) +\| (.+?) +\|$/gm)].map(([, code, means]) => [Number(code), means]);
    expect(rows.slice(0, 4)).toEqual(Object.values(EXIT_CODES).map(({ code, means }) => [code, means]));
  });
});
