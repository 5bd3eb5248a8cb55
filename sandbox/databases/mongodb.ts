import { Binary, type Document, Long, ObjectId } from 'bson';
import { acceptConnections, type Listening } from '../listening.ts';
import { isAllowed, MongoError, type Need, rolesIn, type User } from './mongodb-users.ts';
import { serveCommands } from './mongodb-wire.ts';
import type { Admin } from './mysql.ts';
import { type Mechanism, ScramConversation } from './scram.ts';

/** A refusal of a command; undefined: none. */
type MongodbFault = (command: Document) => { readonly code: number; readonly codeName: string } | undefined;

export interface MongodbServer extends Listening {
  /** Each is asked for every command, before the server does it. */
  readonly faults: MongodbFault[];
}

/** What the server holds. */
interface State {
  /** By `database.name`. */
  readonly users: Map<string, User>;
  /** Documents by `database.collection`. */
  readonly collections: Map<string, Document[]>;
  /** The replica set of which it is the primary. */
  readonly replicaSet: ReplicaSet | undefined;
}

interface ReplicaSet {
  readonly name: string;
  /** `host:port` of the only member, as it calls itself. */
  readonly host: string;
}

/** One connection: who it is logged in as. */
interface Session {
  user: User | undefined;
  conversation: ScramConversation | undefined;
}

/** Why a command is refused before it is done, where a test has the server be unwell. */
type Refusal = (command: Document) => MongoError | undefined;

/**
 * Starts a MongoDB server of the sandbox: the wire protocol of a standalone 8.0, SCRAM logins that are really checked,
 * users with roles that are enforced, and the few commands that provisioning and looking at its result take.
 */
export async function startMongodb(
  { adminUser, adminPassword }: Admin,
  refusal: Refusal = () => undefined,
  replicaSet?: ReplicaSet,
): Promise<MongodbServer> {
  const admin: User = { name: adminUser, db: 'admin', password: adminPassword, roles: [{ role: 'root', db: 'admin' }] };
  const state: State = { users: new Map([[`admin.${adminUser}`, admin]]), collections: new Map(), replicaSet };
  const faults: MongodbFault[] = [];
  const listening = await acceptConnections((socket) => {
    const session: Session = { user: undefined, conversation: undefined };
    serveCommands(socket, (command) => {
      const refused = faults.map((fault) => fault(command)).find((refusal) => refusal !== undefined);
      if (refused !== undefined) return { ok: 0, errmsg: 'the sandbox refuses it', ...refused };
      try {
        const refused = refusal(command);
        if (refused !== undefined) throw refused;
        return { ...run(state, session, command), ok: 1 };
      } catch (error) {
        if (!(error instanceof MongoError)) throw error;
        return { ok: 0, errmsg: error.message, code: error.code, codeName: error.codeName };
      }
    });
  });
  return Object.assign(listening, { faults });
}

type Command = (state: State, session: Session, command: Document, database: string) => Document;

/** Commands by name, with what they need of the user's roles in their database; those without need no login. */
const COMMANDS: Readonly<Record<string, readonly [Need | undefined, Command]>> = {
  hello: [undefined, hello],
  ismaster: [undefined, hello],
  isMaster: [undefined, hello],
  ping: [undefined, () => ({})],
  buildInfo: [undefined, () => ({ version: '8.0.0', versionArray: [8, 0, 0, 0] })],
  endSessions: [undefined, () => ({})],
  saslStart: [undefined, saslStart],
  saslContinue: [undefined, saslContinue],
  connectionStatus: [undefined, connectionStatus],
  createUser: ['users', createUser],
  updateUser: ['users', updateUser],
  grantRolesToUser: ['users', grantRoles],
  revokeRolesFromUser: ['users', revokeRoles],
  dropUser: ['users', dropUser],
  usersInfo: ['users', usersInfo],
  listDatabases: ['administer', listDatabases],
  listCollections: ['list', listCollections],
  create: ['write', create],
  insert: ['write', insert],
  find: ['read', find],
  drop: ['write', drop],
  dropDatabase: ['administer', dropDatabase],
};

