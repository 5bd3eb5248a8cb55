/** Everything that is known of an instance once its config.yml is complete: plain data, ready for the cluster. */
export interface Instance {
  /** Also the name of its namespace and of its directory. */
  readonly name: string;
  readonly mysql: MysqlDatabase;
  readonly mongodb: MongodbDatabases;
  readonly storage: Bucket;
}

export interface MysqlDatabase {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  readonly password: string;
}

export interface MongodbDatabases {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly forumDatabase: string;
  readonly username: string;
  readonly password: string;
  /** Database that the instance's user is made in and logs in against. */
  readonly authSource: string;
  /** Empty: the server decides (SCRAM-SHA-256 where it can). */
  readonly authMechanism: string;
  readonly replicaSet: string;
  readonly useSsl: boolean;
}

export interface Bucket {
  readonly name: string;
  readonly type: 's3' | 'spaces';
  readonly region: string;
  /** Without one it is AWS. */
  readonly endpointUrl: string | undefined;
}
