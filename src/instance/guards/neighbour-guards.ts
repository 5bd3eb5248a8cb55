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

const KINDS: ReadonlySet<string> = new Set(UNIQUE_NAMES.map(([kind]) => kind));

/**
 * What is kept of another instance: the names that its config.yml gives it, by kind; without a kind that the file does not
 * tell. A run compares each instance with all others, whose files may be large.
 */
export interface Neighbour extends Omit<OtherInstance, 'bytes'> {
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** The file as text, if it lacks a kind. */
  readonly text: string | undefined;
}

/** Reads the config.yml of other instances. One that cannot be read is no error: it does not block this instance. */
export function readNeighbours(others: readonly OtherInstance[]): Neighbour[] {
  return others.map(readNeighbour);
}

/** Reads the config.yml of another instance. */
export function readNeighbour({ bytes, ...other }: OtherInstance): Neighbour {
  const names = bytes === undefined ? new Map() : readNames(bytes, other.name);
  const text = bytes === undefined || names.size === KINDS.size ? undefined : Buffer.from(bytes).toString('utf8');
  return { ...other, names, text };
}

function readNames(bytes: Uint8Array, name: string): Neighbour['names'] {
  const config = readable(() => ConfigFile.parse(bytes, name));
  const names = new Map<string, readonly string[]>();
  for (const kind of config === undefined ? [] : KINDS) {
    const found = config && readable(() => namesIn(config, name, kind));
    if (found !== undefined) names.set(kind, found);
  }
  return names;
}

/** Databases, users and the bucket of this instance that another instance's config.yml names. */
export function neighbourProblems(instance: Instance, neighbours: readonly Neighbour[]): GuardProblem[] {
  const problems = neighbours.flatMap((neighbour) =>
    UNIQUE_NAMES.map(([kind, nameOf]) => ({ kind, name: nameOf(instance) }))
      .filter(({ kind, name }) => hasName(neighbour, kind, name))
      .map(({ kind, name }) => ({
        what: `the ${kind} ${name} belongs to instance ${neighbour.name}`,
        remedy: NAMES_REMEDY,
      })),
  );
  return [...new Map(problems.map((problem) => [problem.what, problem])).values()];
}

/** A line for each instance of the cluster repository whose config.yml cannot be read: it does not block the others. */
export function unreadableNeighbours(neighbours: readonly Neighbour[], pathOf: (name: string) => string): string[] {
  const unreadable = neighbours.filter(({ names, isInCluster }) => isInCluster !== true && names.size < KINDS.size);
  return [...new Set(unreadable.map(({ name }) => name))].map(
    (name) =>
      `${pathOf(name)} cannot be read as YAML. This run continues, but does not know for certain which databases, users and bucket instance ${name} uses: repair that file.`,
  );
}

/**
 * Whether the other instance uses the name. A file that cannot be read is searched as text: a mistake in it neither blocks
 * this instance nor frees the other's names.
 */
function hasName({ name: other, text, names }: Neighbour, kind: string, name: string): boolean {
  const isSame = (one: string) => one.toLowerCase() === name.toLowerCase();
  const taken = names.get(kind);
  if (taken !== undefined) return taken.some(isSame);
  if (kind === 'bucket' ? isDefaultBucket(defaultNames(other), name) : defaultsOf(other, kind).some(isSame))
    return true;
  if (text === undefined) return false;
  const word = new RegExp(`(?<![\\w-])${RegExp.escape(name)}(?![\\w-])`, 'i');
  return word.test(text);
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
