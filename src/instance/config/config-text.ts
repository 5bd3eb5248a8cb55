import { LaunchpadError } from '../../core/errors.ts';
import type { Fields } from '../../core/fields.ts';
import { constructFields } from '../yaml/construct.ts';
import { YamlError } from '../yaml/cursor.ts';
import { type Document, parseDocument } from '../yaml/parser.ts';
import { configError, type Position, positionAt } from './config-values.ts';

/** A config.yml has a few kB; a larger file is something else. */
const LARGEST_BYTES = 1024 * 1024;

/** The text of a file, and apart from it its byte order mark, which stays. */
export interface ConfigText {
  readonly mark: '' | '\uFEFF';
  readonly text: string;
}

/**
 * Decodes the file. Refuses characters that YAML does not allow, or that YAML 1.1 and 1.2 read differently: line breaks of
 * 1.1 alone (https://yaml.org/spec/1.2.2/#54-line-break-characters), lone carriage returns and control characters.
 *
 * @throws LaunchpadError `config-invalid` with line and column
 */
export function decodeConfig(bytes: Uint8Array, name: string): ConfigText {
  if (bytes.byteLength > LARGEST_BYTES) {
    const what = `${name} has ${bytes.byteLength} bytes; at most ${LARGEST_BYTES} are read.`;
    throw new LaunchpadError('config-invalid', what, { remedy: 'Keep only settings in it.' });
  }
  const decoded = decodeUtf8(bytes, name);
  const mark = decoded.startsWith('\uFEFF') ? '\uFEFF' : '';
  const text = decoded.slice(mark.length);
  refuseCharacters(text, name);
  return { mark, text };
}

function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw configError(name, 'not valid UTF-8.', 'Save the file as UTF-8.', firstInvalid(bytes));
  }
}

/** The place of the first byte that is not UTF-8, by bisection: a decoder reports none. */
function firstInvalid(bytes: Uint8Array): Position {
  let low = 0;
  let high = bytes.length;
  const valid = (end: number) => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (valid(middle)) low = middle;
    else high = middle - 1;
  }
  const before = new TextDecoder('utf-8').decode(bytes.subarray(0, low), { stream: true });
  return positionAt(before, before.length);
}

function refuseCharacters(text: string, name: string): void {
  const found = /[[\p{Cc}\u2028\u2029\uFEFF\uFFFE\uFFFF]--[\t\n\r]]|\r(?!\n)/v.exec(text);
  if (found === null) return;
  const code = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const what = found[0] === '\r' ? 'a carriage return without a line feed' : `the character U+${code}`;
  const remedy = 'Remove it, or write it as an escape in double quotes.';
  throw configError(name, `${what} is not allowed here.`, remedy, positionAt(text, found.index));
}

/** A file's values, as YAML 1.1 and as YAML 1.2 read them. */
export interface YamlValues {
  readonly document: Document;
  /** As Tutor reads them: PyYAML reads YAML 1.1 (https://pyyaml.org/wiki/PyYAMLDocumentation). */
  readonly asYaml11: Fields;
  /** As most other tools read them. */
  readonly asYaml12: Fields;
}

/**
 * Reads the file both ways.
 *
 * @throws LaunchpadError `config-invalid` with line and column: what PyYAML's safe_load refuses, and more (see
 *   `constructFields`)
 */
export function readYaml(text: string, name: string): YamlValues {
  try {
    const document = parseDocument(text);
    const { root } = document;
    if (root === undefined) return { document, asYaml11: {}, asYaml12: {} };
    return { document, asYaml11: constructFields(root, 'pyyaml'), asYaml12: constructFields(root, 'core') };
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw configError(name, `${error.message}.`, error.remedy, positionAt(text, error.offset));
  }
}
