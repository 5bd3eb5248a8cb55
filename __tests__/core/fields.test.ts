import { fieldsOf, isFields, listIn, textIn, textsIn } from '../../src/core/fields.ts';

describe('the fields of a value from outside', () => {
  it.each([[null], [undefined], ['text'], [1], [['list']]])('are none in %j', (value) => {
    expect(isFields(value)).toBe(false);
    expect(fieldsOf(value)).toEqual({});
  });

  it('are those of a mapping', () => {
    expect(isFields({})).toBe(true);
    expect(fieldsOf({ a: 1 })).toEqual({ a: 1 });
  });

  it('give texts, lists of texts and lists of mappings, and nothing of another type', () => {
    const fields = { text: 'a', empty: '', number: 1, list: ['a', 1, { b: 2 }, null] };
    expect(['text', 'empty', 'number', 'list', 'missing'].map((name) => textIn(fields, name))).toEqual([
      'a',
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(textsIn(fields, 'list')).toEqual(['a']);
    expect(listIn(fields, 'list')).toEqual([{}, {}, { b: 2 }, {}]);
    expect([textsIn(fields, 'text'), listIn(fields, 'missing')]).toEqual([[], []]);
  });
});