function run(state: State, session: Session, command: Document): Document {
  const [name = ''] = Object.keys(command);
  const database = String(command.$db ?? 'admin');
  const [need, work] = COMMANDS[name] ?? [];
  if (work === undefined) throw new MongoError(59, 'CommandNotFound', `no such command: '${name}'`);
  if (need !== undefined && !isAllowed(session.user, need, database)) {
    throw new MongoError(
      13,
      'Unauthorized',
      session.user === undefined
        ? `Command ${name} requires authentication`
        : `not authorized on ${database} to execute command { ${name} }`,
    );
  }
  return work(state, session, command, database);
}

function hello(state: State, session: Session, command: Document): Document {
  const speculative = command.speculativeAuthenticate;
  const mechanisms = typeof command.saslSupportedMechs === 'string' && {
    saslSupportedMechs: ['SCRAM-SHA-256', 'SCRAM-SHA-1'],
  };
  return {
    isWritablePrimary: true,
    ismaster: true,
    helloOk: true,
    maxBsonObjectSize: 16_777_216,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    minWireVersion: 0,
    maxWireVersion: 25,
    readOnly: false,
    ...mechanisms,
    ...(state.replicaSet && {
      setName: state.replicaSet.name,
      hosts: [state.replicaSet.host],
      me: state.replicaSet.host,
      primary: state.replicaSet.host,
    }),
    ...(speculative ? { speculativeAuthenticate: saslStart(state, session, speculative, String(speculative.db)) } : {}),
  };
}

function saslStart(state: State, session: Session, command: Document, database: string): Document {
  const mechanism: Mechanism = command.mechanism === 'SCRAM-SHA-1' ? 'SCRAM-SHA-1' : 'SCRAM-SHA-256';
  const passwordOf = (user: string) => state.users.get(`${database}.${user}`)?.password;
  session.conversation = new ScramConversation(mechanism, textOf(command.payload), passwordOf);
  session.user = undefined;
  return { conversationId: 1, done: false, payload: new Binary(Buffer.from(session.conversation.serverFirst)) };
}

function saslContinue(state: State, session: Session, command: Document, database: string): Document {
  const { conversation } = session;
  const payload = textOf(command.payload);
  if (payload === '') return { conversationId: 1, done: true, payload: new Binary(Buffer.alloc(0)) };
  const final = conversation?.finish(payload);
  session.user = final === undefined ? undefined : state.users.get(`${database}.${conversation?.user}`);
  if (final === undefined || session.user === undefined) {
    throw new MongoError(18, 'AuthenticationFailed', 'Authentication failed.');
  }
  return { conversationId: 1, done: true, payload: new Binary(Buffer.from(final)) };
}

function connectionStatus(_: State, { user }: Session): Document {
  const who = user === undefined ? [] : [{ user: user.name, db: user.db }];
  return { authInfo: { authenticatedUsers: who, authenticatedUserRoles: user?.roles ?? [] } };
}

function createUser(state: State, _: Session, command: Document, db: string): Document {
  const name = String(command.createUser);
  if (state.users.has(`${db}.${name}`))
    throw new MongoError(51003, 'Location51003', `User "${name}@${db}" already exists`);
  state.users.set(`${db}.${name}`, { name, db, password: String(command.pwd), roles: rolesIn(command.roles, db) });
  return {};
}

function userOf(state: State, db: string, name: string): User {
  const user = state.users.get(`${db}.${name}`);
  if (user === undefined) throw new MongoError(11, 'UserNotFound', `Could not find user "${name}" for db "${db}"`);
  return user;
}

function updateUser(state: State, _: Session, command: Document, db: string): Document {
  const user = userOf(state, db, String(command.updateUser));
  if (command.pwd !== undefined) user.password = String(command.pwd);
  if (command.roles !== undefined) user.roles = rolesIn(command.roles, db);
  return {};
}

