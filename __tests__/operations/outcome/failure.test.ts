import { LaunchpadError } from '../../../src/core/errors.ts';
import { failuresOf, failureText } from '../../../src/operations/outcome/failure.ts';

const textOf = (thrown: unknown) => failuresOf(thrown).map(failureText).join('\n\n');

describe('a failure', () => {
  it('is shown with its causes and its remedy', () => {
    const refused = new Error('connect ECONNREFUSED 10.0.0.1:6443');
    const cause = new TypeError('fetch failed', { cause: refused });
    const error = new LaunchpadError('unreachable', 'The cluster does not answer.', { remedy: 'Check it.', cause });
    expect(textOf(error)).toBe(
      [
        'The cluster does not answer.',
        '  Cause: fetch failed',
        '    Cause: connect ECONNREFUSED 10.0.0.1:6443',
        'What to do: Check it.',
      ].join('\n'),
    );
  });

  it('does not repeat a cause that its message quotes', () => {
    const cause = new Error('no such host', { cause: new Error('ENOTFOUND') });
    expect(textOf(new LaunchpadError('x', 'MySQL: no such host.', { cause }))).toBe(
      'MySQL: no such host.\n  Cause: ENOTFOUND',
    );
  });

  it('is each of several, however deep they are collected', () => {
    const one = new LaunchpadError('one', 'MySQL failed.', { remedy: 'Check MySQL.' });
    const two = new LaunchpadError('two', 'The bucket is taken.');
    expect(textOf(new AggregateError([one, new AggregateError([two])], '2 things failed.'))).toBe(
      'MySQL failed.\nWhat to do: Check MySQL.\n\nThe bucket is taken.',
    );
    const both = new LaunchpadError('both', 'Two workflows failed.', { cause: new AggregateError([one, two]) });
    expect(textOf(both)).toBe(
      [
        'Two workflows failed.',
        '  Cause: MySQL failed.',
        '  What to do: Check MySQL.',
        '  Cause: The bucket is taken.',
      ].join('\n'),
    );
  });

  it('that several requests have alike is told once', () => {
    const expired = () => new LaunchpadError('unauthorized', 'The token has expired.', { remedy: 'Renew it.' });
    const other = new LaunchpadError('two', 'The bucket is taken.');
    expect(textOf(new AggregateError([expired(), expired(), other], '3 things failed.'))).toBe(
      'The token has expired.\nWhat to do: Renew it.\n\nThe bucket is taken.',
    );
  });

  it('that nobody explained says what it is', () => {
    expect(textOf(new RangeError('out of range'))).toBe('Unexpected RangeError: out of range');
    expect(textOf('a string')).toBe('Unexpected value thrown: a string');
    expect(textOf(undefined)).toBe('Unexpected value thrown: undefined');
  });

  it('ends, though its causes do not', () => {
    const error = new Error('round');
    error.cause = new Error('and', { cause: error });
    expect(textOf(error).split('\n').length).toBeLessThan(20);
  });
});
