import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { ConfigFile } from '../../../src/instance/config/config-file.ts';

/** What PyYAML, and so Tutor, reads in a file: JSON of a list of files. */
function pyyaml(files: readonly Uint8Array[]): unknown {
  const script = `
import base64, json, sys, yaml
print(json.dumps([yaml.safe_load(base64.b64decode(line)) for line in sys.stdin], default=str))`;
  const input = files.map((file) => Buffer.from(file).toString('base64')).join('\n');
  const { stdout, status, stderr } = spawnSync('python3', ['-c', script], { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const isThere = spawnSync('python3', ['-c', 'import yaml']).status === 0;
const parse = (text: string) => ConfigFile.parse(new TextEncoder().encode(text), 'config.yml');

(isThere ? describe : describe.skip)(
  isThere ? 'PyYAML' : 'PyYAML: python3 with yaml is not there, so this could not be compared',
  () => {
    it('reads what we write as the same string', () => {
      const values = fc.sample(
        fc.string({ unit: 'binary', maxLength: 30 }).filter((value) => !/\{[{%#]/.test(value)),
        200,
      );
      const special = [
        'yes',
        '0123',
        '1e5',
        '~',
        'null',
        '12:30:00',
        ' x ',
        '# no',
        "it's",
        '"',
        '\\',
        '\u2028',
        '\u0085',
        '🦉',
        '\uFEFF',
        '\u007f',
      ];
      const all = [...values, ...special].filter((value) => value !== '');
      const files = all.map((value) =>
        parse('A: old # c\n').edit(
          new Map([
            ['A', value],
            ['B', value],
          ]),
        ),
      );
      expect(pyyaml(files)).toEqual(all.map((value) => ({ A: value, B: value })));
    });

    it('agrees on every plain value, or we want it quoted', () => {
      const plain = [
        'abc',
        '3306',
        '0x10',
        '+5',
        '-3',
        '0',
        'a b',
        'a:b',
        '1.2.3',
        'v1',
        '00',
        '08',
        '1_0',
        '1:30',
        'Yes',
        'off',
        'n',
        '1e3',
        '1.0e+3',
        '.5',
        '2026-11-24',
        '0b1',
        '190:20:30',
        'null',
        'None',
        'true',
      ];
      const read = pyyaml(plain.map((value) => Buffer.from(`K: ${value}\n`)));
      if (!Array.isArray(read)) throw new Error('no list');
      for (const [index, value] of plain.entries()) {
        const theirs: unknown = read[index].K;
        let ours: string | undefined;
        try {
          ours = parse(`K: ${value}\n`).text('K');
        } catch {
          continue;
        }
        const absent = theirs === null || theirs === 'None';
        expect({ value, read: ours }).toEqual({ value, read: absent ? undefined : String(theirs) });
      }
    });
  },
);
