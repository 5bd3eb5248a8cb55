import { LaunchpadError } from '../core/errors.ts';
import type { OperatorValue } from '../instance/config/config-values.ts';
import { sharedKeys } from '../instance/config/keys.ts';
import { parseInstanceName } from '../instance/name.ts';
import { optionalValue, readValue } from './input.ts';
import type { InputSource } from './input-source.ts';
import { INPUTS } from './inputs.ts';
import { Problems, quoted, SettingsInvalid } from './problems.ts';

/**
 * The names of instances in an input: between commas, or one a line. One that is there twice counts once.
 *
 * @throws SettingsInvalid with every name that no instance may have
 */
export function parseInstances(text: string): string[] {
  const names = text.split(/[,\r\n]/).map((name) => name.trim());
  const problems = new Problems();
  const given = [...new Set(names)].filter((name) => name !== '');
  const instances = given.map((name) => problems.attempt(() => parseInstanceName(name)));
  problems.throwIfAny();
  if (given.length > 0) return instances.map((instance) => instance());
  throw new SettingsInvalid([`Input instance: ${JSON.stringify(text)} has no name in it.`]);
}

/**
 * Requires that input `config` gives several instances nothing that one must have for itself: they would all be made with
 * the same database, user, bucket or host.
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
 * Requires that whoever asks for instances to be taken down names exactly these once more, in whatever order.
 *
 * @throws LaunchpadError `not-confirmed` that says what to set
 */
export function requireConfirmation(inputSource: InputSource, instances: readonly string[]): void {
  if (readValue(INPUTS.operation, inputSource) !== 'deprovision') return;
  const confirm = optionalValue(INPUTS.confirm, inputSource) ?? '';
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
