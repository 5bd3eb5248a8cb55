import type { AccessKey } from '../core/settings.ts';

/** An instance whose config.yml is complete. */
export interface Instance {
  /** Also the name of its namespace and of its directory. */
  readonly name: string;
  readonly mysql: MysqlDatabase;
  readonly mongodb: MongodbDatabases;
  readonly storage: Bucket;
}

/** The names of an instance's databases, users and bucket. */
export interface ResourceNames {
  readonly mysqlDatabase: string;
  readonly mysqlUser: string;
  readonly mongodbDatabase: string;
  readonly forumDatabase: string;
  readonly mongodbUser: string;
  readonly bucket: string;
}

export function resourceNames({ mysql, mongodb, storage }: Instance): ResourceNames {
  return {
    mysqlDatabase: mysql.database,
    mysqlUser: mysql.username,
    mongodbDatabase: mongodb.database,
    forumDatabase: mongodb.forumDatabase,
    mongodbUser: mongodb.username,
    bucket: storage.name,
  };
}

/** The place of a server; undefined: the vendor's API reports it to the workflow, and the workflow to us. */
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
  /** Database in which the instance's user is created and logs in. */
  readonly authSource: string;
  /** Empty: the server chooses (SCRAM-SHA-256 if it can). */
  readonly authMechanism: string;
  readonly replicaSet: string;
  /** Undefined where only the vendor's API or the server knows it. */
  readonly useSsl: boolean | undefined;
}

export interface Bucket {
  readonly name: string;
  readonly type: 's3' | 'spaces';
  readonly region: string;
  /** Undefined: AWS. */
  readonly endpointUrl: string | undefined;
  readonly accessKey: AccessKey;
  /** Origins from which a browser may read and write objects: those of its pages. */
  readonly corsOrigins: readonly string[];
}
