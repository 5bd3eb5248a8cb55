import type { AtlasBehaviour } from './atlas-behaviour.ts';
import { AtlasError } from './atlas-errors.ts';
import type { AtlasRole, AtlasScope, NewAtlasUser, UserChange, UserNames } from './atlas-operations.ts';
import type { Answer } from './http-api.ts';
import type { MongodbAccounts, MongodbRole } from './mongodb-accounts.ts';

export interface AtlasUser {
  readonly roles: readonly AtlasRole[];
  readonly scopes: readonly AtlasScope[];
  readonly password: string;
}

/** Users of a project (schema CloudDatabaseUser), which are made on the server of its cluster too. */
export class AtlasUsers {
  readonly held = new Map<string, AtlasUser>();
  /** When the last change was asked for, in milliseconds since 1970. */
  changedAt = 0;
  readonly #groupId: string;
  readonly #clusterName: string;
  readonly #accounts: MongodbAccounts;
  readonly #behaviour: AtlasBehaviour;

  constructor(groupId: string, clusterName: string, accounts: MongodbAccounts, behaviour: AtlasBehaviour) {
    this.#groupId = groupId;
    this.#clusterName = clusterName;
    this.#accounts = accounts;
    this.#behaviour = behaviour;
  }

  /** Whether changes have not come about on the server yet. */
  get isPending(): boolean {
    return this.#accounts.pending > 0;
  }

  async add(wanted: NewAtlasUser): Promise<Answer> {
    const { username, password, roles, scopes = [] } = wanted;
    this.#checkNames(wanted, username);
    if (this.held.has(username)) {
      const detail = `The user ${username} already exists on database admin.`;
      throw new AtlasError(409, this.#behaviour.existingErrorCode, detail, { parameters: [username] });
    }
    const { userLimit, limitStatus, limitErrorCode } = this.#behaviour;
    if (this.held.size >= userLimit) {
      throw new AtlasError(limitStatus, limitErrorCode, `The project has its ${userLimit} database users already.`);
    }
    const user = { password, roles, scopes };
    await this.set(username, user, this.#behaviour.propagationMs);
    return { status: 201, body: this.#describe(username, user) };
  }

  get(databaseName: string, username: string): Answer {
    return { status: 200, body: this.#describe(username, this.#find(databaseName, username, 'USERNAME_NOT_FOUND')) };
  }

  async update(databaseName: string, username: string, change: UserChange): Promise<Answer> {
    // The code for this is not in the document; that of GET is taken.
    const user = this.#find(databaseName, username, 'USERNAME_NOT_FOUND');
    this.#checkNames(change, username);
    const { password = user.password, roles = user.roles, scopes = user.scopes } = change;
    const changed = { password, roles, scopes };
    await this.set(username, changed, this.#behaviour.propagationMs);
    return { status: 200, body: this.#describe(username, changed) };
  }

  async remove(databaseName: string, username: string): Promise<Answer> {
    this.#find(databaseName, username, 'USER_NOT_FOUND');
    this.changedAt = Date.now();
    await this.#accounts.drop(username, this.#behaviour.propagationMs);
    this.held.delete(username);
    return { status: 204 };
  }

  /** Holds a user, and brings the server to it: scopes that name other clusters only keep the user off it. */
  async set(username: string, user: AtlasUser, delayMs: number): Promise<void> {
    this.changedAt = Date.now();
    this.held.set(username, user);
    const isHere =
      user.scopes.length === 0 ||
      user.scopes.some(({ name, type }) => type === 'CLUSTER' && name === this.#clusterName);
    if (isHere) await this.#accounts.put(username, user.password, user.roles.map(roleOf), delayMs);
    else await this.#accounts.drop(username, delayMs);
  }

  #find(databaseName: string, username: string, errorCode: string): AtlasUser {
    const user = databaseName === 'admin' ? this.held.get(username) : undefined;
    if (user !== undefined) return user;
    throw new AtlasError(404, errorCode, `No user with username ${username} exists.`, { parameters: [username] });
  }

  #checkNames(names: UserNames, username: string): void {
    const isSame = (names.groupId ?? this.#groupId) === this.#groupId && (names.username ?? username) === username;
    if (!isSame) throw new AtlasError(400, 'INVALID_ATTRIBUTE', 'groupId or username is not that of the path.');
  }

  #describe(username: string, { roles, scopes }: AtlasUser): object {
    return {
      awsIAMType: 'NONE',
      databaseName: 'admin',
      ...(this.#behaviour.deletedAt === undefined ? {} : { deleteAfterDate: this.#behaviour.deletedAt }),
      groupId: this.#groupId,
      labels: [],
      ldapAuthType: 'NONE',
      links: [],
      oidcAuthType: 'NONE',
      roles,
      scopes,
      username,
      x509Type: 'NONE',
    };
  }
}

/** `atlasAdmin` exists on Atlas only; the nearest on another server is root. */
function roleOf({ databaseName, roleName }: AtlasRole): MongodbRole {
  return { role: roleName === 'atlasAdmin' ? 'root' : roleName, db: databaseName };
}
