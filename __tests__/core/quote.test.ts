import fc from 'fast-check';
import { quoted, shortened } from '../../src/core/quote.ts';
import { INPUTS } from '../../src/inputs/inputs.ts';
import { readSettings } from '../../src/inputs/read-settings.ts';
import { readRequest } from '../../src/inputs/request.ts';
import { SETTINGS } from '../../src/inputs/settings.ts';
import { planInstance } from '../../src/instance/plan.ts';
import { withoutCredentials } from '../../src/repository/words.ts';
import { given } from '../action/given.ts';
import { bytes, fixedSeed, NO_FILES, planContext } from '../instance/given.ts';

/** A password that no error may show, in part or whole, with signs that URLs have a use for. */
const password = fc
  .tuple(
    fc.constantFrom('S3cr3t', 'Zq8rT2'),
    fc.constantFrom('', '@', '/', '#', '?', '%40', ':'),
    fc.constantFrom('Pa55word', 'mN4kL9'),
  )
  .map(([first, sign, rest]) => ({ parts: [first, rest], text: `${first}${sign}${rest}` }));
const url = fc
  .tuple(
    fc.constantFrom('https://', 'mongodb+srv://', 'mysql://', 'ssh://', 'http://', ''),
    fc.constantFrom('admin', 'x-access-token', 'o.k'),
    password,
    fc.constantFrom('db.example.org', 'h:3306', 'github.com/org/r.git', 'github.com:org/r.git', 'h/p?retry=true'),
  )
  .map(([scheme, user, { parts, text }, rest]) => ({ parts, value: `${scheme}${user}:${text}@${rest}` }));

const KEYS = [
  'MYSQL_HOST',
  'MYSQL_PORT',
  'MYSQL_DATABASE',
  'MYSQL_USERNAME',
  'OPENEDX_MYSQL_DATABASE',
  'MONGODB_HOST',
  'MONGODB_PORT',
  'MONGODB_DATABASE',
  'FORUM_MONGODB_DATABASE',
  'MONGODB_USERNAME',
  'MONGODB_AUTH_SOURCE',
  'MONGODB_AUTH_MECHANISM',
  'MONGODB_REPLICA_SET',
  'MONGODB_USE_SSL',
  'STORAGE_ENDPOINT_URL',
  'STORAGE_BUCKET_NAME',
  'STORAGE_TYPE',
  'STORAGE_REGION',
  'S3_HOST',
  'S3_PORT',
  'S3_USE_SSL',
  'S3_REGION',
  'S3_STORAGE_BUCKET',
  'LMS_HOST',
  'CMS_HOST',
  'K8S_NAMESPACE',
  'TUTOR_APP_NAME',
];

/** Message and remedy of what the work throws; empty if it throws nothing. */
function errorOf(work: () => unknown): string {
  try {
    work();
    return '';
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return `${error.message} ${'remedy' in error ? error.remedy : ''}`;
  }
}

const ORIGIN = {
  source: { branch: 'main' },
  workspace: '/w',
  hosted: { serverUrl: 'https://github.com', host: 'github.com', owner: 'o', name: 'n' },
  run: { id: 'r', url: undefined },
};

describe('a password in a value', () => {
  it('of config.yml is in no error', () => {
    fc.assert(
      fc.property(url, fc.constantFrom(...KEYS), ({ parts, value }, key) => {
        const config = bytes(`${key}: ${JSON.stringify(value)}\n`);
        const error = errorOf(() =>
          planInstance({ ...NO_FILES, config }, fixedSeed(), planContext({ config: '', application: '' })),
        );
        for (const part of parts) expect(error).not.toContain(part);
      }),
      { numRuns: 600 },
    );
  });

  it('of a setting or an input is in no error', () => {
    const names = [...Object.values(SETTINGS), ...Object.values(INPUTS)]
      .map(({ input }) => input)
      .filter((name) => name !== 'kubeconfig');
    fc.assert(
      fc.property(url, fc.constantFrom(...names), ({ parts, value }, name) => {
        const source = given({ inputs: { instance: 'a', kubeconfig: 'apiVersion: v1', [name]: value } });
        for (const read of [() => readSettings(source), () => readRequest(source, ORIGIN)]) {
          const error = errorOf(read);
          for (const part of parts) expect(error).not.toContain(part);
        }
      }),
      { numRuns: 600 },
    );
  });

  it.each([
    ['https://u:p@ss@github.com/o/r', 'https://github.com/o/r'],
    ['https://ghp_token@github.com/o/r.git', 'https://github.com/o/r.git'],
    ["fatal: 'https://u:p@h/x' and https://h/a@b", "fatal: 'https://h/x' and https://h/a@b"],
  ])("is not in git's words: %s", (text, shown) => expect(withoutCredentials(text)).toBe(shown));
});

describe('a quoted value', () => {
  it.each([
    ['a.example.org', '"a.example.org"'],
    ['git@github.com:o/r.git', '"git@github.com:o/r.git"'],
    ['https://h/x?token=abc&a=b', '"https://h/x?token=***&a=b"'],
    ['ghp_0123456789abcdef', '"***"'],
    ['x'.repeat(101), `"${'x'.repeat(100)}…"`],
  ])('is shown without what is secret: %s', (value, shown) => expect(quoted(value)).toBe(shown));
});

describe('a text of others', () => {
  it.each([
    ['short', 10, 'short'],
    ['one two three', 10, 'one two…'],
    ['one two secret', 10, 'one two…'],
    ['exactly te', 10, 'exactly te'],
    ['a-secret-without-a-blank', 10, '…'],
  ])('%j is cut to %d characters at a blank, never within a word', (text, longest, shown) => {
    expect(shortened(text, longest)).toBe(shown);
  });
});
