import { LaunchpadError } from '../../core/errors.ts';
import { ConfigFile } from '../config/config-file.ts';
import { BUCKET_KEYS, MONGODB_KEYS, MYSQL_KEYS, type Spellings, spelled } from '../config/keys.ts';
import type { Instance } from '../instance.ts';
import { type DefaultNames, defaultNames } from '../name.ts';
import { type GuardProblem, NAMES_REMEDY } from './name-guards.ts';

/** The config.yml of another instance of the cluster repository. */
export interface OtherInstance {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A name that only one instance may use: its kind, its keys and its default. Names of different kinds do not conflict. */
type UniqueName = readonly [
  kind: string,
  name: (instance: Instance) => string,
  keys: Spellings,
  byDefault?: keyof Omit<DefaultNames, 'bucket'>,
];

/** Databases, users and the bucket. */
export const UNIQUE_NAMES: readonly UniqueName[] = [
  ['MySQL database', ({ mysql }) => mysql.database, MYSQL_KEYS.database, 'mysqlDatabase'],
  ['MySQL user', ({ mysql }) => mysql.username, MYSQL_KEYS.username, 'mysqlUser'],
  ['MongoDB database', ({ mongodb }) => mongodb.database, MONGODB_KEYS.database, 'mongodbDatabase'],
  ['MongoDB database', ({ mongodb }) => mongodb.forumDatabase, MONGODB_KEYS.forumDatabase, 'forumDatabase'],
  ['MongoDB user', ({ mongodb }) => mongodb.username, MONGODB_KEYS.username, 'mongodbUser'],
  ['bucket', ({ storage }) => storage.name, BUCKET_KEYS],
];

/** Databases, users and the bucket of this instance that another instance's config.yml names. */
export function neighbourProblems(instance: Instance, others: readonly OtherInstance[]): GuardProblem[] {
  const problems = others.flatMap((other) => {
    const config = readable(() => ConfigFile.parse(other.bytes, other.name));
    return UNIQUE_NAMES.map(([kind, nameOf]) => ({ kind, name: nameOf(instance) }))
      .filter(({ kind, name }) => hasName(other, config, kind, name))
      .map(({ kind, name }) => ({
        what: `the ${kind} ${name} belongs to instance ${other.name}`,
        remedy: NAMES_REMEDY,
      }));
  });
  return [...new Map(problems.map((problem) => [problem.what, problem])).values()];
}

/**
 * Whether the other instance uses the name. A file that cannot be read is searched as text: a mistake in it neither blocks
 * this instance nor frees the other's names.
 */
function hasName(other: OtherInstance, config: ConfigFile | undefined, kind: string, name: string): boolean {
  const taken = config === undefined ? undefined : readable(() => namesIn(config, other.name, kind));
  if (taken !== undefined) return taken.some((one) => one.toLowerCase() === name.toLowerCase());
  const word = new RegExp(`(?<![\\w-])${RegExp.escape(name)}(?![\\w-])`, 'i');
  return word.test(Buffer.from(other.bytes).toString('utf8'));
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof LaunchpadError) return undefined;
    throw error;
  }
}

/** The other instance's names of that kind, by its file or by default. */
function namesIn(config: ConfigFile, other: string, kind: string): string[] {
  const names = defaultNames(other);
  return UNIQUE_NAMES.filter(([of]) => of === kind).flatMap(
    ([, , keys, byDefault]) => spelled(config, keys) ?? (byDefault === undefined ? [] : names[byDefault]),
  );
}
