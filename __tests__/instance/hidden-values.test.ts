import fc from 'fast-check';
import { type Hidden, shownLines } from '../../src/instance/hidden-values.ts';

const NONE: Hidden = { secrets: [], replacements: new Map() };
const shown = (text: string, hidden = NONE) => shownLines([text], hidden)[0]?.join('\n');

describe('what is shown of config.yml', () => {
  it.each([
    ['a plain value', 'A: 1\nMYSQL_PASSWORD: hunter22\nB: 2\n', 'A: 1\nMYSQL_PASSWORD: ***\nB: 2\n'],
    ['a quoted value with a comment', 'X_TOKEN: "abc # d"  # was old-token\n', 'X_TOKEN: ***\n'],
    ['a short value', 'X_SECRET: a\nY: banana\n', 'X_SECRET: ***\nY: banana\n'],
    ['a number', 'MYSQL_PASSWORD: 12345678\nY: "p12345678"\n', 'MYSQL_PASSWORD: ***\nY: "p***"\n'],
    ['a block', 'JWT_PRIVATE_KEY: |\n  line-one\n  line-two\nB: 2\n', 'JWT_PRIVATE_KEY: ***\n***\n***\nB: 2\n'],
    ['a list', 'API_KEYS:\n  - first-key\n  - second-key\nB: 2\n', 'API_KEYS: ***\n***\n***\nB: 2\n'],
    ['a nested key', 'PLUGIN:\n  password: nested-one\n  user: u\n', 'PLUGIN:\n  password: ***\n  user: u\n'],
    ['a key in braces', 'SMTP: {password: in-braces, port: 25}\n', 'SMTP: {password: ***, port: 25}\n'],
    ['the target of an alias', 'X: &p aliased-one\nMY_PASSWORD: *p\n', 'X: &p ***\nMY_PASSWORD: ***\n'],
    ['a URL with a password', 'CACHE: redis://me:hunter2@cache:6379/1\n', 'CACHE: redis://me:***@cache:6379/1\n'],
    ['a comment that gives one', '# MYSQL_PASSWORD: "old-one"\nA: 1\n', '# MYSQL_PASSWORD: ***\nA: 1\n'],
    ['CRLF line ends', 'A_TOKEN: abcdef\r\nB: 2\r\n', 'A_TOKEN: ***\r\nB: 2\r\n'],
    ['a byte order mark', '\uFEFFA_TOKEN: abcdef\nB: 2\n', '\uFEFFA_TOKEN: ***\nB: 2\n'],
    ['an empty value', 'A_TOKEN:\nB: 2\n', 'A_TOKEN:\nB: 2\n'],
  ])('hides %s', (_, text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it('hides a secret within other strings, in each of the ways that it may be written', () => {
    const secret = 'p@ss"w/rd';
    const base64 = Buffer.from(secret).toString('base64');
    const text = `MY_PASSWORD: 'p@ss"w/rd'\nA: "x p@ss\\"w/rd y"\nB: mysql://h/?p=p%40ss%22w%2Frd\nC: ${base64}\n`;
    expect(shown(text)).toBe('MY_PASSWORD: ***\nA: "x *** y"\nB: mysql://h/?p=***\nC: ***\n');
  });

  it('hides any secret, at its key and in a URL beside it', () => {
    const text = (secret: string, inUrl: string) =>
      `MY_PASSWORD: ${JSON.stringify(secret)}\nA: "https://host/?p=${inUrl}"\nB: ${JSON.stringify(`x ${secret} y`)}\n`;
    const rest = text('', '');
    const secrets = fc.string({ minLength: 4, maxLength: 40, unit: 'grapheme-ascii' });
    fc.assert(
      fc.property(secrets, (secret) => {
        fc.pre(secret.trim().length >= 4 && !rest.includes(secret.trim()));
        expect(shown(text(secret, encodeURIComponent(secret)))).not.toContain(secret.trim());
      }),
    );
  });

  it('hides what only the other of two files calls a secret', () => {
    const [before, after] = shownLines(['MY_PASSWORD: old-value\n', 'MY_PASSWORD: new-value\nA: old-value\n'], NONE);
    expect(before).toEqual(['MY_PASSWORD: ***', '']);
    expect(after).toEqual(['MY_PASSWORD: ***', 'A: ***', '']);
  });

  it('hides the given secrets under any key, and replaces the given texts', () => {
    const hidden = { secrets: ['made-up-1'], replacements: new Map([['bucket-abc1234', 'bucket-???????']]) };
    expect(shown('A: "made-up-1"\nB: "bucket-abc1234"\n', hidden)).toBe('A: "***"\nB: "bucket-???????"\n');
  });

  it('masks a file that is not YAML as a whole', () => {
    expect(shown('A: [\nMY_PASSWORD: hunter22\n')).toBe('***\n***\n***');
  });

  it('ends where an alias refers to the list around it', () => {
    expect(shown('MY_KEYS: &k [one-key, *k]\n')).toBe('MY_KEYS: ***\n');
  });
});
