import type { Fields } from '../../core/fields.ts';
import { constructFields } from '../yaml/construct.ts';
import { YamlError } from '../yaml/cursor.ts';
import { type Document, parseDocument } from '../yaml/parser.ts';
import { configError, positionAt } from './config-problems.ts';

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
