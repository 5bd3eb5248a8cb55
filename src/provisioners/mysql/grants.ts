/** A grant on a database, as SHOW GRANTS prints it. */
export interface Grant {
  /** Upper-case privileges, such as `ALL PRIVILEGES`, `SELECT`. */
  readonly privileges: readonly string[];
  /** What they are on, as printed without quotes, such as `launchpad-x-openedx.*` or `*.*`. */
  readonly on: string;
}

/**
 * Reads one line of SHOW GRANTS, of MySQL or MariaDB
 * (https://dev.mysql.com/doc/refman/8.4/en/show-grants.html); undefined for a line that grants no privilege on anything.
 */
export function parseGrant(line: string): Grant | undefined {
  const match = /^GRANT (.+?) ON (?:TABLE )?(\S.*?) TO /.exec(line);
  if (match === null) return undefined;
  const [, privileges = '', on = ''] = match;
  const names = privileges.split(',').map((privilege) => privilege.trim().toUpperCase());
  return { privileges: names.filter((name) => name !== 'USAGE'), on: on.replaceAll('`', '') };
}

/**
 * A database's name in a grant. There `_` and `%` stand for any character and any characters, so that a grant on `a_b`
 * is one on `axb` too: they are escaped, unless the server takes them literally (partial_revokes;
 * https://dev.mysql.com/doc/refman/8.4/en/grant.html#grant-quoting).
 */
export function grantPattern(database: string, isLiteral: boolean): string {
  return isLiteral ? database : database.replace(/[_%]/g, (wildcard) => `\\${wildcard}`);
}
