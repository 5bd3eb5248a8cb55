import type { AccessKey } from '../core/settings.ts';

/** Everything that is known of an instance once its config.yml is complete: plain data, ready for the cluster. */
export interface Instance {
  /** Also the name of its namespace and of its directory. */
  readonly name: string;
  readonly mysql: MysqlDatabase;
  readonly mongodb: MongodbDatabases;
  readonly storage: Bucket;
}

/** Where it is; what is undefined, the vendor's API tells the workflow, and the workflow tells us. */
interface Place {
  readonly host: string | undefined;
  readonly port: number | undefined;
}

export interface MysqlDatabase extends Place {
  readonly database: string;
  readonly username: string;
  readonly password: string;
}

export interface MongodbDatabases extends Place {
  readonly database: string;
  readonly forumDatabase: string;
  readonly username: string;
  /** Undefined where the vendor's API chooses it and config.yml has none yet. */
  readonly password: string | undefined;
  /** Database that the instance's user is made in and logs in against. */
  readonly authSource: string;
  /** Empty: the server decides (SCRAM-SHA-256 where it can). */
  readonly authMechanism: string;
  readonly replicaSet: string;
  /** Undefined where config.yml does not say and the vendor's API does. */
  readonly useSsl: boolean | undefined;
}

export interface Bucket {
  readonly name: string;
  readonly type: 's3' | 'spaces';
  readonly region: string;
  /** Without one it is AWS. */
  readonly endpointUrl: string | undefined;
  readonly accessKey: AccessKey;
  /** Origins from which a browser may read and write objects: those of the LMS and the CMS. */
  readonly corsOrigins: readonly string[];
}
