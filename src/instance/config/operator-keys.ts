import { LaunchpadError } from '../../core/errors.ts';
import { ConfigFile } from './config-file.ts';
import type { OperatorValue } from './config-values.ts';

/** Name by which errors call the input. */
const INPUT = 'Input config';

/**
 * Reads the input `config`: keys of config.yml with their values, as config.yml itself has them, or as a JSON object.
 *
 * @throws LaunchpadError `config-invalid` with line and column
 */
export function parseOperatorKeys(text: string): ReadonlyMap<string, OperatorValue> {
  const values = /^\s*\{/.test(text)
    ? jsonKeys(text)
    : ConfigFile.parse(new TextEncoder().encode(text), INPUT).values();
  const strange = [...values.keys()].filter((key) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(key));
  if (strange.length === 0) return values;
  throw new LaunchpadError(
    'config-invalid',
    `${INPUT} has keys that are not valid in config.yml: ${strange.join(', ')}.`,
    {
      remedy: 'Give keys of letters, digits and underscores, such as PLATFORM_NAME.',
    },
  );
}

/** The message of a JSON error quotes the text, which may have secrets in it. */
function jsonKeys(text: string): ReadonlyMap<string, OperatorValue> {
  try {
    const keys: Readonly<Record<string, OperatorValue>> = JSON.parse(text);
    return new Map(Object.entries(keys));
  } catch {
    throw new LaunchpadError('config-invalid', `${INPUT} begins with "{" and is not a JSON object.`, {
      remedy: 'Write a JSON object, such as {"PLATFORM_NAME": "My School"}, or YAML with a key a line.',
    });
  }
}

/**
 * The keys that config.yml lacks. Those that it has must have the same values: provisioning changes none.
 *
 * @throws LaunchpadError `config-differs` that names each key with another value
 */
export function requireOperatorKeys(
  config: ConfigFile,
  wanted: ReadonlyMap<string, OperatorValue>,
): ReadonlyMap<string, OperatorValue> {
  const differing = [...wanted].filter(([key, value]) => config.has(key) && !config.says(key, value));
  if (differing.length > 0) {
    const keys = differing.map(([key]) => key).join(', ');
    throw new LaunchpadError('config-differs', `${config.name} has other values than input config: ${keys}.`, {
      remedy:
        'Edit and commit config.yml itself, or leave these keys out of the input: existing values are never changed.',
    });
  }
  return new Map([...wanted].filter(([key, value]) => !config.says(key, value)));
}
