import { LaunchpadError } from '../../core/errors.ts';
import { ConfigFile } from '../config/config-file.ts';
import { BUCKET_KEYS, MONGODB_KEYS, MYSQL_KEYS, type Spellings, spelled } from '../config/keys.ts';
import type { Instance } from '../instance.ts';
import { type DefaultNames, defaultNames, formerNames, isDefaultBucket } from '../name.ts';
import { type GuardProblem, NAMES_REMEDY } from './name-guards.ts';

/** Another instance: of the cluster repository, or of the cluster alone. */
export interface OtherInstance {
  readonly name: string;
  /** Its config.yml; undefined if there is none, or if it is a link: then only its default names are known. */
  readonly bytes: Uint8Array | undefined;
  /** Whether only a namespace of the cluster says that there is such an instance. */
  readonly isInCluster?: boolean;
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
    const config = configOf(other);
    return UNIQUE_NAMES.map(([kind, nameOf]) => ({ kind, name: nameOf(instance) }))
      .filter(({ kind, name }) => hasName(other, config, kind, name))
      .map(({ kind, name }) => ({
        what: `the ${kind} ${name} belongs to instance ${other.name}`,
        remedy: NAMES_REMEDY,
      }));
  });
  return [...new Map(problems.map((problem) => [problem.what, problem])).values()];
}

/** A line for each instance of the cluster repository whose config.yml cannot be read: it does not block the others. */
export function unreadableNeighbours(others: readonly OtherInstance[], paths: (name: string) => string): string[] {
  const names = new Set(others.flatMap((other) => (isReadable(other) ? [] : other.name)));
  return [...names].map(
    (name) =>
      `${paths(name)} cannot be read as YAML. This run continues, but cannot tell for sure which databases, users and bucket instance ${name} uses: repair that file.`,
  );
}

function isReadable(other: OtherInstance): boolean {
  const config = configOf(other);
  return config !== undefined && UNIQUE_NAMES.every(([kind]) => readable(() => namesIn(config, other.name, kind)));
}

function configOf({ name, bytes }: OtherInstance): ConfigFile | undefined {
  return bytes === undefined ? undefined : readable(() => ConfigFile.parse(bytes, name));
}

/**
 * Whether the other instance uses the name. A file that cannot be read is searched as text: a mistake in it neither blocks
 * this instance nor frees the other's names.
 */
function hasName(other: OtherInstance, config: ConfigFile | undefined, kind: string, name: string): boolean {
  const taken = config === undefined ? undefined : readable(() => namesIn(config, other.name, kind));
  const isSame = (one: string) => one.toLowerCase() === name.toLowerCase();
  if (taken !== undefined) return taken.some(isSame);
  if (kind === 'bucket' ? isDefaultBucket(defaultNames(other.name), name) : defaultsOf(other.name, kind).some(isSame))
    return true;
  if (other.bytes === undefined) return false;
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
  return UNIQUE_NAMES.filter(([of]) => of === kind).flatMap(
    ([, , keys, byDefault]) => spelled(config, keys) ?? (byDefault === undefined ? [] : allDefaults(other, byDefault)),
  );
}

function defaultsOf(other: string, kind: string): string[] {
  return UNIQUE_NAMES.filter(([of]) => of === kind).flatMap(([, , , byDefault]) =>
    byDefault === undefined ? [] : allDefaults(other, byDefault),
  );
}

/** The default as names are cut now, and as they were before: either may be in use. */
function allDefaults(other: string, byDefault: keyof Omit<DefaultNames, 'bucket'>): string[] {
  return [defaultNames(other)[byDefault], formerNames(other)[byDefault]];
}
