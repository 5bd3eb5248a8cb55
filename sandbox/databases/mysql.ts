import type { Socket } from 'node:net';
import { type Connection, createConnection } from 'mysql2';
import { acceptConnections, type Listening } from '../listening.ts';
import { type Account, provesPassword, type ServerState, SqlError } from './mysql-accounts.ts';
import { runStatement, type Session } from './mysql-statements.ts';

export interface Admin {
  readonly adminUser: string;
  readonly adminPassword: string;
}

/** What the server offers: the 4.1 protocol, long passwords, databases at login, the native password plugin; no TLS. */
const CAPABILITIES = 0x0000_0001 | 0x0000_0008 | 0x0000_0200 | 0x0000_2000 | 0x0000_8000 | 0x0008_0000;
const UTF8MB4 = 45;
const VAR_STRING = 253;
const ACCESS_DENIED = 1045;

/** Why a statement is refused before it is done, where a test has the server be unwell. */
type Refusal = (sql: string) => SqlError | undefined;

/**
 * Starts a MySQL server of the sandbox: mysql2's protocol, passwords that are really checked, and the few statements that
 * provisioning and looking at its result take. State is in memory.
 */
export async function startMysql(
  { adminUser, adminPassword }: Admin,
  refusal: Refusal = () => undefined,
): Promise<Listening> {
  const admin: Account = { name: adminUser, password: adminPassword, isAdmin: true, grants: new Map() };
  const state: ServerState = { accounts: new Map([[adminUser, admin]]), databases: new Map() };
  let connections = 0;
  return await acceptConnections((socket) => {
    connections += 1;
    serve(state, socket, connections, refusal);
  });
}

/** What a client answers to the challenge; mysql2 has no type for it. */
interface Handshake {
  readonly user: string;
  readonly database?: string;
  readonly authPluginData1: Buffer;
  readonly authPluginData2: Buffer;
  readonly authToken?: Buffer;
}

type Answered = (error: null, refusal?: { message: string; code: number }) => void;

function serve(state: ServerState, socket: Socket, connectionId: number, refusal: Refusal): void {
  const connection = createConnection({ stream: socket, isServer: true });
  let session: Session | undefined;
  connection.on('error', () => socket.destroy());
  connection.serverHandshake({
    protocolVersion: 10,
    serverVersion: '8.4.0-sandbox',
    connectionId,
    statusFlags: 2,
    characterSet: UTF8MB4,
    capabilityFlags: CAPABILITIES,
    authCallback: (handshake: Handshake, answered: Answered) => {
      try {
        session = login(state, handshake);
        answered(null);
        // Each command begins a sequence of packets of its own.
        connection.sequenceId = 0;
      } catch (error) {
        answered(null, { message: messageOf(error), code: error instanceof SqlError ? error.errno : 1105 });
      }
    },
  });
  const statement = (sql: string) => session && answer(connection, state, session, sql, refusal(sql));
  connection.on('query', statement);
  // mysql2 takes SET for a prepared statement; session variables change nothing here.
  connection.on('stmt_prepare', () => {
    connection.sequenceId = 1;
    connection.writeOk();
    connection.sequenceId = 0;
  });
  connection.on('init_db', (name: string) => statement(`USE \`${name}\``));
}

function login(
  state: ServerState,
  { user, database, authPluginData1, authPluginData2, authToken }: Handshake,
): Session {
  const account = state.accounts.get(user);
  const seed = Buffer.concat([authPluginData1, authPluginData2]);
  if (account === undefined || !provesPassword(account.password, seed, authToken)) {
    const using = authToken === undefined || authToken.length === 0 ? 'NO' : 'YES';
    throw new SqlError(ACCESS_DENIED, `Access denied for user '${user}'@'127.0.0.1' (using password: ${using})`);
  }
  const session: Session = { account, database: '', warnings: [] };
  if (database) runStatement(state, session, `USE \`${database}\``);
  return session;
}

function answer(
  connection: Connection,
  state: ServerState,
  session: Session,
  sql: string,
  refused: SqlError | undefined,
): void {
  connection.sequenceId = 1;
  try {
    if (refused !== undefined) throw refused;
    const result = runStatement(state, session, sql);
    if (result === 'ok') connection.writeOk({ affectedRows: 0 });
    else connection.writeTextResult([...result.rows], result.columns.map(column));
  } catch (error) {
    session.warnings = error instanceof SqlError ? [...error.reasons, error] : [];
    connection.writeError({ message: messageOf(error), code: error instanceof SqlError ? error.errno : 1105 });
  }
  connection.sequenceId = 0;
}

function column(name: string) {
  return {
    catalog: 'def',
    schema: '',
    table: '',
    orgTable: '',
    name,
    orgName: name,
    characterSet: UTF8MB4,
    columnLength: 4096,
    columnType: VAR_STRING,
    type: VAR_STRING,
    flags: 0,
    decimals: 0,
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
