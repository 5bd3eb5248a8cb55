import { type Effect, EMPTY_RECORD, type RunRecord, withUpdate } from '../../../src/core/run-record.ts';
import { describeLeftovers, leftoversOf } from '../../../src/operations/outcome/leftovers.ts';

const UNTOUCHED = 'No changes were made';

/** What a run says of itself whose requests for these effects got no answer. */
function unknown(operation: RunRecord['operation'], ...effects: readonly Effect[]): string {
  const record = withUpdate(
    { ...EMPTY_RECORD, operation },
    { effects: Object.fromEntries(effects.map((effect) => [effect, 'unknown'])) },
  );
  return describeLeftovers(record, { resources: true }).join('\n');
}

describe('what a run that provisions leaves', () => {
  it('is nothing as long as no request was sent', () => {
    expect(unknown('provision')).toContain(UNTOUCHED);
  });

  it.each([
    ['namespace', 'Whether the namespace was created is not known'],
    ['workflows', 'Whether the workflows were started is not known'],
    ['secrets', 'Temporary Secrets of the workflows may be left in the namespace'],
    ['commit', 'Whether the commit was pushed is not known'],
    ['application', 'whether the Application was applied is not known'],
  ] as const)('is not known of the %s where the answer is lost', (effect, sentence) => {
    const text = unknown('provision', effect);
    expect(text).toContain(sentence);
    expect(text).not.toContain(UNTOUCHED);
  });

  it('names what was found afterwards', () => {
    const record = withUpdate(EMPTY_RECORD, {
      effects: { namespace: 'yes', application: 'yes' },
      resources: [
        { kind: 'Namespace', name: 'school', state: 'present' },
        { kind: 'MySQL database', name: 'school', state: 'created' },
        { kind: 'MySQL user', name: 'school', state: 'unchanged' },
        { kind: 'Bucket', name: 'school', state: 'updated' },
        { kind: 'Application', name: 'school-production', state: 'present' },
      ],
    });
    const text = describeLeftovers(record, { resources: true }).join('\n');
    expect(text.split('\n').slice(0, 4)).toEqual([
      'Created so far: MySQL database school.',
      'Updated: Bucket school.',
      'Unchanged: MySQL user school.',
      'Exists: Namespace school, Application school-production.',
    ]);
    expect(text).not.toContain('no Application was applied');
  });
});

describe('what a run that deprovisions leaves', () => {
  const base: RunRecord = {
    ...EMPTY_RECORD,
    operation: 'deprovision',
    expected: [{ kind: 'MySQL database', name: 'db', by: 'mysql' }],
    resources: [
      { kind: 'Application', name: 'school-production', state: 'unchanged' },
      { kind: 'Namespace', name: 'school', state: 'unchanged' },
    ],
  };
  const stateOf = (record: RunRecord, kind: string) => leftoversOf(record).find((one) => one.kind === kind)?.state;

  it('is all of it before the first request', () => {
    expect(leftoversOf(base).map(({ state }) => state)).toEqual(['left', 'left', 'left']);
    expect(describeLeftovers(base, { resources: true }).join('\n')).toContain(UNTOUCHED);
  });

  it.each([
    ['application', 'Application'],
    ['namespace', 'Namespace'],
  ] as const)('is not known of what a request without an answer deletes: %s', (effect, kind) => {
    const record = withUpdate(base, { effects: { [effect]: 'unknown' } });
    expect(stateOf(record, kind)).toBe('unknown');
    expect(stateOf(withUpdate(record, { effects: { [effect]: 'no' } }), kind)).toBe('left');
    expect(describeLeftovers(record, { resources: true }).join('\n')).toContain('Not known whether removed or left');
  });

  it.each([
    ['Failed', 'unknown'],
    ['Running', 'unknown'],
    ['unknown', 'unknown'],
    ['', 'left'],
    ['Succeeded', 'undetermined'],
  ])('depends on the workflow that deletes it: %s', (phase, state) => {
    const workflow = { kind: 'mysql', name: 'w', phase, terminated: false, startedAt: 0, seconds: undefined } as const;
    expect(stateOf(withUpdate(base, { workflows: [workflow] }), 'MySQL database')).toBe(state);
  });

  it('is not known of a database where nobody knows whether the workflows were started', () => {
    const record = withUpdate(base, { effects: { workflows: 'unknown' } });
    expect(stateOf(record, 'MySQL database')).toBe('unknown');
  });
});
