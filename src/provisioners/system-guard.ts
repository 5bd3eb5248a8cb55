import { SYSTEM_DATABASES, SYSTEM_USERS } from '../core/system-names.ts';
import { ProvisionerError } from './report.ts';

/** What shall be dropped from a server. */
export interface DeprovisionTarget {
  readonly service: 'MySQL' | 'MongoDB';
  /** The server, for the error. */
  readonly host: string;
  readonly databases: readonly string[];
  readonly user: string;
  /** The user that the work is done as. */
  readonly admin: string | undefined;
}

/**
 * The action refuses such names before it starts anything; what drops databases looks for itself all the same.
 *
 * @throws ProvisionerError `mysql-system-name`, `mongodb-system-name`
 */
export function refuseSystemNames({ service, host, databases, user, admin }: DeprovisionTarget): void {
  const own = [
    ...databases.filter((name) => SYSTEM_DATABASES.has(name.toLowerCase())).map((name) => `database ${name}`),
    ...[user]
      .filter((name) => SYSTEM_USERS.has(name.toLowerCase()) || name.toLowerCase() === admin?.toLowerCase())
      .map((name) => `user ${name}`),
  ];
  if (own.length === 0) return;
  throw new ProvisionerError(
    `${service.toLowerCase()}-system-name`,
    `${service} at ${host}: ${own.join(' and ')} ${own.length === 1 ? 'is' : 'are'} not an instance's, but the server's own. Nothing was dropped.`,
    { host, hint: "Correct the names of the instance's databases and user in config.yml, then run again." },
  );
}
