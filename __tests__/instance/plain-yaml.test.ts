import { parseApplication } from '../../src/instance/application/application.ts';
import { ConfigFile } from '../../src/instance/config/config-file.ts';
import { shownLines } from '../../src/instance/hidden-values.ts';

const FILE = 'instances/a/config.yml';
const bytes = (text: string) => new TextEncoder().encode(text);
const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const SOPS = 'ENC[AES256_GCM,data:Mwvzx2JT,iv:HFEy,tag:h6Xt,type:str]';

describe('a file that is not plain YAML', () => {
  it.each<[string, string, Uint8Array]>([
    ['encrypted by SOPS', 'file-encrypted', bytes(`LMS_HOST: a.example.org\nMYSQL_PASSWORD: ${SOPS}\n`)],
    ['encrypted by SOPS', 'file-encrypted', bytes(`A: "${SOPS}"\n`)],
    ['encrypted by SOPS', 'file-encrypted', bytes('A: b\nsops:\n    mac: x\n')],
    ['encrypted by SOPS', 'file-encrypted', bytes('\uFEFFA: b\r\nsops:\r\n    mac: x\r\n')],
    ['encrypted in part', 'file-encrypted', bytes('MYSQL_PASSWORD: ENC[PKCS7,MIIBygYJKoZIhvcN]\n')],
    ['encrypted in part', 'file-encrypted', bytes('MYSQL_PASSWORD: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n')],
    ['encrypted by ansible-vault', 'file-encrypted', bytes('$ANSIBLE_VAULT;1.1;AES256\n616263\n')],
    ['encrypted by git-crypt', 'file-encrypted', latin1('\0GITCRYPT\0\x8f\xff')],
    ['encrypted by age', 'file-encrypted', bytes('-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n')],
    ['encrypted by age', 'file-encrypted', latin1('age-encryption.org/v1\n-> X25519 x\n\xff\xfe')],
    ['encrypted by PGP', 'file-encrypted', bytes('-----BEGIN PGP MESSAGE-----\n\nhQ\n')],
    ['encrypted by OpenSSL', 'file-encrypted', bytes('U2FsdGVkX19hYmNkZWZnaA==\n')],
    [
      'a pointer of Git LFS',
      'file-pointer',
      bytes('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1874\n'),
    ],
    ['not merged', 'file-conflict', bytes('A: 1\n<<<<<<< HEAD\nB: 2\n=======\nB: 3\n>>>>>>> feature\n')],
    ['not merged', 'file-conflict', bytes('A: 1\r\n<<<<<<< HEAD\r\nB: 2\r\n||||||| base\r\n=======\r\n>>>>>>> x\r\n')],
    ['UTF-16', 'file-encoding', latin1('\xff\xfeA\0:\0 \0b\0')],
  ])('is named: %s', (what, code, file) => {
    const error = {
      code,
      message: expect.stringContaining(`${FILE} is `),
      remedy: expect.stringMatching(/run again\.$/),
    };
    for (const parse of [ConfigFile.parse, parseApplication]) {
      expect(() => parse(file, FILE)).toThrow(expect.objectContaining(error));
      expect(() => parse(file, FILE)).toThrow(what);
    }
  });

  it.each(['A: "version https://git-lfs.github.com/spec/v1"\n', 'A: |\n  ======= x\n', 'sops_url: x\n', 'A: sops\n'])(
    'is not mistaken for it: %j',
    (text) => expect(ConfigFile.parse(bytes(text), FILE).has('A') || text.startsWith('sops')).toBe(true),
  );
});

/** Nine values, nine times each, nine levels deep. */
const BOMB = [
  'a0: &a0 x',
  ...Array.from({ length: 9 }, (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level}, `.repeat(9)}]`),
].join('\n');
const DEEP = `a: ${'['.repeat(500)}${']'.repeat(500)}`;
const MIB = 1024 * 1024;

/** Runs the work, which must not take long. */
function quickly<T>(work: () => T): T {
  const start = process.cpuUsage();
  try {
    return work();
  } finally {
    expect(process.cpuUsage(start).user).toBeLessThan(2_000_000);
  }
}

describe('a file that grows when it is read', () => {
  it.each([
    ['aliases of aliases', BOMB],
    ['deep nesting', DEEP],
  ])('is refused at once: %s', (_, text) => {
    expect(() => quickly(() => ConfigFile.parse(bytes(text), FILE))).toThrow(
      expect.objectContaining({ code: 'config-invalid' }),
    );
    expect(() => quickly(() => parseApplication(bytes(text), FILE))).toThrow(
      expect.objectContaining({ code: 'application-invalid' }),
    );
  });

  it.each([
    [
      'a chain that doubles',
      Array.from({ length: 40 }, (_, i) => `K${i}: "{{ K${i + 1} }}{{ K${i + 1} }}"`)
        .join('\n')
        .concat('\nK40: x\n'),
    ],
    [
      'empty texts that double',
      Array.from({ length: 40 }, (_, i) => `K${i}: "{{ K${i + 1} }}{{ K${i + 1} }}"`)
        .join('\n')
        .concat('\nK40: " "\n'),
    ],
    ['many references to one text', `K0: "${'{{ K1 }}'.repeat(90_000)}"\nK1: ${'x'.repeat(10_000)}\n`],
  ])('by references is refused at once: %s', (_, text) => {
    const config = ConfigFile.parse(bytes(text), FILE);
    expect(() => quickly(() => config.text('K0'))).toThrow('the references expand without end');
  });
});

describe('what is shown of a file', () => {
  it.each([
    ['a long word in a comment', `A: b # ${'pass'.repeat(MIB / 4)}`],
    ['many words in a comment', `A: b # ${'pass '.repeat(MIB / 5)}`],
    ['many signs', `A: b # ${'password '.repeat(MIB / 9)}= x`],
    ['a long scheme', `A: ${'a'.repeat(MIB)}`],
    ['many schemes', `A: x${'://a:b'.repeat(MIB / 6)}`],
    ['blanks', `A: b # password${' '.repeat(MIB)}x`],
  ])('takes under a second for 1 MiB of %s', (_, text) => {
    const start = process.cpuUsage();
    shownLines([text], { secrets: [], replacements: new Map() });
    expect(process.cpuUsage(start).user).toBeLessThan(1_000_000);
  });

  it.each([
    ['A: b # MYSQL_PASSWORD: "old"', 'A: b # MYSQL_PASSWORD: ***'],
    ['# token=abc and more', '# token=***'],
    ['# no secret here', '# no secret here'],
    ['A: https://u:pw@h/x?next=https://v:p2@i', 'A: https://u:***@h/x?next=https://v:***@i'],
  ])('has no secret of a comment or a URL: %s', (text, shown) => {
    expect(shownLines([text], { secrets: [], replacements: new Map() })).toEqual([[shown]]);
  });
});
