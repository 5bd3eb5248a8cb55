import type { Settings } from '../../core/settings.ts';
import { SYSTEM_DATABASES, SYSTEM_USERS } from '../../core/system-names.ts';
import type { Instance } from '../instance.ts';

/** Something in config.yml that must not be, and what to do about it. */
export interface GuardProblem {
  readonly what: string;
  readonly remedy: string;
}

const OWN_NAMES = 'Give the instance databases, users and a bucket of its own; remove a key to get its default.';

/** Names that a server would refuse, or that belong to the server itself. */
export function nameProblems(instance: Instance, settings: Settings): GuardProblem[] {
  const { mysql, mongodb, storage } = instance;
  const same =
    mongodb.database.toLowerCase() === mongodb.forumDatabase.toLowerCase()
      ? [{ what: `MONGODB_DATABASE and FORUM_MONGODB_DATABASE are both ${mongodb.database}`, remedy: OWN_NAMES }]
      : [];
  return [
    ...databaseProblems('MYSQL_DATABASE', mysql.database, 64),
    ...databaseProblems('MONGODB_DATABASE', mongodb.database, 63),
    ...databaseProblems('FORUM_MONGODB_DATABASE', mongodb.forumDatabase, 63),
    ...same,
    ...userProblems('MYSQL_USERNAME', mysql.username, 32, settings.mysql.adminUser ?? ''),
    ...userProblems(
      'MONGODB_USERNAME',
      mongodb.username,
      64,
      settings.mongodb.provider === 'direct' ? settings.mongodb.adminUser : '',
    ),
    ...authSourceProblems(instance, settings),
    ...bucketProblems(storage.name),
  ];
}

function databaseProblems(key: string, name: string, limit: number): GuardProblem[] {
  if (SYSTEM_DATABASES.has(name.toLowerCase())) {
    return [{ what: `${key} is ${name}, a database of the server's own`, remedy: OWN_NAMES }];
  }
  if (/^[A-Za-z0-9_-]+$/.test(name) && name.length <= limit) return [];
  return [
    {
      what: `${key} ${JSON.stringify(name)} is no name for a database`,
      remedy: `Use at most ${limit} letters, digits, hyphens and underscores for a database.`,
    },
  ];
}

function userProblems(key: string, name: string, limit: number, admin: string): GuardProblem[] {
  if (name.toLowerCase() === admin.toLowerCase()) {
    return [{ what: `${key} is ${name}, the admin of the settings`, remedy: OWN_NAMES }];
  }
  if (SYSTEM_USERS.has(name.toLowerCase()))
    return [{ what: `${key} is ${name}, a user of the server's own`, remedy: OWN_NAMES }];
  if (/^[A-Za-z0-9_.@-]+$/.test(name) && name.length <= limit) return [];
  return [
    {
      what: `${key} ${JSON.stringify(name)} is no name for a user`,
      remedy: `Use at most ${limit} letters, digits, and "_.@-" for a user.`,
    },
  ];
}

/** The user is made in the database that it logs in against: `admin`, or the instance's own; a vendor's always in `admin`. */
function authSourceProblems({ mongodb }: Instance, settings: Settings): GuardProblem[] {
  if (mongodb.authSource === 'admin') return [];
  if (settings.mongodb.provider !== 'direct') {
    return [
      {
        what: `MONGODB_AUTH_SOURCE is ${JSON.stringify(mongodb.authSource)}, but ${settings.mongodb.provider} makes users in admin`,
        remedy: 'Set MONGODB_AUTH_SOURCE to "admin".',
      },
    ];
  }
  if (mongodb.authSource === mongodb.database) return [];
  return [
    {
      what: `MONGODB_AUTH_SOURCE is ${JSON.stringify(mongodb.authSource)}`,
      remedy: `Set MONGODB_AUTH_SOURCE to "admin" or to the instance's own database.`,
    },
  ];
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function bucketProblems(name: string): GuardProblem[] {
  const valid =
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !/\.\.|^(\d{1,3}\.){3}\d{1,3}$|^xn--|^sthree-|^amzn-s3-demo-|-s3alias$|--ol-s3$|--x-s3$|--table-s3$/.test(name);
  if (valid) return [];
  return [
    {
      what: `the bucket's name ${JSON.stringify(name)} is not allowed`,
      remedy: 'Use 3 to 63 lower-case letters, digits and hyphens for a bucket.',
    },
  ];
}
