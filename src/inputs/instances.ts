import { LaunchpadError } from '../core/errors.ts';
import { quoted } from '../core/quote.ts';
import type { OperatorValue } from '../instance/config/config-values.ts';
import { sharedKeys } from '../instance/config/keys.ts';
import { parseInstanceName } from '../instance/name.ts';
import type { InputsReading } from './inputs.ts';
import { Problems, SettingsInvalid } from './problems.ts';

/**
 * The names of instances in an input, separated by commas or line breaks. A repeated name counts once.
 *
 * @throws SettingsInvalid with every invalid name
 */
export function parseInstances(text: string): string[] {
  const names = text.split(/[,\r\n]/).map((name) => name.trim());
  const problems = new Problems();
  const given = [...new Set(names)].filter((name) => name !== '');
  const instances = given.map((name) => problems.attempt(() => parseInstanceName(name)));
  problems.throwIfAny();
  if (given.length > 0) return instances.map((instance) => instance());
  throw new SettingsInvalid([`Input instance: ${quoted(text)} has no name in it.`]);
}

/**
 * Requires that input `config` sets nothing that each of several instances must have for itself: they would all get the
 * same database, user, bucket or host.
 *
 * @throws SettingsInvalid with the keys
 */
export function requireOwn(instances: readonly string[], config: ReadonlyMap<string, OperatorValue>): void {
  const shared = instances.length > 1 ? sharedKeys(config) : [];
  if (shared.length === 0) return;
  throw new SettingsInvalid([
    `Input config sets ${shared.join(', ')} for ${instances.length} instances, and each must have its own. Leave these ` +
      'keys out, run with one instance, or refer to what differs, such as "{{ K8S_NAMESPACE }}.example.org".',
  ]);
}

/**
 * Requires that input `confirm` names exactly the instances that are to be deprovisioned, in any order.
 *
 * @throws LaunchpadError `not-confirmed` that says what to set
 */
export function requireConfirmation({ values }: InputsReading, instances: readonly string[]): void {
  const { operation, confirm = '' } = values;
  if (operation !== 'deprovision') return;
  const named = new Set(confirm.split(/[\s,]+/).filter((name) => name !== ''));
  const wanted = new Set(instances);
  if (named.symmetricDifference(wanted).size === 0) return;
  const list = [...wanted].join(', ');
  const what =
    named.size === 0
      ? 'confirm is not set.'
      : `confirm (${quoted(confirm)}) does not match instance (${quoted(list)}).`;
  throw new LaunchpadError('not-confirmed', `${what} Nothing was deleted.`, {
    remedy: `To delete ${list} and all its data, set confirm: ${list}`,
  });
}
