import { LaunchpadError } from '../../core/errors.ts';
import { ConfigFile } from './config-file.ts';
import type { OperatorValue } from './config-values.ts';

/** Name by which errors call the input. */
const INPUT = 'Input config';

/**
 * Reads the input `config`: keys of config.yml with their values, as config.yml itself has them.
 *
 * @throws LaunchpadError `config-invalid` with line and column
 */
export function parseOperatorKeys(text: string): ReadonlyMap<string, OperatorValue> {
  const values = ConfigFile.parse(new TextEncoder().encode(text), INPUT).values();
  const strange = [...values.keys()].filter((key) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(key));
  if (strange.length === 0) return values;
  throw new LaunchpadError('config-invalid', `${INPUT} has keys that Tutor has no use for: ${strange.join(', ')}.`, {
    remedy: 'Give keys of letters, digits and underscores, such as PLATFORM_NAME.',
  });
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
