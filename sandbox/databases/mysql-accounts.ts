import { createHash } from 'node:crypto';

/** An error as the server reports it. */
export class SqlError extends Error {
  readonly errno: number;
  /** What `SHOW WARNINGS` names before this error. */
  readonly reasons: readonly SqlError[];
  constructor(errno: number, message: string, reasons: readonly SqlError[] = []) {
    super(message);
    this.errno = errno;
    this.reasons = reasons;
  }
}

/** A user of the server: `'name'@'%'`. */
export interface Account {
  readonly name: string;
  password: string;
  readonly isAdmin: boolean;
  /** Privileges by pattern of databases, as they were granted. */
  readonly grants: Map<string, Set<string>>;
}

export interface Database {
  readonly name: string;
  readonly charset: string;
  readonly collation: string;
  /** Rows by table; a row is a list of texts. */
  readonly tables: Map<string, string[][]>;
}

/** What the server holds. */
export interface ServerState {
  readonly accounts: Map<string, Account>;
  readonly databases: Map<string, Database>;
}

/** Whether the answer to the server's challenge comes from that password (mysql_native_password). */
export function provesPassword(password: string, seed: Buffer, answer: Buffer | undefined): boolean {
  if (answer === undefined || answer.length === 0) return password === '';
  const once = sha1(Buffer.from(password));
  const expected = sha1(Buffer.concat([seed, sha1(once)])).map((byte, index) => byte ^ (once[index] ?? 0));
  return Buffer.compare(Buffer.from(expected), answer) === 0;
}

/** Whether the account may do anything at all in that database. */
export function reaches(account: Account, database: string): boolean {
  if (account.isAdmin) return true;
  return [...account.grants.keys()].some((pattern) => patternOf(pattern).test(database));
}

/** `_` stands for a character, `%` for any number of them, unless they are escaped. */
function patternOf(pattern: string): RegExp {
  const parts = pattern.match(/\\.|./gs) ?? [];
  const source = parts.map((part) => {
    if (part === '_') return '.';
    if (part === '%') return '.*';
    return RegExp.escape(part.length > 1 ? part.slice(1) : part);
  });
  return new RegExp(`^${source.join('')}$`, 's');
}

function sha1(data: Uint8Array): Buffer {
  return createHash('sha1').update(data).digest();
}
