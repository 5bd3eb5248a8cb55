import fc from 'fast-check';

/** Values that PyYAML reads, of every kind that its scanner, resolver and constructor know. */
const VALUES = [
  ...[
    'abc',
    'a b',
    'a:b',
    'a #b',
    'a#b',
    'v1.2.3',
    'https://x.org/?a=b&c#d',
    '-x',
    '?x',
    ':x',
    'a%',
    "''''",
    '"#"',
    "'%'",
  ],
  ...['y', 'n', 'Y', 'yes', 'No', 'ON', 'off', 'True', 'FALSE', 'tRue', 'null', 'Null', '~', 'None', '<', '', '# c'],
  ...[
    '0',
    '00',
    '007',
    '08',
    '0o14',
    '0b1',
    '0b',
    '0x',
    '0xfF',
    '0X1F',
    '-0',
    '+12',
    '1_000',
    '1_',
    '_1',
    '0_7',
    '-0b1_1',
  ],
  ...['12345678901234567890', '-9007199254740993', '1:30', '1:60', '190:20:30', '0:30', '-1:30', '1:30.5', '+1:2:3.'],
  ...['1.0', '12345678.0', '1.5', '1.', '.5', '.', '-.5', '1e3', '1.0e3', '1.0e+3', '1.5E-3', '80e21234', '1.0e+999'],
  ...[
    '.inf',
    '-.INF',
    '+.Inf',
    '.nan',
    '.NaN',
    '-.nan',
    '1_0.2_5',
    '._5',
    '1._',
    '0.1',
    '100000000000000000000.5',
    '-0.0',
  ],
  ...['2026-11-29', '2024-02-29', '2026-1-2', '2026-11-29 12:30:00', '2026-11-29t1:02:03.5 -05:30', '2026-1-2 1:02:03'],
  ...[
    '""',
    "''",
    '"a\\nb"',
    '"\\x41\\u00e9\\U0001F989"',
    '"a\\/b"',
    "'it''s'",
    '"a \t b"',
    '"\\\ta"',
    '🦉',
    'é',
    'a\u00a0b',
    '\u00a0',
  ],
  ...[
    '[a, b]',
    '[a, b,]',
    '[]',
    '{}',
    '{a: 1}',
    '{a, b: }',
    '[a: b]',
    '[{a: [1]}]',
    '{"a":1}',
    '{a:1}',
    '[1,2]',
    '{ a : b }',
  ],
  ...[
    '[? a : b]',
    '{? a}',
    '[-1]',
    '[a b, "c"]',
    '!!str 12',
    '!!int "7"',
    '!!float 1.5',
    '!!null ~',
    '!!str',
    '!!seq [a]',
  ],
  ...[
    '!!map {a: b}',
    '&n 1',
    '&n [1, 2]',
    '&m {k: v}',
    '&n2 &x',
    '&a-b',
    '{1: a}',
    '{yes: a, 1.5: b}',
    '{=: a}',
    '{<<: {a: 1}, a: 2}',
  ],
];
/** Values that it refuses, or reads in an unexpected way, alone or where they stand. */
const TRAPS = [
  ...[
    'a: b',
    '- x',
    '? x',
    '=',
    '<<',
    '!',
    '0b_',
    '0x_',
    '2026-13-45',
    '2026-02-29',
    '0000-01-01',
    '2026-11-29T25:00:00Z',
  ],
  ...[
    '2026-11-29 01:02:03 +99:00',
    '"\\q"',
    '"\\ud83d"',
    "'a",
    '"a',
    "'a' b",
    '"a\\',
    'a\tb',
    'a \t',
    '\ta',
    '@a',
    '`a',
    '%a',
  ],
  ...[
    '*x',
    '*n',
    '*m',
    '&x',
    '&a.b c',
    '&b/c d',
    '*x.y',
    '[a?b]',
    '[a',
    'a]',
    '[a\tb]',
    '[a,\tb]',
    '[,]',
    '[a,,b]',
    '{[a]: b}',
  ],
  ...[
    '[- a]',
    '[:a]',
    '!x a',
    '!!bool yes',
    '!!int x',
    '!!binary YQ==',
    '|',
    '>',
    '{a: 1, a: 2}',
    '[*n]',
    '{<<: 1}',
    '{<<: *m}',
  ],
];
const KEYS = [
  'A',
  'B',
  'LMS_HOST',
  'MYSQL_PASSWORD',
  'a b',
  '"q"',
  "'s'",
  '"q\\n"',
  'k-1',
  'a.b',
  'é',
  '🦉',
  'x:y',
  'a#b',
];
const NAMES = ['n', 'm', 'a-b', 'x_1'];

/** Mostly the first: documents that are all traps would only show that both readers refuse them. */
const mostly = <T>(usual: fc.Arbitrary<T>, unusual: fc.Arbitrary<T>, weight = 30) =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: unusual });
const scalar = mostly(fc.constantFrom(...VALUES), fc.constantFrom(...TRAPS));
const key = mostly(fc.constantFrom(...KEYS), fc.constantFrom(...VALUES, ...TRAPS));
const comment = mostly(fc.constantFrom('', '', '', ' # c', ' '), fc.constantFrom('\t# c', '#c', '\t'));
const text = fc.stringMatching(/^[a-z ]{0,12}$/);
const indented = (lines: readonly string[], by: number) =>
  lines.map((line) => (line === '' ? '' : ' '.repeat(by) + line));

