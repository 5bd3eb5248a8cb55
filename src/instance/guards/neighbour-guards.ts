import { LaunchpadError } from '../../core/errors.ts';
import { ConfigFile } from '../config/config-file.ts';
import { MONGODB_KEYS, MYSQL_KEYS, spelled } from '../config/keys.ts';
import type { Instance } from '../instance.ts';
import { defaultNames } from '../name.ts';
import { readStorage } from '../storage.ts';
import type { GuardProblem } from './name-guards.ts';

/** The config.yml of another instance of the cluster repository. */
export interface OtherInstance {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What may be used by one instance only, in words, and its name. Names of different sorts do not meet. */
type Claim = readonly [sort: string, name: string];

/** Databases, users and the bucket of this instance that another instance's config.yml names. */
export function neighbourProblems(instance: Instance, others: readonly OtherInstance[]): GuardProblem[] {
  const claims = claimsOf(instance);
  const problems = others.flatMap((other) => {
    const isClaimed = claimedBy(other);
    return claims.filter(isClaimed).map(([sort, name]) => ({
      what: `the ${sort} ${name} belongs to instance ${other.name}`,
      remedy: 'Give the instance databases, users and a bucket of its own; remove a key to get its default.',
    }));
  });
  return [...new Map(problems.map((problem) => [problem.what, problem])).values()];
}

function claimsOf({ mysql, mongodb, storage }: Instance): Claim[] {
  return [
    ['MySQL database', mysql.database],
    ['MySQL user', mysql.username],
    ['MongoDB database', mongodb.database],
    ['MongoDB database', mongodb.forumDatabase],
    ['MongoDB user', mongodb.username],
    ['bucket', storage.name],
  ];
}

/**
 * Whether the other's file names something. A file that cannot be read is searched as text, so that a mistake in it neither
 * keeps this instance from being made nor gives away what the other has.
 */
function claimedBy({ name: other, bytes }: OtherInstance): (claim: Claim) => boolean {
  const config = readable(() => ConfigFile.parse(bytes, other));
  return ([sort, name]) => {
    const taken = config === undefined ? undefined : readable(() => namesIn(config, other, sort));
    if (taken !== undefined) return taken.some((one) => one.toLowerCase() === name.toLowerCase());
    const word = new RegExp(`(?<![\\w-])${RegExp.escape(name)}(?![\\w-])`, 'i');
    return word.test(Buffer.from(bytes).toString('utf8'));
  };
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof LaunchpadError) return undefined;
    throw error;
  }
}

/** Names of that sort that the other instance has; where its file leaves one out, its default. */
function namesIn(config: ConfigFile, other: string, sort: string): string[] {
  const names = defaultNames(other);
  switch (sort) {
    case 'MySQL database':
      return [spelled(config, MYSQL_KEYS.database) ?? names.mysqlDatabase];
    case 'MySQL user':
      return [spelled(config, MYSQL_KEYS.username) ?? names.mysqlUser];
    case 'MongoDB database':
      return [
        spelled(config, MONGODB_KEYS.database) ?? names.mongodbDatabase,
        spelled(config, MONGODB_KEYS.forumDatabase) ?? names.forumDatabase,
      ];
    case 'MongoDB user':
      return [spelled(config, MONGODB_KEYS.username) ?? names.mongodbUser];
    default:
      return [readStorage(config).bucket ?? ''];
  }
}