function grantRoles(state: State, _: Session, command: Document, db: string): Document {
  const user = userOf(state, db, String(command.grantRolesToUser));
  user.roles = [...user.roles, ...rolesIn(command.roles, db)];
  return {};
}

function revokeRoles(state: State, _: Session, command: Document, db: string): Document {
  const user = userOf(state, db, String(command.revokeRolesFromUser));
  const revoked = rolesIn(command.roles, db);
  user.roles = user.roles.filter((held) => !revoked.some(({ role, db: at }) => role === held.role && at === held.db));
  return {};
}

function dropUser(state: State, _: Session, command: Document, db: string): Document {
  const { name } = userOf(state, db, String(command.dropUser));
  state.users.delete(`${db}.${name}`);
  return {};
}

function usersInfo(state: State, _: Session, command: Document, database: string): Document {
  const asked = command.usersInfo;
  const name = typeof asked === 'string' ? asked : String(asked?.user ?? '');
  const db = typeof asked === 'object' ? String(asked?.db ?? database) : database;
  const found = [...state.users.values()].filter((user) => user.db === db && (asked === 1 || user.name === name));
  return {
    users: found.map((user) => ({ _id: `${user.db}.${user.name}`, user: user.name, db: user.db, roles: user.roles })),
  };
}

function listDatabases({ collections }: State): Document {
  const names = new Set([...collections.keys()].map((key) => key.split('.')[0]));
  return { databases: [...names].map((name) => ({ name, sizeOnDisk: 0, empty: false })), totalSize: 0 };
}

function listCollections({ collections }: State, _: Session, __: Document, database: string): Document {
  const names = [...collections.keys()]
    .filter((key) => key.startsWith(`${database}.`))
    .map((key) => key.slice(database.length + 1));
  return cursor(
    `${database}.$cmd.listCollections`,
    names.map((name) => ({ name, type: 'collection' })),
  );
}

function create({ collections }: State, _: Session, command: Document, database: string): Document {
  const key = `${database}.${command.create}`;
  if (!collections.has(key)) collections.set(key, []);
  return {};
}

function insert({ collections }: State, _: Session, command: Document, database: string): Document {
  const key = `${database}.${command.insert}`;
  const documents: Document[] = command.documents ?? [];
  collections.set(key, [
    ...(collections.get(key) ?? []),
    ...documents.map((document) => ({ _id: new ObjectId(), ...document })),
  ]);
  return { n: documents.length };
}

/** By equality of texts and numbers only. */
function find({ collections }: State, _: Session, command: Document, database: string): Document {
  const key = `${database}.${command.find}`;
  const filter = Object.entries(command.filter ?? {});
  const found = (collections.get(key) ?? []).filter((document) =>
    filter.every(([field, value]) => document[field] === value),
  );
  return cursor(key, found);
}

/** A system collection is dropped by no role of a database's users. */
function drop({ collections }: State, { user }: Session, command: Document, database: string): Document {
  const key = `${database}.${command.drop}`;
  const isSystem = String(command.drop).startsWith('system.');
  if (isSystem && !isAllowed(user, 'administer', database)) {
    throw new MongoError(13, 'Unauthorized', `not authorized on ${database} to execute command { drop }`);
  }
  if (!collections.delete(key)) throw new MongoError(26, 'NamespaceNotFound', 'ns not found');
  return { ns: key };
}

function dropDatabase({ collections }: State, _: Session, __: Document, database: string): Document {
  const keys = [...collections.keys()].filter((key) => key.startsWith(`${database}.`));
  for (const key of keys) collections.delete(key);
  return keys.length === 0 ? {} : { dropped: database };
}

function cursor(ns: string, firstBatch: Document[]): Document {
  return { cursor: { id: Long.ZERO, ns, firstBatch } };
}

function textOf(payload: unknown): string {
  if (payload instanceof Binary) return Buffer.from(payload.buffer).toString('utf8');
  return Buffer.isBuffer(payload) ? payload.toString('utf8') : '';
}
