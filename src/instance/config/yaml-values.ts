import { CORE_SCHEMA, load, mergeTag, YAML11_SCHEMA, YAMLException } from 'js-yaml';
import { configError } from './config-problems.ts';

/** A file's values, as YAML 1.1 and as YAML 1.2 read them. */
export interface YamlValues {
  /** As Tutor reads them: PyYAML speaks YAML 1.1 (https://pyyaml.org/wiki/PyYAMLDocumentation). */
  readonly asYaml11: Readonly<Record<string, unknown>>;
  /** As most other tools read them. */
  readonly asYaml12: Readonly<Record<string, unknown>>;
}

/** More aliases than this are no config.yml, but a way to make a small file large. */
const MOST_ALIASES = 100;

/**
 * Reads the file both ways.
 *
 * @throws LaunchpadError `config-invalid` with line and column of what is wrong: duplicate keys, tabs, undefined
 *   aliases, unknown tags and all else that is not YAML
 */
export function readYaml(text: string, name: string): YamlValues {
  return {
    asYaml11: readAs(YAML11_SCHEMA, text, name),
    asYaml12: readAs(CORE_SCHEMA.withTags(mergeTag), text, name),
  };
}

function readAs(schema: typeof CORE_SCHEMA, text: string, name: string): Readonly<Record<string, unknown>> {
  try {
    const value = text.trim() === '' ? null : load(text, { schema, maxAliases: MOST_ALIASES });
    return isMapping(value) ? value : {};
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    // Comments only: a config.yml without settings. Several documents: layoutOf says where the second begins.
    if (error.mark === undefined) return {};
    const position = { line: (error.mark?.line ?? 0) + 1, column: (error.mark?.column ?? 0) + 1 };
    throw configError(name, position, `${error.reason}.`, 'Mend the YAML there.');
  }
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
