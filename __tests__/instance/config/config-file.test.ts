import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { ConfigFile } from '../../../src/instance/config/config-file.ts';

const parse = (text: string | Uint8Array) =>
  ConfigFile.parse(typeof text === 'string' ? new TextEncoder().encode(text) : text, 'instances/x/config.yml');
const edited = (text: string, values: Record<string, string>) =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(parse(text).edit(new Map(Object.entries(values))));
const PASSWORD = { MONGODB_PASSWORD: 'new-password' };

describe('reading', () => {
  it('gives strings and integers as text, whatever their quotes', () => {
    const config = parse('A: plain\nB: "double"\nC: \'single\'\nD: 3306\n"E": "quoted key"\nF: é – 🦉\n');
    expect(['A', 'B', 'C', 'D', 'E', 'F'].map((key) => config.text(key))).toEqual([
      'plain',
      'double',
      'single',
      '3306',
      'quoted key',
      'é – 🦉',
    ]);
  });

  it.each(['K:\n', 'K: # nothing\n', 'K: ~\n', 'K: null\n', 'K: ""\n', 'K: None\n', 'OTHER: 1\n', ''])(
    'takes the key for absent in %j',
    (text) => {
      expect(parse(text).has('K')).toBe(false);
      expect(parse(text).text('K')).toBeUndefined();
    },
  );

  it.each(['0123', '1e5', 'yes', 'NO', 'on', '12:30:00', '0o17', '1_000', '2026-01-01', '0b11'])(
    'wants %s quoted, as YAML 1.1 and 1.2 take it for different values',
    (value) => {
      expect(() => parse(`A: 1\nDATABASE: ${value}\n`).text('DATABASE')).toThrow(
        `instances/x/config.yml:2:1: DATABASE is one value in YAML 1.1, which Tutor reads, and another in YAML 1.2 (${value}): quote it.`,
      );
      expect(parse(`DATABASE: "${value}"\n`).text('DATABASE')).toBe(value);
    },
  );

  it.each(['true', '1.5', '.inf', '12345678.0'])('wants %s quoted, as it is no string', (value) => {
    expect(() => parse(`DATABASE: ${value}\n`).text('DATABASE')).toThrow('quote it');
  });

  it.each([
    ['y', 'y'],
    ['a block at the end of a file without a line end', '|\n  text'],
  ])('takes %s as Tutor does', (_, value) => {
    expect(parse(`K: ${value}`).text('K')).toBe(value.replace(/^\|\s*/, ''));
  });

  it.each(['*swordfish', '&sword.fish', '!swordfish', '@swordfish', '"swordfish\\q"', '"swordfish', "'swordfish"])(
    'does not show a secret that is not YAML: %s',
    (value) => {
      const text = `MYSQL_PASSWORD: ${value}\n`;
      let message = '';
      try {
        parse(text);
      } catch (error) {
        message = String(error);
      }
      expect(message).toContain('config.yml:');
      expect(message).not.toMatch(/sword|fish/);
    },
  );

  it('does not show the value of a secret', () => {
    expect(() => parse('MONGODB_PASSWORD: 0123\n').text('MONGODB_PASSWORD')).toThrow(
      /MONGODB_PASSWORD is one value[^(]*: quote it/,
    );
  });

  it('accepts any value of keys that the action does not use', () => {
    expect(parse('AGE: 12:30:00\nENABLE: yes\nLIST: [1, 2]\nMAP: {a: b}\nA: b\n').text('A')).toBe('b');
  });

  it('wants a string where it finds a list or a mapping', () => {
    expect(() => parse('A:\n  - b\n').text('A')).toThrow('instances/x/config.yml:1:1: A must be a string');
  });

  it('reads flags and ports', () => {
    const config = parse('A: true\nB: "False"\nC: 27017\nD: "3306"\n');
    expect([config.flag('A'), config.flag('B'), config.flag('MISSING')]).toEqual([true, false, undefined]);
    expect([config.port('C'), config.port('D'), config.port('MISSING')]).toEqual([27017, 3306, undefined]);
    expect(() => parse('A: yes\n').flag('A')).toThrow('A is neither true nor false');
    expect(() => parse('A: "70000"\n').port('A')).toThrow('A is not a port');
  });
});

describe('references', () => {
  it('are expanded, also through one another', () => {
    const config = parse('HOST: example.org\nLMS: "lms.{{ HOST }}"\nCMS: "studio.{{LMS}}:{{ PORT }}"\nPORT: 80\n');
    expect(config.text('CMS')).toBe('studio.lms.example.org:80');
  });

  it.each([
    ['A: "{{ A }}"\n', 'circular'],
    ['A: "{{ B }}"\nB: "{{ A }}"\n', 'circular'],
    ['A: "{{ MISSING }}"\n', 'refers to MISSING'],
    ['A: "{{ B | upper }}"\nB: x\n', 'Jinja'],
    ['A: "{% if b %}x{% endif %}"\n', 'Jinja'],
    ['A: "{# note #}"\n', 'Jinja'],
    ['A: "{{ B.c }}"\nB: x\n', 'Jinja'],
  ])('are refused in %j', (text, why) => {
    expect(() => parse(text).text('A')).toThrow(why);
  });

  it('do not expand without end', () => {
    const lines = Array.from({ length: 30 }, (_, index) => `K${index}: "{{ K${index + 1} }}{{ K${index + 1} }}"`);
    expect(() => parse(`${lines.join('\n')}\nK30: "0123456789"\n`).text('K0')).toThrow('without end');
  });
});

describe('what is not a config.yml', () => {
  it.each([
    ['duplicate keys', 'A: 1\nB: 2\nA: 3\n', ':3:1: the key A is set a second time here.'],
    ['a tab as indentation', 'A:\n\tB: 1\n', ':2:1: a tab is not allowed here.'],
    ['a tab after a value', 'A: b\t\n', ':1:5: a tab is not allowed here.'],
    ['a tab after a colon', 'A:\tb\n', ':1:3: a tab is not allowed here.'],
    ['a tab before a comment', 'A: "b"\t# c\n', ':1:7: a tab is not allowed here.'],
    ['an equals sign', 'A: =\n', ':1:4: Tutor cannot read this value.'],
    ['a date that is none', 'A: 2026-13-45\n', ':1:4: Tutor cannot read this value.'],
    ['a number without digits', 'A: 0b_\n', ':1:4: Tutor cannot read this value.'],
    ['an anchor with a dot', 'A: &a.b 1\n', ':1:4: the name after & may have only letters'],
    ['an anchor that is set twice', 'A: &a 1\nB: &a 2\n', ':2:4: this anchor is set a second time.'],
    ['a key of 1,025 characters', `${'k'.repeat(1025)}: v\n`, ':1:1026: there is no key before this colon'],
    ['a list at the top', '# c\n- a\n', ':2:1: the file must be a mapping'],
    ['a word at the top', 'word\n', ':1:1: the file must be a mapping'],
    ['a flow mapping at the top', '{A: 1}\n', ':1:1: the file must be a mapping'],
    ['two documents', 'A: 1\n---\nB: 2\n', ':2:1: a second document'],
    ['a key with a question mark', '? A\n: 1\n', ':1:1: keys with `?`'],
    ['an alias without anchor', 'A: *x\n', ':1:4: this alias has no anchor before it.'],
    ['an unknown tag', 'A: !vault x\n', ':1:4: this tag is not supported here.'],
    ['a NUL', 'A: "\0"\n', ':1:5: the character U+0000'],
    ['a next line character', 'A: x\u0085B: y\n', ':1:5: the character U+0085'],
    ['a line separator', 'A: 1\nB: "\u2028"\n', ':2:5: the character U+2028'],
    ['a lone carriage return', 'A: 1\rB: 2\n', ':1:5: a carriage return'],
    ['an open flow collection', 'A: [1\n', 'config.yml:2:1: '],
  ])('is refused by place: %s', (_, text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  it('is refused by place: invalid UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('A: é\nB: "'), Buffer.from([0xc3, 0x28]), Buffer.from('"\n')]);
    expect(() => parse(bytes)).toThrow('instances/x/config.yml:2:5: not valid UTF-8');
  });

  it('is refused quickly: 10 MB, and a YAML bomb', () => {
    const start = process.cpuUsage();
    expect(() => parse(Buffer.alloc(10_000_000, 'A: 1\n'))).toThrow('10000000 bytes');
    const levels = Array.from(
      { length: 40 },
      (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`,
    );
    expect(() => parse(`a0: &a0 [x]\n${levels.join('\n')}\n`)).toThrow('alias');
    expect(process.cpuUsage(start).user).toBeLessThan(2_000_000);
  });
});

describe('editing', () => {
  it("changes the operator's file in the one place", async () => {
    const file = path.join(import.meta.dirname, '..', '..', 'fixtures', 'operator-config.yml');
    const text = await readFile(file, 'utf8');
    const after = edited(text, { MYSQL_PASSWORD: 'x"y\\z', MONGODB_PASSWORD: 'new' });
    expect(after).toBe(
      `${text.replace('"4f1d0c8a9be27365"      # rotated', '"x\\"y\\\\z"      # rotated')}\nMONGODB_PASSWORD: "new"\n`,
    );
  });

  it.each([
    [
      'a plain value',
      'MONGODB_PASSWORD:   old   # c\nB: 0644\n',
      'MONGODB_PASSWORD:   "new-password"   # c\nB: 0644\n',
    ],
    ['a quoted value', "MONGODB_PASSWORD: 'it''s'\n", 'MONGODB_PASSWORD: "new-password"\n'],
    ['a number', 'MONGODB_PASSWORD: 1E3\n', 'MONGODB_PASSWORD: "new-password"\n'],
    ['no value', 'MONGODB_PASSWORD:\nB: 1\n', 'MONGODB_PASSWORD: "new-password"\nB: 1\n'],
    ['no value, but a comment', 'MONGODB_PASSWORD:   # soon\n', 'MONGODB_PASSWORD: "new-password"   # soon\n'],
    ['null', 'MONGODB_PASSWORD: ~ # c\n', 'MONGODB_PASSWORD: "new-password" # c\n'],
    ['a value over two lines', 'MONGODB_PASSWORD: one\n  two\nB: 1\n', 'MONGODB_PASSWORD: "new-password"\nB: 1\n'],
    ['a quoted key', '"MONGODB_PASSWORD" : x\n', '"MONGODB_PASSWORD" : "new-password"\n'],
    ['CRLF', 'A: 1\r\nMONGODB_PASSWORD: x\r\nB: 2\r\n', 'A: 1\r\nMONGODB_PASSWORD: "new-password"\r\nB: 2\r\n'],
    ['a byte order mark', '\uFEFFMONGODB_PASSWORD: x\n', '\uFEFFMONGODB_PASSWORD: "new-password"\n'],
    ['an indented mapping', '  A: 1\n  MONGODB_PASSWORD: x\n', '  A: 1\n  MONGODB_PASSWORD: "new-password"\n'],
    ['a document start', '---\nMONGODB_PASSWORD: x\n', '---\nMONGODB_PASSWORD: "new-password"\n'],
    [
      'anchors elsewhere',
      'A: &a [1]\nB: *a\nMONGODB_PASSWORD: x\n',
      'A: &a [1]\nB: *a\nMONGODB_PASSWORD: "new-password"\n',
    ],
  ])('replaces %s and no other byte', (_, before, after) => {
    expect(edited(before, PASSWORD)).toBe(after);
  });

  it.each([
    ['an empty file', '', 'MONGODB_PASSWORD: "new-password"\n'],
    ['comments only', '# nothing yet\n', '# nothing yet\nMONGODB_PASSWORD: "new-password"\n'],
    ['a file without a last line end', 'A: 1', 'A: 1\nMONGODB_PASSWORD: "new-password"\n'],
    ['a CRLF file', 'A: 1\r\nB: 2', 'A: 1\r\nB: 2\r\nMONGODB_PASSWORD: "new-password"\r\n'],
    ['mixed line ends', 'A: 1\nB: 2\r\n', 'A: 1\nB: 2\r\nMONGODB_PASSWORD: "new-password"\n'],
    ['an indented mapping', '  A: 1\n', '  A: 1\n  MONGODB_PASSWORD: "new-password"\n'],
    ['blank lines at the end', 'A: 1\n\n\n', 'A: 1\n\n\nMONGODB_PASSWORD: "new-password"\n'],
    ['a document end', 'A: 1\n...\n', 'A: 1\nMONGODB_PASSWORD: "new-password"\n...\n'],
    ['a key without value at the end', 'A: 1\nB:\n', 'A: 1\nB:\nMONGODB_PASSWORD: "new-password"\n'],
    ['a list at the end', 'A:\n- 1\n', 'A:\n- 1\nMONGODB_PASSWORD: "new-password"\n'],
    ['a block at the end', 'A: |\n  x\n', 'A: |\n  x\nMONGODB_PASSWORD: "new-password"\n'],
  ])('appends to %s', (_, before, after) => {
    expect(edited(before, PASSWORD)).toBe(after);
  });

  it('writes nothing where the value is there already, however it is written', () => {
    for (const text of ['A: x\n', "A:  'x'   # c\n", 'A: "x"']) expect(edited(text, { A: 'x' })).toBe(text);
  });

  it.each([
    ['a block', 'MONGODB_PASSWORD: |\n  x\n', 'is a block'],
    ['a list', 'MONGODB_PASSWORD: [x]\n', 'is a collection'],
    ['an anchor', 'MONGODB_PASSWORD: &p x\nB: *p\n', 'anchor'],
    ['an alias', 'B: &p x\nMONGODB_PASSWORD: *p\n', 'alias'],
    ['a tag', 'MONGODB_PASSWORD: !!str x\n', 'tag'],
  ])('refuses to replace %s, by place', (_, text, why) => {
    expect(() => edited(text, PASSWORD)).toThrow(why);
    expect(() => edited(text, PASSWORD)).toThrow(/config\.yml:\d+:1: MONGODB_PASSWORD must be set/);
  });

  it('refuses to append where that would change the last value', () => {
    expect(() => edited('A: |\n  x', PASSWORD)).toThrow('cannot be edited without changing something else');
    expect(edited('A:\n- >-\n  x', PASSWORD)).toBe('A:\n- >-\n  x\nMONGODB_PASSWORD: "new-password"\n');
    expect(() => edited('A:\n- |\n  x', PASSWORD)).toThrow('cannot be edited without changing something else');
  });

  it('refuses a value that Tutor would take for Jinja', () => {
    expect(() => edited('A: 1\n', { A: 'x{{ B }}' })).toThrow('Jinja');
  });

  it('reads back every text that it writes, in whatever place', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 }).filter((value) => !/\{[{%#]/.test(value) && value !== '');
    fc.assert(
      fc.property(
        text,
        fc.constantFrom('', 'K: old # c\n', 'A: 1\r\nK:\r\n', '# only\n', '  A: 1\n  K: "x"'),
        (value, before) => {
          const after = parse(before).edit(new Map([['K', value]]));
          const again = parse(after);
          expect(again.edit(new Map([['K', value]]))).toBe(after);
          if (value !== 'None') expect(again.text('K')).toBe(value);
        },
      ),
      { numRuns: 300 },
    );
  });
});
