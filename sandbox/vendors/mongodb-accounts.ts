import { setTimeout as delay } from 'node:timers/promises';
import { MongoClient, MongoServerError } from 'mongodb';
import type { Admin } from '../databases/mysql.ts';

/** A server that a vendor's stand-in makes users on. */
export interface Server {
  readonly host: string;
  readonly port: number;
  /** Whether the stand-in's own connection is by TLS; without it not. */
  readonly tls?: boolean;
  /** Authority of the server's certificate, PEM. */
  readonly ca?: string;
}

/** A role of MongoDB, in the form of its commands. */
export interface MongodbRole {
  readonly role: string;
  readonly db: string;
}

/** Codes of https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml; 51003 has no name there. */
const USER_NOT_FOUND = 11;
const USER_EXISTS = 51003;

/** Users of `admin` on a MongoDB server, made by its own commands. Changes can come about later, in their order. */
export class MongodbAccounts {
  readonly #client: MongoClient;
  readonly #stopping = new AbortController();
  readonly #failures: unknown[] = [];
  /** The last change of each user, by name. */
  readonly #last = new Map<string, Promise<void>>();
  #pending = 0;

  constructor({ host, port, tls = false, ca }: Server, { adminUser, adminPassword }: Admin) {
    const authority = host.includes(':') ? `[${host}]` : host;
    this.#client = new MongoClient(`mongodb://${authority}:${port}/`, {
      auth: { username: adminUser, password: adminPassword },
      authSource: 'admin',
      directConnection: true,
      serverSelectionTimeoutMS: 5_000,
      tls,
      ...(ca === undefined ? {} : { ca }),
    });
  }

  /** Changes that have not come about yet. */
  get pending(): number {
    return this.#pending;
  }

  /** Makes a user, or gives the one that is there this password and these roles. */
  async put(name: string, password: string, roles: readonly MongodbRole[], delayMs: number): Promise<void> {
    await this.#change(name, delayMs, async () => {
      const fields = { pwd: password, roles: roles.map(({ role, db }) => ({ role, db })) };
      try {
        await this.#command({ createUser: name, ...fields });
      } catch (error) {
        if (!hasCode(error, USER_EXISTS)) throw error;
        await this.#command({ updateUser: name, ...fields });
      }
    });
  }

  /** Changes what is given of a user. */
  async update(
    name: string,
    {
      password,
      roles,
    }: { readonly password?: string | undefined; readonly roles?: readonly MongodbRole[] | undefined },
    delayMs: number,
  ): Promise<void> {
    await this.#change(name, delayMs, async () => {
      await this.#command({
        updateUser: name,
        ...(password === undefined ? {} : { pwd: password }),
        ...(roles === undefined ? {} : { roles: roles.map(({ role, db }) => ({ role, db })) }),
      });
    });
  }

  /** Removes a user, if it exists. */
  async drop(name: string, delayMs: number): Promise<void> {
    await this.#change(name, delayMs, async () => {
      try {
        await this.#command({ dropUser: name });
      } catch (error) {
        if (!hasCode(error, USER_NOT_FOUND)) throw error;
      }
    });
  }

  /** Drops a database, if it exists. */
  async dropDatabase(name: string): Promise<void> {
    await this.#client.db(name).dropDatabase();
  }

  /** Forgets changes that have not come about. @throws AggregateError if a delayed one failed */
  async close(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#last.values());
    await this.#client.close();
    if (this.#failures.length > 0) throw new AggregateError(this.#failures, 'delayed changes of users failed');
  }

  async #command(command: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#client.db('admin').command(command);
  }

  /** Does the work now and waits for it, or later and does not. */
  async #change(name: string, delayMs: number, work: () => Promise<void>): Promise<void> {
    this.#pending += 1;
    const done = this.#afterLast(name, delayMs, work).finally(() => {
      this.#pending -= 1;
    });
    this.#last.set(name, done);
    if (delayMs <= 0) {
      await done;
      return;
    }
    done.catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) this.#failures.push(error);
    });
  }

  async #afterLast(name: string, delayMs: number, work: () => Promise<void>): Promise<void> {
    const last = this.#last.get(name);
    const signal = this.#stopping.signal;
    if (delayMs > 0) await delay(delayMs, undefined, { signal });
    // The caller of a failed change has its error; the next change must not wait for it.
    if (last !== undefined) await Promise.allSettled([last]);
    signal.throwIfAborted();
    await work();
  }
}

function hasCode(error: unknown, code: number): boolean {
  return error instanceof MongoServerError && error.code === code;
}
