/** Operation `configure`: what may be changed in the config.yml of an instance that exists. */

import { LaunchpadError } from '../core/errors.ts';
import { isFields } from '../core/fields.ts';
import { quoted } from '../core/quote.ts';
import type { Settings } from '../core/settings.ts';
import { completeInstance } from './complete.ts';
import type { ConfigFile } from './config/config-file.ts';
import { isOperatorValue, type OperatorValue } from './config/config-values.ts';
import { IDENTITY_KEYS } from './config/keys.ts';
import type { Instance } from './instance.ts';
import { Seed } from './new/seed.ts';

/** The keys whose values change, with the new values: a mapping is merged into the one of the file. */
export function keysToChange(
  config: ConfigFile,
  changes: ReadonlyMap<string, OperatorValue>,
): ReadonlyMap<string, OperatorValue> {
  const merged = [...changes].map(([key, value]) => [key, mergedValue(config.value(key), value)] as const);
  return new Map(merged.filter(([key, value]) => !config.says(key, value)));
}

function mergedValue(before: unknown, after: OperatorValue): OperatorValue {
  if (!isOperatorValue(before) || !isMapping(before) || !isMapping(after)) return after;
  const changed = Object.entries(after).map(([key, value]) => [key, mergedValue(before[key], value)] as const);
  return { ...before, ...Object.fromEntries(changed) };
}

function isMapping(value: OperatorValue): value is { readonly [key: string]: OperatorValue } {
  return isFields(value);
}

/** Where an instance has its data, by the key that says so; a text in place of what is absent. */
const PLACES: readonly (readonly [key: string, place: (instance: Instance) => string | number | undefined])[] = [
  ['MYSQL_HOST', ({ mysql }) => mysql.host],
  ['MYSQL_PORT', ({ mysql }) => mysql.port],
  ['MYSQL_DATABASE', ({ mysql }) => mysql.database],
  ['MYSQL_USERNAME', ({ mysql }) => mysql.username],
  ['MONGODB_HOST', ({ mongodb }) => mongodb.host],
  ['MONGODB_PORT', ({ mongodb }) => mongodb.port],
  ['MONGODB_DATABASE', ({ mongodb }) => mongodb.database],
  ['FORUM_MONGODB_DATABASE', ({ mongodb }) => mongodb.forumDatabase],
  ['MONGODB_USERNAME', ({ mongodb }) => mongodb.username],
  ['MONGODB_AUTH_SOURCE', ({ mongodb }) => mongodb.authSource],
  ['the name of the bucket', ({ storage }) => storage.name],
  ['the type of the storage', ({ storage }) => storage.type],
  ['the region of the bucket', ({ storage }) => storage.region],
  ['the endpoint of the storage', ({ storage }) => storage.endpointUrl ?? 'that of AWS'],
];

export interface ChangedConfig {
  readonly name: string;
  readonly settings: Settings;
  readonly seed: Seed;
  readonly before: ConfigFile;
  readonly after: ConfigFile;
  /** Completed from the changed file. */
  readonly instance: Instance;
}

/**
 * Requires that an instance keeps its namespace, databases, users and bucket where they are: the old ones, with their data,
 * would be left behind, and no file would name them any more. What the keys come to counts, not how they are written.
 *
 * @throws LaunchpadError `configure-refused` with all of them
 */
export function requireSamePlaces({ name, settings, seed, before, after, instance }: ChangedConfig): void {
  // With a seed of its own, as a value that is generated for the comparison alone must not be stored.
  const old = completeInstance({ name, config: before, settings, seed: Seed.from(seed.bytes) }).instance;
  const moved = [
    ...IDENTITY_KEYS.map((key) => [key, before.text(key) ?? name, after.text(key) ?? name] as const),
    ...PLACES.map(([key, place]) => [key, place(old), place(instance)] as const),
  ].flatMap(([key, from, to]) =>
    from === undefined || from === to ? [] : [`${key}: ${quoted(from)} would become ${quoted(to ?? '')}`],
  );
  const isChosenByApi = settings.mongodb.provider === 'digitalocean' && old.mongodb.password !== undefined;
  if (isChosenByApi && old.mongodb.password !== instance.mongodb.password) {
    moved.push("MONGODB_PASSWORD: DigitalOcean's API generates it, and it cannot be chosen");
  }
  if (moved.length === 0) return;
  throw new LaunchpadError(
    'configure-refused',
    [`Input config changes what identifies instance ${name}:`, ...moved.map((line) => `  - ${line}`)].join('\n'),
    {
      remedy: `Leave these keys out: the data of ${name} would be left behind. For an instance with other names, run operation: provision with from-instance: ${name}.`,
    },
  );
}
