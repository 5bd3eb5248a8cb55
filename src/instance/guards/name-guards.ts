import { quoted } from '../../core/quote.ts';
import type { Settings } from '../../core/settings.ts';
import { SYSTEM_DATABASES, SYSTEM_USERS } from '../../core/system-names.ts';
import type { Instance } from '../instance.ts';

/** A part of config.yml that is refused, and what to do. */
export interface GuardProblem {
  readonly what: string;
  readonly remedy: string;
}

export const NAMES_REMEDY = 'Give the instance its own databases, users and bucket; remove a key to get its default.';

/** Names that a server would refuse, or that belong to the server itself. */
export function nameProblems(instance: Instance, settings: Settings): GuardProblem[] {
  const { mysql, mongodb, storage } = instance;
  const isSame = mongodb.database.toLowerCase() === mongodb.forumDatabase.toLowerCase();
  const mongodbAdmin = settings.mongodb.provider === 'direct' ? settings.mongodb.adminUser : '';
  const problems = [
    databaseProblem('MYSQL_DATABASE', mysql.database, 64),
    databaseProblem('MONGODB_DATABASE', mongodb.database, 63),
    databaseProblem('FORUM_MONGODB_DATABASE', mongodb.forumDatabase, 63),
    isSame ? unusable(`MONGODB_DATABASE and FORUM_MONGODB_DATABASE are both ${mongodb.database}`) : undefined,
    userProblem('MYSQL_USERNAME', mysql.username, 32, settings.mysql.adminUser ?? ''),
    userProblem('MONGODB_USERNAME', mongodb.username, 64, mongodbAdmin),
    authSourceProblem(instance, settings),
    bucketProblem(storage.name),
  ];
  return problems.filter((problem) => problem !== undefined);
}

function unusable(what: string): GuardProblem {
  return { what, remedy: NAMES_REMEDY };
}

function databaseProblem(key: string, name: string, limit: number): GuardProblem | undefined {
  if (SYSTEM_DATABASES.has(name.toLowerCase())) return unusable(`${key} is ${name}, a database of the server's own`);
  if (/^[A-Za-z0-9_-]+$/.test(name) && name.length <= limit) return undefined;
  return {
    what: `${key} ${quoted(name)} is not a valid name of a database`,
    remedy: `Use at most ${limit} letters, digits, hyphens and underscores for a database.`,
  };
}

function userProblem(key: string, name: string, limit: number, admin: string): GuardProblem | undefined {
  if (name.toLowerCase() === admin.toLowerCase()) return unusable(`${key} is ${name}, the admin of the settings`);
  if (SYSTEM_USERS.has(name.toLowerCase())) return unusable(`${key} is ${name}, a user of the server's own`);
  if (/^[A-Za-z0-9_.@-]+$/.test(name) && name.length <= limit) return undefined;
  return {
    what: `${key} ${quoted(name)} is not a valid name of a user`,
    remedy: `Use at most ${limit} letters, digits, and "_.@-" for a user.`,
  };
}

/** The user is created in the database that it logs in against: `admin`, or the instance's; a vendor's always in `admin`. */
function authSourceProblem({ mongodb }: Instance, settings: Settings): GuardProblem | undefined {
  const { authSource, database } = mongodb;
  const { provider } = settings.mongodb;
  if (authSource === 'admin' || (provider === 'direct' && authSource === database)) return undefined;
  const what = `MONGODB_AUTH_SOURCE is ${quoted(authSource)}`;
  return provider === 'direct'
    ? { what, remedy: `Set MONGODB_AUTH_SOURCE to "admin" or to the instance's own database.` }
    : { what: `${what}, but ${provider} makes users in admin`, remedy: 'Set MONGODB_AUTH_SOURCE to "admin".' };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function bucketProblem(name: string): GuardProblem | undefined {
  const isValid =
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !/\.\.|^(\d{1,3}\.){3}\d{1,3}$|^xn--|^sthree-|^amzn-s3-demo-|-s3alias$|--ol-s3$|--x-s3$|--table-s3$/.test(name);
  if (isValid) return undefined;
  return {
    what: `the bucket's name ${quoted(name)} is not allowed`,
    remedy: 'Use 3 to 63 lower-case letters, digits and hyphens for a bucket.',
  };
}
