import { SYSTEM_DATABASES, SYSTEM_USERS } from '../core/system-names.ts';
import { ProvisionerError } from './provisioner-error.ts';

/** What shall be made on a server, or dropped from it. */
export interface NamedTarget {
  readonly service: 'MySQL' | 'MongoDB';
  /** The server, for the error. */
  readonly host: string;
  readonly databases: readonly string[];
  readonly user: string;
  /** The user that the work is done as. */
  readonly admin: string | undefined;
}

/**
 * The action refuses such names before it starts anything; the programs look for themselves all the same, as they can be
 * run without it.
 *
 * @throws ProvisionerError `mysql-system-name`, `mongodb-system-name`
 */
export function refuseSystemNames({ service, host, databases, user, admin }: NamedTarget): void {
  const own = [
    ...databases.filter((name) => SYSTEM_DATABASES.has(name.toLowerCase())).map((name) => `database ${name}`),
    ...[user]
      .filter((name) => SYSTEM_USERS.has(name.toLowerCase()) || name.toLowerCase() === admin?.toLowerCase())
      .map((name) => `user ${name}`),
  ];
  if (own.length === 0) return;
  throw new ProvisionerError(
    `${service.toLowerCase()}-system-name`,
    `${service} at ${host}: ${own.join(' and ')} ${own.length === 1 ? 'is' : 'are'} not an instance's, but the server's own. Nothing was changed.`,
    { host, hint: "Correct the names of the instance's databases and user in config.yml, then run again." },
  );
}

/** A password of fewer characters is only kept where it logs in already. */
export const SHORTEST_PASSWORD = 8;

/** The error for a password of config.yml that is too short to be set. */
export function shortPassword(
  service: 'MySQL' | 'MongoDB',
  { user, exists, host }: { readonly user: string; readonly exists: boolean; readonly host: string },
): ProvisionerError {
  const why = exists ? 'it does not log in' : 'the user does not exist yet';
  return new ProvisionerError(
    `${service.toLowerCase()}-password-short`,
    `The password of ${service} user ${user} in config.yml has fewer than ${SHORTEST_PASSWORD} characters, and ${why}.`,
    {
      host,
      hint: `Remove ${service.toUpperCase()}_PASSWORD from config.yml to have one generated, or set a longer one.`,
    },
  );
}

/** The error for an admin user whose login the server denies. */
export function adminDenied(
  service: 'MySQL' | 'MongoDB',
  {
    host,
    user,
    hint,
    cause,
  }: { readonly host: string; readonly user: string; readonly hint: string; readonly cause: unknown },
): ProvisionerError {
  const message = `${service} at ${host} denies the admin user ${user} the login.`;
  return new ProvisionerError(`${service.toLowerCase()}-access-denied`, message, { host, hint, cause });
}
