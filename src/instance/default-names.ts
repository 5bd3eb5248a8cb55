import { limitName } from './name.ts';

/** Most characters of each name (https://dev.mysql.com/doc/refman/8.4/en/identifier-length.html, https://www.mongodb.com/docs/manual/reference/limits/). */
const LIMITS = { mysqlDatabase: 64, mysqlUser: 32, mongodbDatabase: 63, mongodbUser: 64, bucket: 63 };

/** Names that an instance has where its config.yml says nothing else; each is cut to its limit. */
export interface DefaultNames {
  readonly mysqlDatabase: string;
  readonly mysqlUser: string;
  readonly mongodbDatabase: string;
  readonly forumDatabase: string;
  readonly mongodbUser: string;
  /** The bucket's, with the suffix that makes it unlike any other's. */
  bucket(suffix: string): string;
}

export function defaultNames(instance: string): DefaultNames {
  const name = `launchpad-${instance}`;
  return {
    mysqlDatabase: limitName(`${name}-openedx`, LIMITS.mysqlDatabase),
    mysqlUser: limitName(name, LIMITS.mysqlUser),
    mongodbDatabase: limitName(`${name}-openedx`, LIMITS.mongodbDatabase),
    forumDatabase: limitName(`${name}-forum`, LIMITS.mongodbDatabase),
    mongodbUser: limitName(name, LIMITS.mongodbUser),
    bucket: (suffix) => `${limitName(name, LIMITS.bucket - suffix.length - 1)}-${suffix}`,
  };
}