/** A value behind a key or a hyphen: what stands on its line, and the lines below. */
interface Value {
  readonly head: string;
  readonly lines: readonly string[];
}

const block = fc
  .record({
    style: fc.constantFrom('|', '>'),
    header: mostly(fc.constantFrom('', '-', '+', '1', '1-', '+1', ' # c'), fc.constantFrom('0', '+-', '\t', '3', '#c')),
    lines: fc.array(mostly(text, fc.constantFrom('', '  more', '\tt', '# c', '   '), 3), { maxLength: 5 }),
    by: mostly(fc.integer({ min: 2, max: 4 }), fc.constantFrom(0, 1)),
  })
  .map(({ style, header, lines, by }): Value => ({ head: ` ${style}${header}`, lines: indented(lines, by) }));
const folded = fc
  .record({
    quote: fc.constantFrom('', '', '"', "'"),
    parts: fc.array(mostly(text, fc.constantFrom('', '# c', '--- x', 'k: v')), { minLength: 2, maxLength: 4 }),
    by: mostly(fc.integer({ min: 2, max: 4 }), fc.constantFrom(0, 1)),
  })
  .map(({ quote, parts: [first = '', ...rest], by }): Value => {
    const lines = indented(rest, by);
    return { head: ` ${quote}${first}`, lines: [...lines.slice(0, -1), `${lines.at(-1)}${quote}`] };
  });
const flat = fc.record({
  scalar,
  comment,
  gap: mostly(fc.constantFrom(' ', '  '), fc.constantFrom('\t', '', ' \t'), 60),
});
const simple = flat.map(({ gap, scalar: value, comment: end }): Value => ({ head: `${gap}${value}${end}`, lines: [] }));

const { value } = fc.letrec<{ value: Value; nested: Value }>((tie) => ({
  value: fc.oneof(
    { weight: 12, arbitrary: simple },
    { weight: 1, arbitrary: block },
    { weight: 1, arbitrary: folded },
    { weight: 2, arbitrary: tie('nested') },
  ),
  nested: fc
    .record({
      items: fc.uniqueArray(fc.tuple(key, tie('value')), { minLength: 1, maxLength: 3, selector: ([name]) => name }),
      isList: fc.boolean(),
      by: mostly(fc.constantFrom(2, 2, 4), fc.constantFrom(0, 1)),
      anchor: mostly(fc.constantFrom('', '', '', ' # c', ' &m'), fc.constantFrom(' !!map', ' !!seq', '\t', ' &a.b')),
    })
    .map(({ items, isList, by, anchor }): Value => {
      const lines = items.flatMap(([name, { head, lines: below }]) => [
        `${isList ? '-' : `${name}:`}${head}`,
        ...indented(below, 2),
      ]);
      return { head: anchor, lines: indented(lines, by) };
    }),
}));

const special = fc.oneof(
  fc.constantFrom(
    '---',
    '...',
    '%YAML 1.1',
    '# c',
    '',
    '   ',
    '\t',
    '--- # c',
    'A',
    '- a',
    '? a',
    ': b',
    '{a: b}',
    '[a]',
  ),
  fc.constantFrom(...NAMES).map((name) => `M: {<<: *${name}, z: 1}`),
  fc.integer({ min: 1015, max: 1030 }).map((length) => `${'k'.repeat(length)}: v`),
  fc.constantFrom(
    '<<: {A: 1}',
    '<<: [{A: 1}, {A: 2, C: 3}]',
    '<<: 1',
    '=: a',
    'D: {=: a}',
    '"<<": a',
    'D: {<<: {k: 1}, k: 2}',
  ),
);
const entry = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.tuple(key, value).map(([name, { head, lines }]) => ({ name, lines: [`${name}:${head}`, ...lines] })),
  },
  { weight: 1, arbitrary: special.map((line) => ({ name: line, lines: [line] })) },
);

/** Documents as they are written by hand: mostly mappings, with what may go wrong in one of its lines. */
export const documents: fc.Arbitrary<string> = fc
  .record({
    entries: fc.uniqueArray(entry, { minLength: 1, maxLength: 4, selector: ({ name }) => name }),
    lineEnd: fc.constantFrom('\n', '\n', '\n', '\r\n'),
    end: fc.constantFrom(true, true, true, false),
    typo: mostly(
      fc.constant(undefined),
      fc.record({ at: fc.nat(), by: fc.constantFrom(...' \t:-#,[]{}&*!|>\'"%@`?a0.=~<\n') }),
      6,
    ),
  })
  .map(({ entries, lineEnd, end, typo }) => {
    const whole = entries.flatMap(({ lines }) => lines).join(lineEnd) + (end ? lineEnd : '');
    if (typo === undefined) return whole;
    const at = typo.at % (whole.length + 1);
    return (whole.slice(0, at) + typo.by + whole.slice(at + (typo.at % 2))).replace(/\r(?!\n)/g, '').toWellFormed();
  });
