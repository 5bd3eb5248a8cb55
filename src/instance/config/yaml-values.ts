import { CORE_SCHEMA, load, mergeTag, YAML11_SCHEMA, YAMLException } from 'js-yaml';
import { type Fields, fieldsOf } from '../../core/fields.ts';
import { beyondBudget } from '../plain-yaml.ts';
import { configError } from './config-problems.ts';

/** A file's values, as YAML 1.1 and as YAML 1.2 read them. */
export interface YamlValues {
  /** As Tutor reads them: PyYAML reads YAML 1.1 (https://pyyaml.org/wiki/PyYAMLDocumentation). */
  readonly asYaml11: Fields;
  /** As most other tools read them. */
  readonly asYaml12: Fields;
}

/** A config.yml has fewer aliases; more could make a small file very large. */
const MOST_ALIASES = 100;

/**
 * Reads the file both ways.
 *
 * @throws LaunchpadError `config-invalid` with line and column: duplicate keys, tabs, undefined aliases, unknown tags and
 *   all else that is not YAML
 */
export function readYaml(text: string, name: string): YamlValues {
  return {
    asYaml11: readAs(YAML11_SCHEMA, text, name),
    asYaml12: readAs(CORE_SCHEMA.withTags(mergeTag), text, name),
  };
}

function readAs(schema: typeof CORE_SCHEMA, text: string, name: string): Fields {
  try {
    const value = text.trim() === '' ? {} : load(text, { schema, maxAliases: MOST_ALIASES });
    const excess = beyondBudget(value);
    if (excess !== undefined) throw configError(name, `the file has ${excess}.`, 'Keep only settings in it.');
    return fieldsOf(value);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    // No place: the file has comments only, or several documents, which layoutOf refuses with a place.
    if (error.mark === undefined) return {};
    const position = { line: error.mark.line + 1, column: error.mark.column + 1 };
    throw configError(name, `${error.reason}.`, 'Mend the YAML there.', position);
  }
}
