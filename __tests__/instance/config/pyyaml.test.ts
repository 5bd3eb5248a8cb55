/**
 * config.yml is read as PyYAML's safe_load reads it, or refused; none otherwise. Tutor reads the file by PyYAML.
 */
import { spawnSync } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { fieldsOf } from '../../../src/core/fields.ts';
import { ConfigFile } from '../../../src/instance/config/config-file.ts';
import { readYaml } from '../../../src/instance/config/config-text.ts';
import { Unportable } from '../../../src/instance/yaml/scalars.ts';
import { documents } from './pyyaml-documents.ts';

const python = process.env.TEST_COOKIECUTTER_PYTHON || 'python3';
const isThere = spawnSync(python, ['-c', 'import yaml']).status === 0;
const parse = (text: string) => ConfigFile.parse(new TextEncoder().encode(text), 'config.yml');

/** A value with its type: JSON has no dates, no nan, and only one kind of number. */
type Typed = readonly [type: string, value?: unknown];

/** What Tutor takes of each file, which is a mapping that PyYAML reads; null for another file. */
const SCRIPT = `
import base64, datetime, json, sys, yaml
def typed(value, above):
    if id(value) in above:
        return ['recursive']
    if value is None or isinstance(value, datetime.date):
        return [type(value).__name__]
    if isinstance(value, (int, float)):
        return [type(value).__name__, repr(value)]
    if isinstance(value, list):
        return ['list', [typed(item, above + [id(value)]) for item in value]]
    if isinstance(value, dict):
        return ['dict', [[typed(key, []), typed(item, above + [id(value)])] for key, item in value.items()]]
    return [type(value).__name__, value if isinstance(value, str) else None]
def read(line):
    try:
        value = yaml.safe_load(base64.b64decode(line))
    except Exception:
        return None
    return typed(value or {}, []) if value is None or isinstance(value, dict) else None
print(json.dumps([read(line) for line in sys.stdin]))`;

function pyyaml(files: readonly Uint8Array[]): (Typed | null)[] {
  const input = files.map((file) => Buffer.from(file).toString('base64')).join('\n');
  const { stdout, status, stderr } = spawnSync(python, ['-c', SCRIPT], { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Our value in the same form. */
function typed(value: unknown): Typed {
  if (value === null) return ['NoneType'];
  if (value instanceof Unportable) return value.kind === 'date' ? ['date'] : ['float', value.text];
  if (typeof value === 'string') return ['str', value];
  if (typeof value === 'boolean') return ['bool', value ? 'True' : 'False'];
  if (typeof value === 'number' && !Number.isInteger(value)) return ['float', String(value)];
  if (typeof value === 'number' || typeof value === 'bigint') return ['int', String(value)];
  if (Array.isArray(value)) return ['list', value.map(typed)];
  const entries = value instanceof Map ? [...value] : Object.entries(fieldsOf(value));
  return ['dict', entries.map(([key, item]) => [typed(key), typed(item)])];
}

/** With mappings in the order of their keys, floats as numbers, and dates with and without a time as one type. */
function comparable([type, value]: Typed): Typed {
  if (type === 'datetime' || type === 'date') return ['date', undefined];
  if (type === 'float') return ['float', Number(String(value).replace('inf', 'Infinity'))];
  if (type === 'list' && Array.isArray(value)) return ['list', value.map(comparable)];
  if (type !== 'dict' || !Array.isArray(value)) return [type, value];
  const entries = value.map(([key, item]) => [comparable(key), comparable(item)]);
  return ['dict', entries.sort((a, b) => (JSON.stringify(a[0]) < JSON.stringify(b[0]) ? -1 : 1))];
}

/** The top level of a file as Tutor takes it, in YAML 1.1; its keys as they are written. */
function readHere(text: string): Typed {
  return typed(readYaml(text, 'config.yml').asYaml11);
}

/** What is refused here though PyYAML reads it. A document that needs it would have no place in a config.yml. */
const REFUSALS = [
  /the key.* is set a second time here/,
  /this tag is not supported/,
  /this escape needs the 4 hexadecimal digits of a character/,
  /keys with `\?` are not supported/,
  /the file must be a mapping of keys to values, a key a line/,
  /an alias is inside the value that it repeats/,
];

(isThere ? describe : describe.skip)(
  isThere ? 'PyYAML' : 'PyYAML: python3 with yaml is not there, so this could not be compared',
  () => {
    it('reads 2,000 documents as they are read here, and at most 1 % of what it reads is refused here', () => {
      const texts = fc.sample(documents, { numRuns: 2000, seed: 11 });
      const theirs = pyyaml(texts.map((text) => Buffer.from(text)));
      const refused: string[] = [];
      const differences = texts.flatMap((text, index): unknown[] => {
        const their = theirs[index] ?? null;
        let file: ConfigFile;
        try {
          file = parse(text);
        } catch (error) {
          if (their !== null) refused.push(String(error));
          return [];
        }
        if (their === null) return [{ text, problem: 'PyYAML refuses it' }];
        const expected = comparable(their);
        const read = comparable(readHere(text));
        const entries = Array.isArray(expected[1]) ? expected[1] : [];
        const isNamed = entries.every(([[type]]) => type === 'str');
        const values = ({ 1: pairs }: Typed) => (Array.isArray(pairs) ? pairs.map(([, item]) => item) : []);
        // A key that is no string is known by its text here, such as "1" for 1.
        if (isNamed ? !isDeepStrictEqual(read, expected) : values(read).length !== entries.length) {
          return [{ text, read, expected }];
        }
        return isNamed ? wrongTexts(file, entries).map((wrong) => ({ text, wrong })) : [];
      });
      expect(differences).toEqual([]);
      const read = theirs.filter((their) => their !== null).length;
      expect(read).toBeGreaterThan(1000);
      expect(refused.filter((message) => !REFUSALS.some((kind) => kind.test(message)))).toEqual([]);
      expect(refused.length / read).toBeLessThanOrEqual(0.01);
    });

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
      const entry = (value: string) => ['str', value];
      expect(pyyaml(files)).toEqual(
        all.map((value) => [
          'dict',
          [
            [entry('A'), entry(value)],
            [entry('B'), entry(value)],
          ],
        ]),
      );
    });
  },
);

/** The keys whose value is used as another text than Tutor's; an error is fine. */
function wrongTexts(file: ConfigFile, entries: readonly (readonly [Typed, Typed])[]): unknown[] {
  return entries.flatMap(([[, key], [type, value]]) => {
    let text: string | undefined;
    try {
      text = file.text(String(key));
    } catch {
      return [];
    }
    const isAbsent = type === 'NoneType' || value === '' || value === 'None';
    return text === (isAbsent ? undefined : value) ? [] : [{ key, text, value }];
  });
}
