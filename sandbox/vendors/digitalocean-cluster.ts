import { setTimeout as delay } from 'node:timers/promises';
import type { Admin } from '../databases/mysql.ts';
import { DigitaloceanError } from './digitalocean-errors.ts';
import type { UserSettings } from './digitalocean-operations.ts';
import type { Answer } from './http-api.ts';
import { MongodbAccounts, type Server } from './mongodb-accounts.ts';

/** A cluster that the API manages. */
export interface ClusterOptions {
  /** UUID. */
  readonly id: string;
  readonly engine: 'mongodb' | 'mysql';
  readonly server: Server;
  /** Host of `connection`; without it the server's. */
  readonly publicHost?: string;
  /** Host of `private_connection`; without it the server's. */
  readonly privateHost?: string;
  readonly admin: Admin;
  /** Certificate of the authority, PEM; without it GET …/ca answers 404. */
  readonly ca?: string;
  /** `connection.ssl`: whether clients connect by TLS. */
  readonly ssl: boolean;
  readonly replicaSet?: string;
  /** Whether the URI is of the scheme mongodb+srv. */
  readonly srv?: boolean;
}

/** A user that the API holds. */
export interface ManagedUser {
  readonly name: string;
  readonly role: 'primary' | 'normal';
  settings: UserSettings | undefined;
  /** Milliseconds since 1970 from which reading shows it. */
  readonly seenFrom: number;
}

/** What the API holds of a cluster. */
export class Cluster {
  readonly options: ClusterOptions;
  readonly dbs: Set<string>;
  readonly users = new Map<string, ManagedUser>();
  /** Users on the server; undefined for MySQL, where the stand-in makes none. */
  readonly accounts: MongodbAccounts | undefined;
  /** Whether a user or a database is being made or removed. */
  isBusy = false;

  constructor(options: ClusterOptions) {
    const { engine, server, admin } = options;
    this.options = options;
    this.dbs = new Set(engine === 'mysql' ? ['defaultdb'] : []);
    this.accounts = engine === 'mongodb' ? new MongodbAccounts(server, admin) : undefined;
    this.users.set(admin.adminUser, { name: admin.adminUser, role: 'primary', settings: undefined, seenFrom: 0 });
  }
}

/**
 * Does work that makes or removes a user or a database, alone. What the vendor says to what comes meanwhile is not in
 * its document; that a client must not do two at a time is (digitalocean/terraform-provider-digitalocean#493, #1038).
 *
 * @throws DigitaloceanError 422 while another is in progress
 */
export async function alone(cluster: Cluster, atLeastMs: number, work: () => Promise<Answer>): Promise<Answer> {
  if (cluster.isBusy) throw new DigitaloceanError(422, 'cluster is busy');
  cluster.isBusy = true;
  try {
    const [answer] = await Promise.all([work(), delay(atLeastMs)]);
    return answer;
  } finally {
    cluster.isBusy = false;
  }
}
