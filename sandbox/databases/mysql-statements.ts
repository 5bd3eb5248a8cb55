import { type Account, type Database, reaches, type ServerState, SqlError } from './mysql-accounts.ts';

/** Who speaks, and in which database. */
export interface Session {
  readonly account: Account;
  database: string;
  /** Of the last statement. */
  warnings: readonly SqlError[];
}

/** An answer: rows with named columns, or that it is done. */
export type Result =
  | { readonly rows: readonly Readonly<Record<string, string | null>>[]; readonly columns: readonly string[] }
  | 'ok';

type Run = (state: ServerState, session: Session, words: readonly string[]) => Result;

const NAME = '`((?:[^`]|``)+)`';
const TEXT = "'((?:[^'\\\\]|\\\\.|'')*)'";
const USER = `${TEXT}@'%'`;

/** The statements that the sandbox's server knows; all others are a syntax error. */
const STATEMENTS: readonly (readonly [RegExp, Run])[] = [
  [/^SELECT 1$/i, () => table(['1'], [['1']])],
  [
    /^SHOW WARNINGS$/i,
    (_, { warnings }) =>
      table(
        ['Level', 'Code', 'Message'],
        warnings.map(({ errno, message }) => ['Error', String(errno), message]),
      ),
  ],
  [/^SELECT VERSION\(\)$/i, () => table(['VERSION()'], [['8.4.0-sandbox']])],
  [/^SELECT CURRENT_USER\(\)$/i, (_, { account }) => table(['CURRENT_USER()'], [[`${account.name}@%`]])],
  [/^SHOW VARIABLES LIKE 'partial_revokes'$/i, () => table(['Variable_name', 'Value'], [['partial_revokes', 'OFF']])],
  [
    /^SHOW VARIABLES LIKE 'lower_case_table_names'$/i,
    () => table(['Variable_name', 'Value'], [['lower_case_table_names', '0']]),
  ],
  [/^SHOW GRANTS$/i, (state, session) => showGrants(state, session, [session.account.name])],
  [
    /^SHOW DATABASES$/i,
    (state, { account }) =>
      table(
        ['Database'],
        visible(state, account).map((name) => [name]),
      ),
  ],
  [new RegExp(`^USE ${NAME}$`, 'i'), use],
  [
    new RegExp(
      `^SELECT DEFAULT_CHARACTER_SET_NAME AS charset FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ${TEXT}$`,
      'i',
    ),
    (state, { account }, [name = '']) =>
      table(['charset'], visible(state, account).includes(name) ? [[state.databases.get(name)?.charset ?? '']] : []),
  ],
  [
    new RegExp(`^CREATE DATABASE( IF NOT EXISTS)? ${NAME}(?: CHARACTER SET (\\w+))?(?: COLLATE (\\w+))?$`, 'i'),
    createDatabase,
  ],
  [new RegExp(`^DROP DATABASE( IF EXISTS)? ${NAME}$`, 'i'), dropDatabase],
  [new RegExp(`^SELECT Host FROM mysql.user WHERE User = ${TEXT}$`, 'i'), selectHosts],
  [new RegExp(`^CREATE USER( IF NOT EXISTS)? ${USER} IDENTIFIED BY ${TEXT}$`, 'i'), createUser],
  [new RegExp(`^ALTER USER ${USER} IDENTIFIED BY ${TEXT}$`, 'i'), alterUser],
  [new RegExp(`^DROP USER( IF EXISTS)? ${USER}$`, 'i'), dropUser],
  [new RegExp(`^SHOW GRANTS FOR ${USER}$`, 'i'), showGrants],
  [new RegExp(`^GRANT ([\\w, ]+) ON ${NAME}\\.\\* TO ${USER}$`, 'i'), grant],
  [new RegExp(`^REVOKE ([\\w, ]+) ON ${NAME}\\.\\* FROM ${USER}$`, 'i'), revoke],
  [new RegExp(`^CREATE TABLE( IF NOT EXISTS)? (?:${NAME}\\.)?${NAME} \\(.*\\)$`, 'is'), createTable],
  [new RegExp(`^INSERT INTO (?:${NAME}\\.)?${NAME} VALUES \\((.*)\\)$`, 'is'), insert],
  [new RegExp(`^SELECT \\* FROM (?:${NAME}\\.)?${NAME}$`, 'i'), selectAll],
];

/** Carries out one statement. @throws SqlError with MySQL's number and words */
export function runStatement(state: ServerState, session: Session, sql: string): Result {
  const text = sql.trim().replace(/;$/, '');
  for (const [pattern, run] of STATEMENTS) {
    const match = pattern.exec(text);
    if (match !== null)
      return run(
        state,
        session,
        match.slice(1).map((word) => unquoted(word ?? '')),
      );
  }
  throw new SqlError(1064, `You have an error in your SQL syntax; the sandbox does not know: ${text.slice(0, 60)}`);
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): Result {
  return {
    columns,
    rows: rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null]))),
  };
}

function unquoted(word: string): string {
  const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0', Z: '\x1a' };
  return word
    .replaceAll('``', '`')
    .replace(/\\(.)|''/gs, (whole, escaped: string | undefined) =>
      escaped === undefined ? "'" : whole === '\\_' || whole === '\\%' ? whole : (escapes[escaped] ?? escaped),
    );
}

function visible(state: ServerState, account: Account): string[] {
  return [...state.databases.keys()].filter((name) => reaches(account, name));
}

function requireAdmin({ account }: Session, privilege: string): void {
  if (!account.isAdmin) {
    throw new SqlError(
      1227,
      `Access denied; you need (at least one of) the ${privilege} privilege(s) for this operation`,
    );
  }
}

