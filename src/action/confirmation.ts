import { LaunchpadError } from '../core/errors.ts';
import { optionalValue, readValue } from '../inputs/input.ts';
import { INPUTS } from '../inputs/inputs.ts';
import type { Lookup } from '../inputs/lookup.ts';
import { quoted } from '../inputs/problems.ts';

/**
 * Requires that whoever asks for instances to be taken down names exactly these once more, in whatever order.
 *
 * @throws LaunchpadError `not-confirmed` that says what to set
 */
export function requireConfirmation(lookup: Lookup, instances: readonly string[]): void {
  if (readValue(INPUTS.operation, lookup) !== 'deprovision') return;
  const confirm = optionalValue(INPUTS.confirm, lookup) ?? '';
  const named = new Set(confirm.split(/[\s,]+/).filter((name) => name !== ''));
  const wanted = new Set(instances);
  if (named.symmetricDifference(wanted).size === 0) return;
  const what = named.size === 0 ? 'is not set' : `is ${quoted(confirm)}`;
  const list = [...wanted].join(', ');
  throw new LaunchpadError(
    'not-confirmed',
    `confirm: ${what}, and operation deprovision removes ${list} with all data.`,
    { remedy: `If that is what you want, set confirm: ${list}` },
  );
}
