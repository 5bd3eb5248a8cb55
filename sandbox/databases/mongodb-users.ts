/** A refusal, with MongoDB's code. */
export class MongoError extends Error {
  readonly code: number;
  readonly codeName: string;

  constructor(code: number, codeName: string, message: string) {
    super(message);
    this.code = code;
    this.codeName = codeName;
  }
}

export interface Role {
  readonly role: string;
  readonly db: string;
}

export interface User {
  readonly name: string;
  /** Database that the user is made in and logs in against. */
  readonly db: string;
  password: string;
  roles: Role[];
}

/** What a command needs of the roles: to list collections, to read, to write, to administer data, or users. */
export type Need = 'list' | 'read' | 'write' | 'administer' | 'users';

/** What the built-in roles give (https://www.mongodb.com/docs/manual/reference/built-in-roles/). */
const GIVES: Readonly<Record<string, readonly Need[]>> = {
  read: ['list', 'read'],
  readWrite: ['list', 'read', 'write'],
  dbAdmin: ['list', 'administer'],
  userAdmin: ['users'],
  dbOwner: ['list', 'read', 'write', 'administer', 'users'],
};
const EVERYWHERE: Readonly<Record<string, readonly Need[]>> = {
  root: ['list', 'read', 'write', 'administer', 'users'],
  readAnyDatabase: ['list', 'read'],
  readWriteAnyDatabase: ['list', 'read', 'write'],
  dbAdminAnyDatabase: ['list', 'administer'],
  userAdminAnyDatabase: ['users'],
};

/** Whether the user may do that in that database. */
export function isAllowed(user: User | undefined, need: Need, database: string): boolean {
  return (user?.roles ?? []).some(
    ({ role, db }) =>
      (db === database && GIVES[role]?.includes(need) === true) ||
      (db === 'admin' && EVERYWHERE[role]?.includes(need) === true),
  );
}

/** Roles of a command: names of roles of its own database, or documents. @throws MongoError 31 for an unknown one */
export function rolesIn(value: unknown, database: string): Role[] {
  if (!Array.isArray(value)) throw new MongoError(9, 'FailedToParse', 'roles must be an array');
  return value.map((item: unknown) => {
    const role =
      typeof item === 'string' ? { role: item, db: database } : { role: textOf(item, 'role'), db: textOf(item, 'db') };
    if (GIVES[role.role] === undefined && EVERYWHERE[role.role] === undefined) {
      throw new MongoError(31, 'RoleNotFound', `Could not find role: ${role.role}@${role.db}`);
    }
    return role;
  });
}

function textOf(value: unknown, field: string): string {
  if (typeof value !== 'object' || value === null) return '';
  const found = new Map(Object.entries(value)).get(field);
  return typeof found === 'string' ? found : '';
}
