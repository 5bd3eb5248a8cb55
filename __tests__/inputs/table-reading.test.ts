import type { Input } from '../../src/inputs/input.ts';
import { TableReading } from '../../src/inputs/table-reading.ts';
import { port, text } from '../../src/inputs/values/values.ts';
import { given, messageThrownBy } from '../action/given.ts';

const HOST: Input<string> = { input: 'host', variables: ['DB_HOST', 'OLD_HOST'], description: 'Host.', parse: text };
const PORT: Input<number> = { input: 'port', default: '3306', description: 'Port.', parse: port };
const USER: Input<string> = { input: 'user', required: 'always', description: 'Admin user.', parse: text };

const read = (inputs: Record<string, string>, variables: Record<string, string> = {}) =>
  new TableReading({ host: HOST, port: PORT, user: USER }, given({ inputs, variables }));

describe('the reading of a table', () => {
  it('has typed values with defaults, and knows which of them the caller set', () => {
    const reading = read({ user: 'root' }, { OLD_HOST: 'db' });
    expect(reading.values).toEqual({ host: 'db', port: 3306, user: 'root' });
    expect([reading.given('host'), reading.given('port')]).toEqual(['db', undefined]);
    expect([HOST, PORT, USER].map((input) => reading.isGiven(input))).toEqual([true, false, true]);
    expect(reading.problems).toEqual([]);
  });

  it('has the problem of each wrong value in the order of the table, and no value for it', () => {
    const reading = read({ user: 'a\nb', port: '0', host: 'db' });
    expect(reading.values).toEqual({ host: 'db' });
    expect(reading.problems).toEqual([
      'port: "0", from input port, is not a port: give a number from 1 to 65535.',
      'user: "a\\nb", from input user, has line breaks or control characters: give one line of text.',
    ]);
    expect(reading.isGiven(PORT)).toBe(true);
    expect(messageThrownBy(() => reading.required('port'))).toContain('port: "0"');
  });

  it('throws for a required value that is missing', () => {
    const reading = read({});
    expect(reading.required('port')).toBe(3306);
    expect(messageThrownBy(() => reading.required('user'))).toContain('- user: missing. Admin user.');
    expect(messageThrownBy(() => reading.required('host'))).toContain('- host (DB_HOST or OLD_HOST): missing');
  });
});
