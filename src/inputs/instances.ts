import type { OperatorValue } from '../instance/config/config-file.ts';
import { sharedKeys } from '../instance/config/own-keys.ts';
import { parseInstanceName } from '../instance/name.ts';
import { Problems, SettingsInvalid } from './problems.ts';

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