function databaseOf(state: ServerState, { account, database }: Session, named: string): Database {
  const name = named || database;
  if (name === '') throw new SqlError(1046, 'No database selected');
  if (!reaches(account, name))
    throw new SqlError(1044, `Access denied for user '${account.name}'@'%' to database '${name}'`);
  const found = state.databases.get(name);
  if (found === undefined) throw new SqlError(1049, `Unknown database '${name}'`);
  return found;
}

function accountOf(state: ServerState, name: string): Account {
  const account = state.accounts.get(name);
  if (account === undefined) throw new SqlError(1396, `Operation failed for '${name}'@'%'`);
  return account;
}

function use(state: ServerState, session: Session, [name = '']: readonly string[]): Result {
  session.database = databaseOf(state, session, name).name;
  return 'ok';
}

function createDatabase(
  state: ServerState,
  session: Session,
  [lenient, name = '', charset, collation]: readonly string[],
): Result {
  if (!reaches(session.account, name)) {
    throw new SqlError(1044, `Access denied for user '${session.account.name}'@'%' to database '${name}'`);
  }
  if (state.databases.has(name)) {
    if (lenient) return 'ok';
    throw new SqlError(1007, `Can't create database '${name}'; database exists`);
  }
  state.databases.set(name, {
    name,
    charset: charset || 'utf8mb4',
    collation: collation || 'utf8mb4_0900_ai_ci',
    tables: new Map(),
  });
  return 'ok';
}

function dropDatabase(state: ServerState, session: Session, [lenient, name = '']: readonly string[]): Result {
  requireAdmin(session, 'DROP');
  if (!state.databases.delete(name) && !lenient)
    throw new SqlError(1008, `Can't drop database '${name}'; database doesn't exist`);
  return 'ok';
}

function selectHosts(state: ServerState, session: Session, [name = '']: readonly string[]): Result {
  if (!session.account.isAdmin)
    throw new SqlError(1142, `SELECT command denied to user '${session.account.name}'@'%' for table 'user'`);
  // Every account is one of the host `%`.
  return table(['Host'], state.accounts.has(name) ? [['%']] : []);
}

function createUser(
  state: ServerState,
  session: Session,
  [lenient, name = '', password = '']: readonly string[],
): Result {
  requireAdmin(session, 'CREATE USER');
  if (state.accounts.has(name)) {
    if (lenient) return 'ok';
    throw new SqlError(1396, `Operation CREATE USER failed for '${name}'@'%'`);
  }
  state.accounts.set(name, { name, password, isAdmin: false, grants: new Map() });
  return 'ok';
}

function alterUser(state: ServerState, session: Session, [name = '', password = '']: readonly string[]): Result {
  requireAdmin(session, 'CREATE USER');
  accountOf(state, name).password = password;
  return 'ok';
}

function dropUser(state: ServerState, session: Session, [lenient, name = '']: readonly string[]): Result {
  requireAdmin(session, 'CREATE USER');
  if (!state.accounts.delete(name) && !lenient)
    throw new SqlError(1396, `Operation DROP USER failed for '${name}'@'%'`);
  return 'ok';
}

function showGrants(state: ServerState, session: Session, [name = '']: readonly string[]): Result {
  if (session.account.name !== name) requireAdmin(session, 'SELECT');
  const account = state.accounts.get(name);
  if (account === undefined) throw new SqlError(1141, `There is no such grant defined for user '${name}' on host '%'`);
  const lines = [...account.grants].map(
    ([pattern, privileges]) => `GRANT ${[...privileges].join(', ')} ON \`${pattern}\`.* TO \`${name}\`@\`%\``,
  );
  return table([`Grants for ${name}@%`], [[`GRANT USAGE ON *.* TO \`${name}\`@\`%\``], ...lines.map((line) => [line])]);
}

function grant(
  state: ServerState,
  session: Session,
  [privileges = '', pattern = '', name = '']: readonly string[],
): Result {
  requireAdmin(session, 'GRANT OPTION');
  const { grants } = accountOf(state, name);
  const names = privileges
    .toUpperCase()
    .split(',')
    .map((one) => one.trim().replace(/^ALL$/, 'ALL PRIVILEGES'));
  grants.set(pattern, new Set(names.includes('ALL PRIVILEGES') ? names : [...(grants.get(pattern) ?? []), ...names]));
  return 'ok';
}

function revoke(state: ServerState, session: Session, [, pattern = '', name = '']: readonly string[]): Result {
  requireAdmin(session, 'GRANT OPTION');
  accountOf(state, name).grants.delete(pattern);
  return 'ok';
}

function createTable(
  state: ServerState,
  session: Session,
  [lenient, database = '', name = '']: readonly string[],
): Result {
  const { tables } = databaseOf(state, session, database);
  if (tables.has(name) && !lenient) throw new SqlError(1050, `Table '${name}' already exists`);
  if (!tables.has(name)) tables.set(name, []);
  return 'ok';
}

function insert(
  state: ServerState,
  session: Session,
  [database = '', name = '', values = '']: readonly string[],
): Result {
  rowsOf(state, session, database, name).push([values]);
  return 'ok';
}

function selectAll(state: ServerState, session: Session, [database = '', name = '']: readonly string[]): Result {
  return table(['values'], rowsOf(state, session, database, name));
}

function rowsOf(state: ServerState, session: Session, database: string, name: string): string[][] {
  const found = databaseOf(state, session, database);
  const rows = found.tables.get(name);
  if (rows === undefined) throw new SqlError(1146, `Table '${found.name}.${name}' doesn't exist`);
  return rows;
}
